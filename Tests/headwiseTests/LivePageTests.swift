import Files
import Record
import TestSupport
import Testing

/// The page of `headwise-live` in a real browser, while the test rewrites the record.
@Suite(.enabled(if: HeadlessBrowser.path != nil, "there is no Chromium on the PATH"))
struct LivePageTests {
    /// The number of trials that the chart shows of a configuration, or -1.
    private static func trials(_ name: String) -> String {
        "+(document.querySelector('[data-series=\"\(name)\"]')?.dataset.count ?? -1)"
    }

    @Test func `points, faults and the verdict appear as they are written`() throws {
        let folder = try TemporaryFolder()
        let serving = try LiveServing(folder.path, in: folder)
        let browser = try HeadlessBrowser(in: folder)
        try browser.visit("http://127.0.0.1:\(serving.port)/")
        let waiting = "document.getElementById('state').classList.contains('waiting')"
        _ = try browser.value(of: "1", once: "\(waiting) && document.title.includes('waiting')")

        try folder.put(try .growingSweep(1), as: "r.json")
        let finished = try RunRecord.finishedSweep()
        let counts = finished.points.map(\.samples.count)
        let one = try browser.value(
            of: "[\(Self.trials("1 worker")), \(Self.trials("2 workers"))]",
            once: "\(Self.trials("1 worker")) > 0"
        )
        #expect(one == .list([.number(Double(counts[0])), .number(-1)]))

        var faulty = try RunRecord.growingSweep(2)
        faulty.points[1].faults = [
            Fault(worker: 1, shard: 3, reason: "<b>killed</b> by signal 9", trial: 7)
        ]
        try folder.put(faulty, as: "r.json")
        let both = try browser.value(
            of: "document.querySelector('#faults li').textContent",
            once: "\(Self.trials("2 workers")) === \(counts[1])"
        )
        // What a record says is text, never markup.
        #expect(both.text?.contains("<b>killed</b> by signal 9") == true)
        let workers = try browser.value(
            of: "document.querySelectorAll('#clusters [data-worker]').length",
            once: "true"
        )
        #expect(workers.number == Double(finished.points.reduce(0) { $0 + $1.workers }))

        try folder.put(finished, as: "r.json")
        let page = try browser.value(
            of: """
                [document.getElementById('sentence').textContent.replaceAll('\\u00a0', ' '),
                 document.getElementById('whole').getAttribute('href'),
                 document.getElementById('faults').hidden]
                """,
            once: "document.title.startsWith('\(finished.standing)')"
        )
        #expect(
            page
                == .list([
                    .text(finished.sentence), .text("report?name=r.json"), .boolean(true),
                ])
        )
    }

    @Test func `every configuration has a look of its own`() throws {
        let folder = try TemporaryFolder()
        var record = try RunRecord.finishedSweep()
        let base = try #require(record.baseCases.last)
        record.baseCases += (3...9).map { threads in
            BaseCase(
                threads: threads,
                samplesNanoseconds: base.samplesNanoseconds,
                summary: base.summary,
                gigaflopsPerSecond: nil,
                fractionOfPeak: nil
            )
        }
        try folder.put(record, as: "r.json")
        let serving = try LiveServing(folder.path, in: folder)
        let browser = try HeadlessBrowser(in: folder)
        try browser.visit("http://127.0.0.1:\(serving.port)/")
        let looks = try browser.value(
            of: """
                [...document.querySelectorAll('#trials .legend i')]
                  .map((sign) => sign.className + sign.style.background)
                """,
            once: "\(Self.trials("1 worker")) > 0"
        )
        let found = try #require(looks.list).compactMap(\.text)
        #expect(found.count == record.baseCases.count + record.points.count)
        #expect(Set(found).count == found.count, "\(found)")
    }

    @Test func `a chosen record stays, and the list shows what is newer`() throws {
        let folder = try TemporaryFolder()
        try folder.put(try .finishedSweep(), as: "old.json")
        let serving = try LiveServing(folder.path, in: folder)
        let browser = try HeadlessBrowser(in: folder)
        try browser.visit("http://127.0.0.1:\(serving.port)/?name=old.json")
        _ = try browser.value(of: "1", once: "\(Self.trials("2 workers")) > 0")
        try folder.put(try .growingSweep(1), as: "new.json")
        let seen = try browser.value(
            of: """
                [document.getElementById('name').textContent,
                 document.querySelector('.records a[aria-current]').getAttribute('href'),
                 document.getElementById('follow').hidden]
                """,
            once: "document.querySelectorAll('.records li').length === 2"
        )
        #expect(seen == .list([.text("old"), .text("?name=old.json"), .boolean(false)]))
    }

    @Test(arguments: [("kernel-suite", "bars"), ("compare-builds", "ratios")])
    func `other kinds of record are drawn, too`(_ name: String, _ part: String) throws {
        let folder = try TemporaryFolder()
        let bytes = try OpenFile.contents(of: PackageFolder.record(name), limit: 1 << 28)
        try folder.write("r.json", bytes)
        let count =
            part == "bars"
            ? try KernelRecord.read(folder.file("r.json")).rows.count
            : try CompareRecord.read(folder.file("r.json")).points.flatMap(\.statistics).count
        let serving = try LiveServing(folder.path, in: folder)
        let browser = try HeadlessBrowser(in: folder)
        try browser.visit("http://127.0.0.1:\(serving.port)/")
        // What is drawn last has been drawn.
        let rows = try browser.value(
            of: "document.querySelectorAll('#\(part) .row').length",
            once: "!document.getElementById('about').hidden"
        )
        #expect(rows.number == Double(count))
    }

    @Test func `the page says that the server is gone`() throws {
        let folder = try TemporaryFolder()
        try folder.put(try .finishedSweep(), as: "r.json")
        let serving = try LiveServing(folder.path, in: folder)
        let browser = try HeadlessBrowser(in: folder)
        try browser.visit("http://127.0.0.1:\(serving.port)/")
        _ = try browser.value(of: "1", once: "\(Self.trials("1 worker")) > 0")
        #expect(serving.interrupt().kind == .exited(0))
        _ = try browser.value(of: "1", once: "!document.getElementById('offline').hidden")
    }
}
