/// The script's charts: every trial, and the speedup by worker count, drawn as SVG in the browser.
///
/// The server computes no picture, because it shares the machine with the run.
enum LiveCharts {
    static let script = #"""
        const clusterColors = ["blue", "orange", "green", "purple", "sky", "vermilion"]
          .map((name) => `var(--${name})`);
        const referenceColors = ["ink", "grey"].map((name) => `var(--${name})`);
        // With more series than colours, colours come again with another mark and another line.
        const marks = ["disc", "square", "triangle", "diamond", "down"];
        const dashes = ["", "9 3", "2 3", "9 3 2 3", "5 5"];

        /** About `count` round numbers from `low` to `high`. */
        function roundSteps(low, high, count) {
          const rough = (high - low) / Math.max(count, 1);
          const power = 10 ** Math.floor(Math.log10(rough));
          const step = [1, 2, 5, 10].map((digit) => digit * power)
            .find((candidate) => candidate >= rough * 0.999);
          const steps = [];
          for (let number = Math.ceil(low / step - 1e-9); number * step <= high * (1 + 1e-9);) {
            steps.push(number++ * step);
          }
          return steps;
        }
        /** 1, 2, 5, 10, … from `low` to `high`. */
        function powerSteps(low, high) {
          const steps = [];
          for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) {
            for (const digit of [1, 2, 5]) {
              const step = digit * 10 ** power;
              if (step >= low && step <= high) steps.push(step);
            }
          }
          return steps;
        }
        const plain = (value) => `${Number(value.toPrecision(6))}`;

        /** Moves labels apart that would overlap; those are sorted from top to bottom. */
        function spread(labels, gap, bottom) {
          labels.sort((one, other) => one.y - other.y);
          for (let index = 1; index < labels.length; index++) {
            labels[index].y = Math.max(labels[index].y, labels[index - 1].y + gap);
          }
          let limit = bottom;
          for (let index = labels.length - 1; index >= 0; index--) {
            labels[index].y = Math.min(labels[index].y, limit);
            limit = labels[index].y - gap;
          }
        }

        /** Of each series its colour, its mark and the dashes of its line: no two of thirty are alike. */
        function signsOf(series) {
          const clusterCount = series.filter((one) => !one.isReference).length;
          let [references, clusters] = [0, 0];
          return series.map((one) => {
            const place = one.isReference ? references++ : clusters++;
            if (one.isReference && place < referenceColors.length) {
              return { color: referenceColors[place], mark: marks[0], dash: dashes[0] };
            }
            // More references have what the clusters leave.
            const own = one.isReference ? clusterCount + place - referenceColors.length : place;
            const turn = Math.floor(own / clusterColors.length) % marks.length;
            return { color: clusterColors[own % clusterColors.length], mark: marks[turn],
              dash: dashes[turn] };
          });
        }
        function markAt(kind, x, y, r, isFresh) {
          const [left, right, up, down] = [x - r, x + r, y - r, y + r].map((at) => at.toFixed(1));
          const [middle, level] = [x.toFixed(1), y.toFixed(1)];
          const corners = {
            square: [[left, up], [right, up], [right, down], [left, down]],
            triangle: [[middle, up], [right, down], [left, down]],
            diamond: [[middle, up], [right, level], [middle, down], [left, level]],
            down: [[left, up], [right, up], [middle, down]],
          }[kind];
          const shared = { class: isFresh ? "fresh" : null };
          return corners
            ? shape("polygon", { ...shared, points: corners.map((corner) => corner.join()).join(" ") })
            : shape("circle", { ...shared, r, cx: middle, cy: level });
        }

        const chartHeight = () => innerWidth < 640 ? 260 : 330;
        function canvas(chart, height, label) {
          const width = Math.max(chart.clientWidth, 240);
          const svg = shape("svg", {
            viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": label,
          });
          chart.replaceChildren(svg);
          return { svg, width };
        }
        function guide(svg, x1, x2, y, text) {
          svg.append(shape("line", { class: "guide", x1, x2, y1: y, y2: y }),
            shape("text", { x: x1 - 8, y: y + 4, "text-anchor": "end" }, text));
        }

        /** `shown` has, by series, how many trials the page showed before. */
        function drawTrials(section, series, shown) {
          const signs = signsOf(series);
          const chart = section.querySelector(".chart");
          const isNarrow = chart.clientWidth < 560;
          const height = chartHeight();
          const { svg, width } = canvas(chart, height, "The time of every trial");
          const box = { left: 44, right: width - (isNarrow ? 8 : 150), top: 24, bottom: height - 34 };
          const times = series.flatMap((one) => [...one.milliseconds, one.medianMilliseconds]);
          const [low, high] = [Math.min(...times), Math.max(...times)];
          // On a linear scale fast configurations would lie on one another.
          const isLog = low > 0 && high / low > 6;
          const unit = timeUnit(high);
          const [from, to] = isLog ? [low / 1.15, high * 1.15] : [0, high * 1.08 || 1];
          const place = isLog
            ? (value) => Math.log(value / from) / Math.log(to / from)
            : (value) => value / to;
          const y = (value) => box.bottom - place(value) * (box.bottom - box.top);
          const last = Math.max(1, ...series.map((one) => one.count));
          const x = (trial) => box.left + (trial + 0.5) / last * (box.right - box.left);
          const steps = isLog ? powerSteps(from / unit.of, to / unit.of)
            : roundSteps(0, to / unit.of, 5);
          for (const step of steps) guide(svg, box.left, box.right, y(step * unit.of), plain(step));
          svg.append(shape("text", { x: 0, y: 12 },
            `${unit.name} per trial${isLog ? ", logarithmic" : ""}`));
          for (const step of roundSteps(0, last, isNarrow ? 4 : 8)) {
            if (step % 1 !== 0 || step < 1) continue;
            svg.append(shape("text", { x: x(step - 1), y: height - 16, "text-anchor": "middle" },
              plain(step)));
          }
          svg.append(shape("text", { x: (box.left + box.right) / 2, y: height - 1,
            "text-anchor": "middle" }, "trial"));
          const labels = series.map((one, index) => {
            const { color, mark, dash } = signs[index];
            const dots = shape("g", { fill: color, "fill-opacity": 0.55,
              "data-series": one.name, "data-count": one.count });
            const known = shown.get(one.name) ?? one.count;
            one.trials.forEach((trial, at) => dots.append(markAt(mark, x(trial),
              y(one.milliseconds[at]), last > 150 ? 2 : 3, trial >= known)));
            const level = y(one.medianMilliseconds);
            svg.append(dots, shape("line", { x1: box.left, x2: box.right, y1: level, y2: level,
              stroke: color, "stroke-width": 1.5, "stroke-dasharray": dash || null }));
            return { y: level, one, color, mark };
          });
          const words = (one) => `${one.name} ${time(one.medianMilliseconds)}`;
          section.querySelector(".legend").replaceChildren(...series.map((one, index) =>
            sign(signs[index].color, isNarrow ? words(one)
              : `${one.name}, ${counted(one.count, "trial")}`, signs[index].mark)));
          if (isNarrow) return;
          spread(labels, 30, box.bottom - 12);
          for (const label of labels) {
            // Letters of light colours could not be read.
            const own = shape("g", { fill: label.color });
            own.append(markAt(label.mark, box.right + 13, label.y - 6, 4, false));
            svg.append(
              own, shape("text", { x: box.right + 22, y: label.y - 2 }, label.one.name),
              shape("text", { class: "value", x: box.right + 22, y: label.y + 12 },
                time(label.one.medianMilliseconds)));
          }
        }

        function drawSpeedups(section, speedups) {
          const chart = section.querySelector(".chart");
          const height = chartHeight();
          const { svg, width } = canvas(chart, height, "Speedup by worker count");
          const box = { left: 34, right: width - 14, top: 24, bottom: height - 34 };
          const high = 1.08 * Math.max(...speedups.flatMap((point) =>
            [point.threads, point.value, point.singleProcess ?? 0]));
          const y = (value) => box.bottom - value / high * (box.bottom - box.top);
          const x = (index) => box.left + (index + 0.5) / speedups.length * (box.right - box.left);
          for (const step of roundSteps(0, high, 5)) guide(svg, box.left, box.right, y(step), plain(step));
          svg.append(shape("text", { x: 0, y: 12 }, "times as fast"));
          const line = (values, attributes) => svg.append(shape("polyline", { fill: "none",
            points: values.map((value, index) => `${x(index)},${y(value)}`).join(" "),
            ...attributes }));
          line(speedups.map((point) => point.threads),
            { stroke: "var(--grey)", "stroke-dasharray": "5 4", "stroke-width": 1.5 });
          line(speedups.map((point) => point.value),
            { stroke: clusterColors[0], "stroke-width": 2.5, "stroke-linejoin": "round" });
          speedups.forEach((point, index) => {
            if (point.singleProcess !== undefined) {
              svg.append(shape("circle", { cx: x(index), cy: y(point.singleProcess), r: 5,
                fill: "var(--card)", stroke: "var(--ink)", "stroke-width": 1.5 }));
            }
            const isLow = y(point.value) > box.bottom - 30;
            svg.append(
              shape("circle", { cx: x(index), cy: y(point.value), r: 5, fill: clusterColors[0],
                "data-workers": point.workers, "data-speedup": point.value }),
              shape("text", { class: "value", x: x(index), "text-anchor": "middle",
                y: y(point.value) + (isLow ? -10 : 20) }, significant(point.value)),
              shape("text", { x: x(index), y: height - 16, "text-anchor": "middle" },
                plain(point.workers)));
          });
          svg.append(shape("text", { x: (box.left + box.right) / 2, y: height - 1,
            "text-anchor": "middle" }, "workers"));
          section.querySelector(".legend").replaceChildren(...[
            sign(clusterColors[0], "cluster"),
            speedups.some((point) => point.singleProcess !== undefined)
              ? sign("var(--ink)", "one process, as many threads", "ring") : null,
            sign("var(--grey)", "ideal", "dash"),
          ].filter(Boolean));
        }
        """#
}
