import Files
import FoundationEssentials
import Record
import Statistics
import TestSupport
import Testing

/// What `history` lists of a folder, by the real program.
struct HistoryTests {
    /// Writes a record of a minute that took `factor` times as long as a real one.
    private static func write(
        _ name: String,
        minute: Int,
        factor: UInt64 = 1,
        in folder: borrowing TemporaryFolder,
        _ change: (inout RunRecord) -> Void = { _ in }
    ) throws {
        var record = try RunRecord.read(PackageFolder.record("scale-8x8x1024x64"))
        record.started = "2025-11-21T01:0\(minute):00Z"
        record.analysis = nil
        for point in record.points.indices {
            for sample in record.points[point].samples.indices {
                record.points[point].samples[sample].wallNanoseconds *= factor
            }
            let samples = record.points[point].samples.map {
                ReplicateSample(
                    nanoseconds: Double($0.wallNanoseconds),
                    replicate: $0.replicate ?? 0
                )
            }
            record.points[point].summary = PointSummary(
                wall: try #require(SampleSummary(samples)),
                speedup: nil,
                efficiency: nil,
                speedupOverThreads: nil,
                gigaflopsPerSecond: nil
            )
        }
        change(&record)
        try folder.write(name, try JSONText.encode(record))
    }

    /// A folder with two runs of one plan, the second slower, and what else lies in such folders.
    private static func fill(_ folder: borrowing TemporaryFolder) throws {
        try write("results/b.json", minute: 1, in: folder)
        try write("results/a.json", minute: 2, factor: 4, in: folder)
        try write("results/killed.json", minute: 3, factor: 8, in: folder) { record in
            (record.verdict, record.exitCode) = (nil, nil)
        }
        let kernel = try Data(
            contentsOf: URL(filePath: PackageFolder.record("kernel-avx512-8-heads"))
        )
        try folder.write("results/kernel.json", Array(kernel))
        try folder.write("results/plan.json", #"{"schema": "headwise.plan/1"}"#)
        try folder.write(
            "results/script.json",
            #"{"schema": "headwise.script/1", "about": "something"}"#
        )
        try folder.write("results/half.json", #"{"schema": "headwise.run/1", "plan": {"#)
        try folder.write("results/notes.txt", "mine")
    }

    private func history(
        _ words: [String],
        in folder: borrowing TemporaryFolder,
        environment: [String: String] = [:]
    ) throws -> Ending {
        try Headwise.run(["history"] + words, in: folder, environment: environment)
    }

    @Test func `every record is listed by time, and every other file is named`() throws {
        let folder = try TemporaryFolder()
        try Self.fill(folder)
        let ending = try history(["--format", "json"], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errors.isEmpty, ending.summary)
        let found = try JSONValue(ending.outputBytes)
        let entries = try #require(found["entries"]?.list)
        let names = ["b", "a", "killed"].map { "results/\($0).json" }
        let runs = entries.filter { $0["kind"] == .text("scale") }
        #expect(runs.compactMap { $0["path"]?.text } == names)
        #expect(entries.count == 4)
        #expect(runs[1]["change.verdict"] == .text("slower"))
        #expect(runs[1]["change.since"] == .text(names[0]))
        #expect(runs[2]["standing"] == .text("UNFINISHED"))
        #expect(runs[2]["change"] == nil)
        let unread = try #require(found["unread"]?.list).compactMap { $0["path"]?.text }
        #expect(unread == ["results/half.json", "results/plan.json"])
        // The table says the same to people.
        let table = try history([], in: folder)
        #expect(table.kind == .exited(0), table.summary)
        for part in [
            "slower", "UNFINISHED", "half.json", "plan.json", "headwise.plan/1", "▁", "killed",
        ] {
            #expect(table.output.contains(part), table.summary)
        }
        #expect(!table.output.contains("notes.txt"), table.summary)
        // What a script measured is nothing that a history could miss.
        #expect(!table.output.contains("script.json"), table.summary)
    }

    @Test(arguments: [("markdown", "|"), ("csv", "schema,started,path")])
    func `other formats hold every record`(_ format: String, _ sign: String) throws {
        let folder = try TemporaryFolder()
        try Self.fill(folder)
        let ending = try history(["results", "--format", format], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.output.contains(sign), ending.summary)
        for name in ["a", "b", "killed", "kernel"] {
            #expect(ending.output.contains("\(name)"), ending.summary)
        }
    }

    @Test(arguments: [
        (["--kind", "kernel"], ["kernel"]), (["--last", "2"], ["killed", "kernel"]),
        (["--plan", "1024 × 1024, D 64, workers"], ["b", "a", "killed"]),
        (["--plan", "WORKERS 1", "--last", "2"], ["a", "killed"]),
        (["results/a.json", "results/b.json"], ["b", "a"]),
        (["results", "results/"], ["kernel", "b", "a", "killed"]),
    ])
    func `flags choose records, and the change stays`(_ words: [String], _ names: [String]) throws {
        let folder = try TemporaryFolder()
        try Self.fill(folder)
        let ending = try history(words + ["--format", "json"], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        let entries = try #require(try JSONValue(ending.outputBytes)["entries"]?.list)
        let found = entries.compactMap { entry -> String? in
            entry["path"]?.text.map { $0.split(separator: "/").last?.dropLast(5) ?? "" }
                .map(String.init)
        }
        #expect(Set(found) == Set(names), ending.summary)
        for entry in entries where entry["path"]?.text?.hasSuffix("/a.json") == true {
            #expect(entry["change.verdict"] == .text("slower"), ending.summary)
        }
    }

    @Test func `the last records are listed with the trends of all`() throws {
        let folder = try TemporaryFolder()
        for minute in 1...4 {
            try Self.write(
                "results/r\(minute).json",
                minute: minute,
                factor: UInt64(minute),
                in: folder
            )
        }
        func trend(_ words: [String]) throws -> String {
            let ending = try history(words, in: folder)
            #expect(ending.kind == .exited(0), ending.summary)
            let line = try #require(
                ending.output.split(separator: "\n").first { $0.hasPrefix("r4 ") }
            )
            return line.filter { "▁▂▃▄▅▆▇█".contains($0) }
        }
        #expect(try trend([]).count == 4)
        #expect(try trend(["--last", "1"]) == trend([]))
        let ending = try history(["--last", "1", "--format", "json"], in: folder)
        let found = try JSONValue(ending.outputBytes)
        #expect(found["entries"]?.list?.count == 1)
        #expect(found["earlier"]?.list?.count == 3)
        try folder.write("h.json", ending.outputBytes)
        // The plot has a row of numbers for each record.
        let page = try Headwise.run(["report", "h.json", "-o", "h.html"], in: folder)
        #expect(page.kind == .exited(0), page.summary)
        let text = String(decoding: try folder.bytes("h.html"), as: UTF8.self)
        #expect(text.contains(">r1<"))
    }

    @Test func `a host is named by its name, its fingerprint, or this`() throws {
        let folder = try TemporaryFolder()
        try Self.write("results/a.json", minute: 1, in: folder) { $0.host.hostName = "anvil" }
        let record = try RunRecord.read(folder.file("results/a.json"))
        for host in ["anvil", String(record.host.fingerprint.prefix(5))] {
            let ending = try history(["--host", host], in: folder)
            #expect(ending.kind == .exited(0), ending.summary)
        }
        let other = try history(["--host", "bellows"], in: folder)
        #expect(other.kind == .exited(64), other.summary)
        expectOneSentence(other, naming: ["--host bellows"])
    }

    @Test func `a page is written beside the table, and read again from its own JSON`() throws {
        let folder = try TemporaryFolder()
        try Self.fill(folder)
        let ending = try history(["--report", "page.html"], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        let page = String(decoding: try folder.bytes("page.html"), as: UTF8.self)
        #expect(page.contains("<svg") && page.contains("killed"), ending.summary)
        let stored = try Headwise.runShell(
            "headwise history --format json > h.json && headwise report h.json -o h.html",
            in: folder
        )
        #expect(stored.kind == .exited(0), stored.summary)
        #expect(String(decoding: try folder.bytes("h.html"), as: UTF8.self).contains("killed"))
        let again = try history(["--report", "page.html"], in: folder)
        #expect(again.kind == .exited(40), again.summary)
        expectOneSentence(again, naming: ["page.html"])
    }

    @Test(arguments: [
        BadInput("history", code: 40, names: "results"),
        BadInput("history nowhere", code: 40, names: "nowhere"),
        BadInput("history @full", code: 40, names: "full", files: ["full/a.txt": [65]]),
        BadInput(
            "history @full",
            names: "full",
            "headwise.run/1",
            files: ["full/a.json": Array("{}".utf8)]
        ),
        BadInput(
            "history @full",
            names: "headwise.plan/1",
            files: ["full/a.json": Array(#"{"schema": "headwise.plan/1"}"#.utf8)]
        ),
        BadInput(
            "history @full",
            names: "headwise.script/1",
            files: ["full/a.json": Array(#"{"schema": "headwise.script/1", "about": "x"}"#.utf8)]
        ),
        BadInput("history --kind runs", names: "--kind", "scale", "verify"),
        BadInput("history --kind run,", names: "--kind"),
        BadInput("history --last 0", names: "--last"),
        BadInput("history --plan=", names: "--plan"),
        BadInput("history --report -", names: "--report"),
        BadInput("history --kind map", names: "map", "run, scale, kernel, wire, compare, verify"),
    ])
    func `a folder without records and a wrong flag are refused`(_ input: BadInput) throws {
        try input.check()
    }
}
