import Record
import TestSupport
import Testing

/// `--trace`: a file that says who did what when.
struct TraceTests {
    private static func trace(
        _ flags: [String],
        _ command: String = "run"
    ) throws -> (TraceFile, RunRecord) {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            [command, "--record", "r.json", "--trace", "t.json"] + flags
                + (flags.contains("--length") ? [] : smallProblem) + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errors.contains("t.json"), ending.summary)
        return (try TraceFile(folder.bytes("t.json")), try RunRecord.read(folder.file("r.json")))
    }

    @Test(arguments: ["resident", "inline", "copied"], ["2", "3"])
    func `every shard of every traced trial is computed once, on a thread without overlaps`(
        _ plane: String,
        _ workers: String
    ) throws {
        let (trace, record) = try Self.trace([
            "--workers", workers, "--plane", plane, "--outputs", "messages", "--split", "rows",
        ])
        #expect(trace.faults.isEmpty, "\(trace.faults)")
        #expect(trace.metadata.leftOutActivities == 0)
        let point = try #require(record.points.first)
        #expect(trace.metadata.trials.count == 3)
        // Trials of their own: the record has those that were asked for.
        #expect(point.samples.count == 2)
        #expect(trace.metadata.measuredMedianNanoseconds == point.summary?.wall.medianNanoseconds)
        #expect(trace.metadata.workers.count == Int(workers))
        let trials = trace.events("X").filter { $0.name.hasPrefix("traced trial ") }
        #expect(trials.count == 3)
        for trial in trials {
            let computed = trace.slices("compute").filter {
                trial.begin <= $0.begin && $0.end <= trial.end
            }
            #expect(computed.count == point.shards)
            #expect(Set(computed.map(\.name)).count == point.shards)
        }
        // Sent, computed, taken.
        #expect(trace.events("s").count == 3 * 2 * point.shards)
        #expect(trace.slices("send").contains { $0.pid == 1 })
        for kind in ["receive", "merge"] { #expect(!trace.slices(kind).isEmpty) }
        #expect(trace.slices("copy").isEmpty == (plane != "copied"))
        let counters = Set(trace.events("C").map(\.name))
        #expect(
            counters == (plane == "inline" ? ["tasks held", "bytes in flight"] : ["tasks held"])
        )
    }

    @Test func `a sweep traces its last worker count`() throws {
        let (trace, record) = try Self.trace(["--workers", "1,2", "--replicates", "1"], "scale")
        #expect(trace.faults.isEmpty, "\(trace.faults)")
        #expect(record.points.map(\.workers) == [1, 2] && trace.metadata.workers.count == 2)
    }

    /// An audit has no trial of a proof at a random place, so it is known which trial is traced.
    @Test func `the output of the measured trials stays although none is left to trace`() throws {
        let folder = try TemporaryFolder()
        func run(_ name: String, _ flags: [String]) throws -> Ending {
            try Headwise.run(
                [
                    "run", "--split", "rows", "--schedule", "cyclic", "--replicates", "1",
                    "--workers", "1", "--audit", "--output", "\(name).npy", "--record",
                    "\(name).json",
                ] + flags + smallProblem + fewTrials,
                in: folder
            )
        }
        let whole = try run("whole", [])
        #expect(whole.kind == .exited(0), whole.summary)
        let shards = try #require(RunRecord.read(folder.file("whole.json")).points.first).shards
        let ending = try run(
            "cut",
            ["--trace", "t.json", "--inject-fault", "0:die:\(2 * shards + 1)"]
        )
        #expect(ending.kind == .exited(31), ending.summary)
        #expect(ending.errors.contains("--trace t.json"), ending.summary)
        #expect(try folder.bytes("cut.npy") == folder.bytes("whole.npy"))
        let record = try RunRecord.read(folder.file("cut.json"))
        #expect(record.verdict?.status == .valid && record.points[0].samples.count == 2)
        #expect(record.points[0].faults.first?.apart == .traced)
    }

    @Test func `a worker that dies in a traced trial is an instant, and ends the trace`() throws {
        let flags = [
            "--split", "rows", "--schedule", "cyclic", "--replicates", "1", "--workers", "2",
            "--audit",
        ]
        let shards = try #require(Self.trace(flags).1.points.first).shards
        // Two measured trials, and one shard of the first that is traced.
        let (trace, record) = try Self.trace(flags + ["--inject-fault", "1:die:\(shards + 2)"])
        #expect(trace.faults.isEmpty, "\(trace.faults)")
        let fault = try #require(trace.events("i").first)
        #expect(fault.name.contains("signal 9") && fault.pid == trace.process("worker 1"))
        #expect(trace.events("b").contains { $0.args?["answer"] == .text("none") })
        #expect(trace.metadata.trials.count == 1)
        let point = try #require(record.points.first)
        #expect(point.samples.count == 2 && point.faults.first?.worker == 1)
    }

    // MARK: Readers

    /// What a reader cannot place it drops, and counts; the file alone does not show that.
    @Test(
        .enabled(if: TraceProcessor.isPresent, "\(TraceProcessor.requires)"),
        arguments: ["2", "3"]
    )
    func `Perfetto's trace processor takes every event`(_ workers: String) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            [
                "run", "--workers", workers, "--plane", "inline", "--outputs", "messages",
                "--split",
                "rows", "--record", "none", "--trace", "t.json",
            ] + smallProblem + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let trace = try TraceFile(folder.bytes("t.json"))
        let answers = try TraceProcessor.ask(
            "t.json",
            [
                "select name, value from stats where severity != 'info' and value > 0",
                "select count(*) as n, sum(dur < 0 or ts < 0 or depth > 0) as bad from slice",
                "select sum(dur) as n from slice where category = 'compute'",
                "select count(*) as n from flow",
                """
                select count(*) as n from flow join slice a on a.id = slice_out
                join slice b on b.id = slice_in where a.ts > b.ts
                or substr(a.name, instr(a.name, 'shard')) != substr(b.name, instr(b.name, 'shard'))
                """,
                "select count(*) as n from counter",
                """
                select distinct process.name || ', ' || thread.name as n from slice
                join thread_track on thread_track.id = track_id join thread using (utid)
                join process using (upid)
                """,
                """
                select count(distinct process.name) as n from slice
                join process_track on process_track.id = track_id join process using (upid)
                where category = 'held'
                """,
            ],
            in: folder
        )
        let numbers = answers.map { $0.first?["n"]?.number }
        #expect(answers[0] == [])
        let slices = trace.events("X").count + trace.events("b").count
        #expect(numbers[1] == Double(slices) && answers[1].first?["bad"] == .number(0))
        let computed = trace.slices("compute").reduce(0) { $0 + $1.end - $1.begin }
        #expect(numbers[2] == Double(computed))
        #expect(numbers[3] == Double(trace.events("s").count) && numbers[4] == 0)
        #expect(numbers[5] == Double(trace.events("C").count))
        let tracks = Set(answers[6].compactMap { $0["n"]?.text })
        let count = try #require(Int(workers))
        let ranks = (0..<count).flatMap { ["worker \($0), messages", "worker \($0), compute"] }
        #expect(tracks == Set(ranks + ["coordinator, messages", "coordinator, trials"]))
        #expect(numbers[7] == Double(count))
    }

    // MARK: Bad input

    @Test func `an existing file is refused before anything is measured, and stays`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("t.json", Array("mine".utf8))
        for (path, code, words) in [
            ("t.json", 40, ["--trace t.json", "exists"]), ("no/t.json", 40, ["no/t.json"]),
            ("", 64, ["--trace"]), ("r.json", 64, ["r.json", "--trace", "--record"]),
        ] as [(String, Int32, [String])] {
            let ending = try Headwise.run(
                ["run", "--record", "r.json", "--trace", path] + smallProblem + fewTrials,
                in: folder
            )
            #expect(ending.kind == .exited(code), ending.summary)
            for word in words { #expect(ending.errors.contains(word), ending.summary) }
            #expect(try folder.bytes("t.json") == Array("mine".utf8))
            #expect(try !folder.names.contains("r.json"))
        }
    }

    @Test(arguments: [["kernel"], ["verify"], ["compare", "a.json", "b.json"], ["host"], ["mask"]])
    func `a command without a cluster of its own has no traces`(_ command: [String]) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(command + ["--trace", "t.json"], in: folder)
        #expect(ending.kind == .exited(64), ending.summary)
        #expect(ending.errors.contains("--trace"))
        #expect(try !folder.names.contains("t.json"))
    }
}
