/// The script's course: it listens to the server and shows the newest snapshot.
///
/// A hidden page draws nothing, since its browser may share the machine with the run.
enum LiveScript {
    static let script = #"""
        // The record that the address names; without a name the page follows the newest.
        const chosen = new URLSearchParams(location.search).get("name");
        let snapshot = null;
        let records = null;
        let chosenWriting = null;
        // By series, how many trials are on the screen already.
        let shown = new Map();
        let isStale = false;

        const section = (id, isThere) => {
          find(id).hidden = !isThere;
          return find(id);
        };
        const list = (place, items) =>
          place.replaceChildren(...items.map((item) => element("li", {}, ...[item].flat())));

        function looksOf(state, isGood) {
          return state === "finished" ? (isGood ? "good" : "bad")
            : state === "refused" ? "bad" : state;
        }
        const stateText = (one) => one.standing ?? (one.state === "refused" ? "unreadable" : one.state);

        function drawHead() {
          const looks = looksOf(snapshot.state, snapshot.isGood);
          find("state").className = `state ${looks}`;
          find("state").lastElementChild.textContent = stateText(snapshot);
          find("name").textContent = snapshot.name;
          // A number and its percent sign stay on one line.
          find("sentence").textContent = snapshot.sentence.replaceAll(" %", "\u00a0%");
          document.title = `${stateText(snapshot)} – ${snapshot.name}`;
          list(find("reasons"), snapshot.reasons);
          const progress = section("progress", snapshot.progress);
          if (snapshot.progress) {
            const { fraction, text } = snapshot.progress;
            const track = progress.querySelector(".track");
            track.setAttribute("aria-valuenow", Math.round(100 * fraction));
            track.firstElementChild.style.width = `${100 * fraction}%`;
            progress.querySelector("p").textContent = text;
          }
          const isDone = snapshot.state === "finished";
          section("whole", isDone).href = `report?name=${encodeURIComponent(snapshot.file ?? "")}`;
          section("follow", chosen !== null);
        }

        function drawCharts() {
          const { trials, speedups } = snapshot;
          const hasSpeedups = speedups.length > 1;
          section("speedups", hasSpeedups);
          const trialsPart = section("trials", trials.length);
          if (trials.length) drawTrials(trialsPart, trials, shown);
          if (hasSpeedups) drawSpeedups(find("speedups"), speedups);
        }

        function draw() {
          drawHead();
          find("figures").replaceChildren(...snapshot.figures.map((figure) =>
            element("div", { class: "key" }, element("span", { class: "what" }, figure.name),
              element("strong", {}, figure.value),
              figure.fraction === undefined ? null : meter(figure.fraction),
              element("span", { class: "reference" }, figure.reference))));
          drawCharts();
          shown = new Map(snapshot.trials.map((one) => [one.name, one.count]));
          const { ratios, bars, faults, faultCount, clusters, warnings } = snapshot;
          const ratioPart = section("ratios", ratios.length);
          if (ratios.length) ratioPart.querySelector(".rows").replaceChildren(...ratioRows(ratios));
          section("bars", bars.length).querySelector(".rows").replaceChildren(...bars.map(barRow));
          const faultPart = section("faults", faultCount);
          faultPart.querySelector("h2").textContent = counted(faultCount, "fault");
          list(faultPart.querySelector("ul"), faults.map((fault) =>
            [element("span", {}, fault.place), fault.reason]));
          const clusterPart = section("clusters", clusters.length);
          clusterPart.querySelector(".legend").replaceChildren(
            ...partNames.map((name, part) => sign(partColors[part], name)));
          clusterPart.querySelector(".grid").replaceChildren(...clusters.map(clusterCard));
          list(section("warnings", warnings.length).querySelector("ul"), warnings);
          const about = [...snapshot.lines, snapshot.host,
            snapshot.started ? `Started ${snapshot.started.replace("T", " ").replace("Z", " UTC")}` : ""];
          section("about", snapshot.command).replaceChildren(
            ...about.filter(Boolean).map((line) => element("p", {}, line)),
            element("p", {}, element("code", {}, snapshot.command)));
          drawAge();
          isStale = false;
        }

        function drawAge() {
          const written = snapshot?.writtenMilliseconds;
          if (!written) {
            find("age").textContent = "";
            return;
          }
          const passed = Date.now() - written;
          const isOpen = snapshot.state === "measuring" || snapshot.state === "waiting";
          const isLate = isOpen && passed > 120000;
          find("age").textContent =
            `${snapshot.state === "waiting" ? "Reserved" : "Written"} ${age(passed)} ago.`
            + (isLate ? " Perhaps the run was killed, or one round takes long." : "");
        }

        function drawRecords() {
          const part = section("records", records.isFolder && records.records.length);
          const now = Date.now();
          list(part.querySelector("ul"), records.records.map((record) => element("a", {
            href: `?name=${encodeURIComponent(record.name)}`,
            "aria-current": record.name === snapshot?.file ? "true" : null,
            class: looksOf(record.state, record.isGood),
          }, element("i", { title: stateText(record) }), element("b", {}, record.title),
          element("small", {},
            [record.kind, `${age(now - record.writtenMilliseconds)} ago`].filter(Boolean).join(" · ")),
          element("em", {}, record.sentence))));
          part.querySelector("p").textContent =
            records.olderCount ? `${records.olderCount} older in ${records.place}` : "";
        }

        /** Draws now, or when somebody looks. */
        function show() {
          if (document.hidden) {
            isStale = true;
            return;
          }
          if (snapshot) draw();
          if (records) drawRecords();
        }

        /** Takes the chosen record again if it was written since. */
        async function takeChosen() {
          const line = records.records.find((record) => record.name === chosen);
          if (line && line.writtenMilliseconds === chosenWriting) return;
          const answer = await fetch(`record?name=${encodeURIComponent(chosen)}`);
          if (answer.ok) {
            snapshot = await answer.json();
            chosenWriting = line?.writtenMilliseconds;
          } else if (!snapshot) {
            find("name").textContent = chosen;
            find("sentence").textContent = await answer.text();
            section("follow", true);
          }
          show();
        }

        const events = new EventSource("events");
        events.onopen = () => { find("offline").hidden = true; };
        events.onerror = () => { find("offline").hidden = false; };
        events.addEventListener("record", (event) => {
          if (chosen !== null) return;
          const next = JSON.parse(event.data);
          // Another record begins without trials on the screen.
          if (next.file !== snapshot?.file) shown = new Map();
          snapshot = next;
          show();
        });
        events.addEventListener("records", (event) => {
          records = JSON.parse(event.data);
          if (chosen !== null) takeChosen();
          show();
        });
        document.addEventListener("visibilitychange", () => { if (isStale) show(); });
        setInterval(() => { if (!document.hidden) drawAge(); }, 1000);
        let width = innerWidth;
        addEventListener("resize", () => {
          if (innerWidth === width || !snapshot) return;
          width = innerWidth;
          drawCharts();
        });
        """#
}
