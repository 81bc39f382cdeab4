import Record
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Runs whose workers compute nothing: their tasks are empty, or they wait instead.
struct UncomputedRunTests {
    private func run(
        _ compute: String,
        _ words: [String] = [],
        in folder: borrowing TemporaryFolder,
        record: String = "r.json"
    ) throws -> Ending {
        let ending = try Headwise.run(
            ["run", "--compute", compute, "--record", record] + words
                + (words.contains("--length") ? [] : smallProblem) + fewTrials,
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        return ending
    }

    @Test(arguments: [
        ("none", [], "EMPTY"),
        ("none", ["--plane", "inline", "--transport", "tcp"], "EMPTY"),
        ("none", ["--plane", "copied"], "EMPTY"), ("none", ["--plane", "shared"], "EMPTY"),
        ("none", ["--operation", "multi-head", "--embedding", "64"], "EMPTY"),
        ("emulate:1ms", ["--workers", "5"], "EMULATED"), ("emulate", [], "EMULATED"),
        ("emulate", ["--mask", "causal+lengths:random", "--plane", "inline"], "EMULATED"),
        ("none", ["--trace", "t.json"], "EMPTY"),
        ("emulate:1ms", ["--trace", "t.json"], "EMULATED"),
        (
            "emulate",
            ["--split", "keys", "--heads", "2", "--length", "1", "--key-length", "9000"],
            "EMULATED"
        ),
    ])
    func `everything that shows figures says that they are not of attention`(
        compute: String,
        words: [String],
        mark: String
    ) throws {
        let folder = try TemporaryFolder()
        let ending = try run(compute, words, in: folder)
        let record = try RunRecord.read(folder.file("r.json"))
        #expect(record.mark == mark && record.standing.hasPrefix(mark))
        #expect(record.baseCases.isEmpty)
        #expect(record.points.allSatisfy { $0.samples.count == 2 && $0.faults.isEmpty })
        #expect(record.points.allSatisfy { $0.verification.status == .unchecked })
        if words.contains("--trace") {
            let trace = String(decoding: try folder.bytes("t.json"), as: UTF8.self)
            #expect(trace.contains("\"name\":\"\(mark): "))
        }
        let tables = ending.output.split(separator: "\n\n").filter { $0.contains("transfer") }
        #expect(tables.count == 1 && tables.allSatisfy { $0.hasPrefix(mark) }, ending.summary)
        let sentence = ending.output.split(separator: "\n\n").last
        #expect(sentence?.hasPrefix(mark) == true, ending.summary)
    }

    @Test func `a task takes at least the time that it is to wait`() throws {
        let folder = try TemporaryFolder()
        _ = try run("emulate:3ms", in: folder)
        let record = try RunRecord.read(folder.file("r.json"))
        for worker in record.points.flatMap(\.samples).flatMap(\.workers) {
            #expect(worker.computeNanoseconds >= 2_900_000 * UInt64(worker.shards))
        }
    }

    @Test func `if a process of several workers is killed, all are named and replaced`() throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(
            [
                "run", "--workers", "66", "--compute", "emulate:5ms", "--trials", "60",
                "--replicates", "1", "--warmup", "1", "--record", "r.json",
            ] + smallProblem,
            in: folder
        )
        let record = folder.file("r.json")
        #expect(program.wait(atMost: .seconds(30)) { byteCount(of: record) > 0 })
        let workers = program.workers
        try #require(workers.count == 33)
        kill(workers[5], SIGKILL)
        let ending = program.finish()
        try #require(ending.kind == .exited(0), ending.summary)
        #expect(!ending.leftProcesses)
        let point = try #require(try RunRecord.read(record).points.first)
        #expect(point.workersPerProcess == 2 && point.samples.count == 60)
        let named = point.faults.filter { $0.reason.contains("signal 9") }.map(\.worker)
        #expect(Set(named) == [10, 11] && point.faults.count == 2, "\(point.faults)")
        #expect(point.replacements == 1)
        #expect(ending.output.contains("66 workers, 2 share"), ending.summary)
    }

    @Test func `what was computed is not compared with what was not`() throws {
        let folder = try TemporaryFolder()
        for (name, compute) in [("a", "kernel"), ("b", "none"), ("c", "none")] {
            _ = try run(compute, ["--replicates", "2"], in: folder, record: "\(name).json")
        }
        for words in [["a.json", "b.json"], ["b.json", "a.json"]] {
            let ending = try Headwise.run(
                ["compare", "--allow", "plan,kernel,isa,host,unfinished"] + words,
                in: folder
            )
            #expect(ending.kind == .exited(64), ending.summary)
            expectOneSentence(ending, naming: ["--compute none", "--compute kernel"])
        }
        let ending = try Headwise.run(["compare", "b.json", "c.json"], in: folder)
        let parts = ending.output.split(separator: "\n\n")
        #expect(parts.last?.hasPrefix("EMPTY") == true, ending.summary)
        #expect(parts.contains { $0.hasPrefix("EMPTY") && $0.contains("B/A") }, ending.summary)
        let page = try Headwise.run(["report", "b.json", "-o", "p.html"], in: folder)
        #expect(page.kind == .exited(0), page.summary)
        let text = String(decoding: try folder.bytes("p.html"), as: UTF8.self)
        #expect(text.contains("EMPTY: Where the time went"))
    }

    @Test(arguments: [
        BadInput("run --compute", names: "--compute"),
        BadInput("run --compute nothing", names: "--compute nothing", "emulate"),
        BadInput("run --compute none --output o.npy", names: "--output", "--compute none"),
        BadInput("run --compute none --weights w.npy", names: "--weights", "--compute none"),
        BadInput("run --compute none --verify full", names: "--verify full", "--compute none"),
        BadInput("run --compute none --audit", names: "--audit", "--compute none"),
        BadInput("run --compute emulate --threads 2", names: "--threads 2"),
        BadInput("run --compute emulate --linformer 16", names: "--linformer", "emulate:1ms"),
    ])
    func `what needs outputs is refused`(_ input: BadInput) throws {
        try input.check()
    }

    @Test func `a plan that is compared must be computed`() throws {
        try BadInput(
            "compare @p.json --with \(Headwise.path)",
            names: "compute",
            "none",
            "kernel",
            files: [
                "p.json": Array(
                    #"{"schema":"headwise.plan/1","compute":"none","verify":"none"}"#.utf8
                )
            ]
        ).check()
    }
}
