import Report

/// The script's smallest parts: elements, numbers, and the rows that need no axes.
///
/// Words of a record become text only, never markup.
enum LiveElements {
    /// In the order of a snapshot's shares.
    private static let parts = TimePart.allCases

    static let script = #"""
        const find = (id) => document.getElementById(id);

        function make(space, tag, attributes, children) {
          const made = space ? document.createElementNS(space, tag) : document.createElement(tag);
          for (const [name, value] of Object.entries(attributes)) {
            if (value !== undefined && value !== null) made.setAttribute(name, value);
          }
          made.append(...children.filter((child) => child !== null && child !== undefined));
          return made;
        }
        const element = (tag, attributes = {}, ...children) =>
          make(null, tag, attributes, children);
        const shape = (tag, attributes = {}, ...children) =>
          make("http://www.w3.org/2000/svg", tag, attributes, children);

        /** A bar that a part of is filled. */
        function meter(fraction) {
          const filled = element("span");
          filled.style.width = `${100 * fraction}%`;
          return element("span", { class: "meter" }, filled);
        }

        /** Three significant digits, as the tables have them. */
        function significant(value) {
          const size = Math.abs(value);
          return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
        }
        const percent = (fraction) => `${(100 * fraction).toFixed(0)} %`;
        const counted = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

        function timeUnit(milliseconds) {
          if (milliseconds >= 999.5) return { name: "s", of: 1000 };
          return milliseconds >= 0.9995 ? { name: "ms", of: 1 } : { name: "µs", of: 0.001 };
        }
        function time(milliseconds) {
          const unit = timeUnit(milliseconds);
          return `${significant(milliseconds / unit.of)} ${unit.name}`;
        }
        function age(milliseconds) {
          const seconds = Math.max(0, Math.round(milliseconds / 1000));
          if (seconds < 90) return `${seconds} s`;
          if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
          if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
          return `${Math.round(seconds / 86400)} days`;
        }

        /** An entry of a legend; `looks` is `ring`, `dash`, a mark of the chart or nothing. */
        function sign(color, text, looks = "") {
          const mark = element("i", { class: looks });
          mark.style.background = color;
          mark.style.borderColor = color;
          return element("span", {}, mark, text);
        }

        const partNames = [\#(parts.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))];
        const partColors = [\#(parts.map { "\"var(\($0.color.variable))\"" }.joined(separator: ", "))];

        function stack(shares, kind = "") {
          const bar = element("div", { class: `stack ${kind}` });
          shares.forEach((share, part) => {
            const piece = element("span", { title: `${partNames[part]} ${percent(share)}` });
            piece.style.width = `${100 * share}%`;
            piece.style.background = partColors[part];
            bar.append(piece);
          });
          return bar;
        }

        /** One of many has room for few words. */
        function workerRow(worker, isOneOfMany) {
          const words = [];
          if (isOneOfMany) {
            words.push(worker.shares.length ? percent(worker.shares[0]) : "",
              counted(worker.lastShards, "shard"));
            return workerElement(worker, words);
          }
          if (worker.shares.length) words.push(`computing ${percent(worker.shares[0])}`);
          words.push(`${counted(worker.lastShards, "shard")} in the last trial`);
          if (Math.abs(worker.meanShards - worker.lastShards) >= 0.05) {
            words.push(`${significant(worker.meanShards)} on average`);
          }
          if (worker.offCore >= 0.005) words.push(`${percent(worker.offCore)} off its core`);
          return workerElement(worker, words);
        }
        function workerElement(worker, words) {
          return element("div", { class: "worker", "data-worker": worker.worker },
            element("b", { title: `worker ${worker.worker}` }, `${worker.worker}`),
            stack(worker.shares), stack(worker.lastShares, "last"),
            element("p", {}, words.join(" · ")));
        }

        function clusterCard(cluster) {
          const lines = [element("h3", {}, cluster.name),
            element("p", { class: "quiet" }, cluster.facts.join(" · "))];
          const isLarge = cluster.workers.length > 6;
          const kind = `cluster ${isLarge ? "many" : ""} ${cluster.isGood ? "" : "bad"}`;
          return element("article", { class: kind }, ...lines,
            ...cluster.workers.map((worker) => workerRow(worker, isLarge)));
        }

        function barRow(bar) {
          return element("div", { class: bar.isGood ? "row" : "row bad" },
            element("span", { class: "name" }, bar.name),
            bar.fraction === undefined ? element("span") : meter(bar.fraction),
            element("span", { class: "value" }, bar.value,
              element("small", {}, bar.isGood ? bar.reference : "the output is wrong")));
        }

        /** Ratios around 1; all rows have one scale. */
        function ratioRows(ratios) {
          const reach = 1.25 * Math.max(...ratios.flatMap((row) =>
            [row.ratio, row.lower ?? row.ratio, row.upper ?? row.ratio, 1 + row.threshold]
              .map((value) => Math.abs(value - 1))));
          const place = (value) => 50 + 50 * Math.max(-1, Math.min(1, (value - 1) / reach));
          return ratios.map((row) => {
            const scale = element("div", { class: "scale" });
            const put = (kind, from, to) => {
              const mark = element("span", { class: kind });
              mark.style.left = `${place(from)}%`;
              if (to !== undefined) mark.style.width = `${place(to) - place(from)}%`;
              scale.append(mark);
            };
            put("band", 1 - row.threshold, 1 + row.threshold);
            put("one", 1);
            if (row.lower !== undefined) put("reach", row.lower, row.upper);
            put("spot", row.ratio);
            return element("div", { class: "row" },
              element("span", { class: "name" }, row.name), scale,
              element("span", { class: "value" }, row.ratio.toFixed(3),
                element("small", {}, row.verdict ?? "so far")));
          });
        }
        """#
}
