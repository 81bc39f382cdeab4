import Files
import Record
import Statistics
import TestSupport
import Testing

/// Stored records and baselines, by the real program.
struct CompareRecordsTests {
    /// Writes the record of a real run with other replicates and `factor` seconds for each trial.
    private static func write(
        _ name: String,
        factor: Double = 1,
        replicates: Int = 3,
        in folder: borrowing TemporaryFolder
    ) throws {
        if try !folder.names.contains("base.json") {
            let ending = try Headwise.run(
                ["run", "--record", "base.json", "--quiet", "--replicates", "1"] + smallProblem
                    + fewTrials,
                in: folder
            )
            try #require(ending.kind == .exited(0), ending.summary)
        }
        var record = try RunRecord.read(folder.file("base.json"))
        let workers = record.points[0].samples[0].workers
        record.points[0].samples = (0..<replicates * 4).map { trial in
            TrialSample(
                trial: trial,
                replicate: trial % replicates,
                wallNanoseconds: UInt64(factor * 1e9) + UInt64(trial),
                workers: workers
            )
        }
        let walls = record.points[0].samples.map(\.wallNanoseconds)
        record.points[0].summary = PointSummary(
            wall: try #require(SampleSummary(nanoseconds: walls)),
            speedup: nil,
            efficiency: nil,
            speedupOverThreads: nil,
            gigaflopsPerSecond: nil
        )
        try folder.write(name, try JSONText.encode(record))
    }

    @Test func `a flag without effect on records is refused`() throws {
        let folder = try TemporaryFolder()
        try Self.write("a.json", in: folder)
        try Self.write("b.json", factor: 1.5, in: folder)
        for flags in [
            ["b.json", "--replicates", "5"], ["b.json", "--budget", "3"],
            ["b.json", "--seed", "4"],
            ["--baseline", "--as-plans"], ["--save-baseline", "--as-plans"],
        ] {
            let ending = try Headwise.run(["compare", "a.json"] + flags, in: folder)
            #expect(ending.kind == .exited(64), ending.summary)
            expectOneSentence(ending, naming: [flags[0] == "b.json" ? flags[1] : "--as-plans"])
        }
    }

    @Test(arguments: [(1.0, 0), (1.5, 20), (0.5, 0)] as [(Double, Int32)])
    func `two records are compared by their replicates`(factor: Double, code: Int32) throws {
        let folder = try TemporaryFolder()
        try Self.write("a.json", factor: 0.9999, in: folder)
        try Self.write("b.json", factor: factor, in: folder)
        let ending = try Headwise.run(
            ["compare", "a.json", "b.json", "--record", "c.json"],
            in: folder
        )
        #expect(ending.kind == .exited(code), ending.summary)
        let record = try JSONValue(file: folder.file("c.json"))
        #expect(record["form"] == .text("records"))
        #expect(record["exitCode"]?.number == Double(code))
        let verdict = factor > 1 ? "slower" : factor < 1 ? "faster" : "same"
        #expect(record["points[0].statistics[0].comparison.verdict"] == .text(verdict))
        let sentence = try #require(record["verdict.sentence"]?.text)
        #expect(!sentence.isEmpty)
        #expect(ending.output.contains(verdict), ending.summary)
    }

    @Test func `a copy of a record is refused as the same record`() throws {
        let folder = try TemporaryFolder()
        try Self.write("a.json", in: folder)
        try folder.write("copy.json", folder.bytes("a.json"))
        for line in [
            "compare a.json a.json", "compare a.json ./a.json", "compare a.json copy.json",
        ] {
            let ending = try Headwise.run(line.split(separator: " ").map(String.init), in: folder)
            #expect(ending.kind == .exited(64), ending.summary)
            expectOneSentence(ending, naming: ["--as-plans"])
            #expect(ending.output.isEmpty)
        }
        #expect(try folder.names == ["a.json", "base.json", "copy.json"])
    }

    @Test func `record and CSV hold both times of every ratio`() throws {
        let folder = try TemporaryFolder()
        try Self.write("a.json", in: folder)
        try Self.write("b.json", factor: 1.5, in: folder)
        let ending = try Headwise.run(
            ["compare", "a.json", "b.json", "--record", "c.json", "--format", "csv"],
            in: folder
        )
        #expect(ending.kind == .exited(20), ending.summary)
        let rows = ending.output.split(separator: "\r\n").map { $0.split(separator: ",") }
        #expect(rows.count == 4)
        let record = try JSONValue(file: folder.file("c.json"))
        let point = try #require(record["points"]?.list?.first)
        let statistics = try #require(point["statistics"]?.list)
        #expect(statistics.count == 3)
        for (row, statistic) in zip(rows.dropFirst(), statistics) {
            let first = try #require(statistic["firstNanoseconds"]?.number)
            let second = try #require(statistic["secondNanoseconds"]?.number)
            let ratio = try #require(statistic["comparison.ratio"]?.number)
            #expect(abs(second / first / ratio - 1) < 1e-12)
            #expect(row.map(String.init).compactMap(Double.init).contains(first))
        }
    }

    @Test func `one replicate alone is ambiguous`() throws {
        let folder = try TemporaryFolder()
        try Self.write("a.json", in: folder)
        try Self.write("b.json", factor: 5, replicates: 1, in: folder)
        let ending = try Headwise.run(
            ["compare", "a.json", "b.json", "--record", "c.json"],
            in: folder
        )
        #expect(ending.kind == .exited(22), ending.summary)
        #expect(ending.output.contains("--replicates 5"))
    }

    @Test func `a baseline is kept, found, and not overwritten`() throws {
        let folder = try TemporaryFolder()
        try Self.write("a.json", in: folder)
        try Self.write("slow.json", factor: 1.5, in: folder)
        func run(_ line: String) throws -> Ending {
            try Headwise.run(line.split(separator: " ").map(String.init), in: folder)
        }
        let missing = try run("compare a.json --baseline")
        #expect(missing.kind == .exited(50), missing.summary)
        expectOneSentence(
            missing,
            naming: ["results/baselines/", "--save-baseline'"]
        )
        let missingNamed = try run("compare a.json --baseline v1")
        #expect(missingNamed.kind == .exited(50), missingNamed.summary)
        expectOneSentence(missingNamed, naming: ["v1.json", "--save-baseline v1'"])

        let kept = try run("compare a.json --save-baseline")
        #expect(kept.kind == .exited(0), kept.summary)
        #expect(kept.errors.hasPrefix("baseline: results/baselines/"))
        let again = try run("compare slow.json --save-baseline")
        #expect(again.kind == .exited(40), again.summary)
        expectOneSentence(again, naming: ["results/baselines/"])
        #expect(try run("compare a.json --save-baseline v1 --quiet").kind == .exited(0))

        try Self.write("again.json", factor: 1.0001, in: folder)
        let same = try run("compare again.json --baseline --record same.json")
        #expect(same.kind == .exited(0), same.summary)
        for line in ["compare slow.json --baseline", "compare slow.json --baseline v1"] {
            let slower = try run(line)
            #expect(slower.kind == .exited(20), slower.summary)
            #expect(slower.output.contains("A: results/baselines/"))
        }
        #expect(try JSONValue(file: folder.file("same.json"))["form"] == .text("baseline"))
    }

    @Test func `--as-plans measures the plans of records again`() throws {
        let folder = try TemporaryFolder()
        try Self.write("a.json", in: folder)
        let ending = try Headwise.run(
            ["compare", "a.json", "a.json", "--as-plans", "--record", "c.json", "--quiet"]
                + CompareTests.short,
            in: folder
        )
        #expect([0, 20, 22].contains(ending.code ?? -1), ending.summary)
        #expect(try JSONValue(file: folder.file("c.json"))["form"] == .text("plans"))
    }

    @Test func `a record and a plan are not mixed`() throws {
        let folder = try TemporaryFolder()
        try Self.write("a.json", in: folder)
        try folder.write("p.json", CompareTests.onTwo)
        for (line, names) in [
            ("compare a.json p.json", ["a.json", "p.json", "--as-plans"]),
            ("compare p.json a.json", ["p.json", "a.json"]),
            ("compare a.json --with /bin/true", ["a.json", "--with", "--as-plans"]),
            ("compare p.json --baseline", ["p.json", "--baseline"]),
            ("compare p.json --save-baseline", ["p.json", "--save-baseline"]),
            ("compare a.json", ["1"]),
            ("compare a.json a.json --baseline", ["2", "--baseline"]),
            ("compare --baseline a.json", ["0"]),
            ("compare a.json --baseline --save-baseline", ["--baseline", "--save-baseline"]),
            ("compare a.json --save-baseline ../x", ["../x"]),
        ] {
            let ending = try Headwise.run(
                line.split(separator: " ").map(String.init),
                in: folder
            )
            #expect(ending.kind == .exited(64), ending.summary)
            expectOneSentence(ending, naming: names)
            #expect(ending.output.isEmpty)
        }
        #expect(try folder.names == ["a.json", "base.json", "p.json"])
    }
}
