/// The page's elements, which the script fills.
enum LiveMarkup {
    static let body = """
        <div id="offline" class="offline" role="alert" hidden>The server does not answer; the page \
        asks again every second.</div>
        <main>
        <header>
        <p class="top"><span class="brand">headwise <b>live</b></span>\
        <span id="state" class="state waiting"><i></i><span>waiting</span></span></p>
        <p id="name" class="name"></p>
        <h1 id="sentence" aria-live="polite">Waiting for the server.</h1>
        <ul id="reasons" class="reasons"></ul>
        <div id="progress" class="progress" hidden>
        <div class="track" role="progressbar" aria-valuemin="0" aria-valuemax="100"><span></span></div>
        <p></p>
        </div>
        <p class="actions"><a id="whole" class="button" hidden>The whole page</a>\
        <a id="follow" class="button" href="?" hidden>Follow the newest</a>\
        <span id="age" class="quiet"></span></p>
        </header>
        <section id="figures" class="figures"></section>
        <div class="columns">
        <section id="trials" class="card wide" hidden>
        <h2>Every trial</h2>
        <p class="legend"></p>
        <div class="chart"></div>
        </section>
        <section id="speedups" class="card" hidden>
        <h2>Speedup over one thread</h2>
        <p class="legend"></p>
        <div class="chart"></div>
        </section>
        </div>
        <section id="ratios" class="card" hidden>
        <h2>B’s time over A’s</h2>
        <div class="rows"></div>
        <p class="quiet">The band is what counts as no difference.</p>
        </section>
        <section id="bars" class="card" hidden>
        <h2>What of the nearest roof is reached</h2>
        <div class="rows"></div>
        </section>
        <section id="faults" class="card faulty" hidden>
        <h2>Faults</h2>
        <ul></ul>
        </section>
        <section id="clusters" hidden>
        <h2>What the workers’ time goes to</h2>
        <p class="legend"></p>
        <p class="quiet">Thick: all trials so far. Thin: the last trial.</p>
        <div class="grid"></div>
        </section>
        <section id="warnings" hidden>
        <h2>Reasons to trust the figures less</h2>
        <ul></ul>
        </section>
        <section id="about" class="about" hidden></section>
        <section id="records" hidden>
        <h2>Records</h2>
        <ul class="records"></ul>
        <p class="quiet"></p>
        </section>
        </main>
        """
}
