import Platform
import Record
import TestSupport
import Testing

/// What other programs may rely on: keys, kinds, and what standard output holds.
struct RecordContractTests {
    /// The keys of a run or sweep, each with the kind of its value.
    private static let pointKeys: [(String, String)] = [
        ("schema", "text"), ("started", "text"), ("commandLine", "list"), ("exitCode", "number"),
        ("plan.schema", "text"), ("plan.seed", "number"), ("plan.workers", "list"),
        ("host.processorModel", "text"), ("host.cpusOnline", "number"),
        ("host.instructionSets", "list"), ("host.memoryTotalBytes", "number"),
        ("host.kernelRelease", "text"), ("host.libzmqVersion", "text"),
        ("host.swiftVersion", "text"), ("host.governor", "text"), ("host.loadAverage", "list"),
        ("baseCases[0].threads", "number"), ("baseCases[0].samplesNanoseconds", "list"),
        ("baseCases[0].summary.medianNanoseconds", "number"),
        ("points[0].workers", "number"), ("points[0].threads", "number"),
        ("points[0].split", "text"), ("points[0].plane", "text"),
        ("points[0].transport", "text"), ("points[0].outputs", "text"),
        ("points[0].shards", "number"),
        ("points[0].samples[0].trial", "number"),
        ("points[0].samples[0].wallNanoseconds", "number"),
        ("points[0].samples[0].workers[0].computeNanoseconds", "number"),
        ("points[0].samples[0].workers[0].queueNanoseconds", "number"),
        ("points[0].samples[0].workers[0].transferNanoseconds", "number"),
        ("points[0].samples[0].workers[0].mergeNanoseconds", "number"),
        ("points[0].samples[0].workers[0].idleNanoseconds", "number"),
        ("points[0].samples[0].workers[0].bytesIn", "number"),
        ("points[0].samples[0].workers[0].bytesOut", "number"),
        ("points[0].links[0].worker", "number"),
        ("points[0].links[0].roundTripNanoseconds", "number"),
        ("points[0].summary.medianNanoseconds", "number"),
        ("points[0].summary.speedup", "number"), ("points[0].summary.efficiency", "number"),
        ("points[0].summary.gigaflopsPerSecond", "number"),
        ("points[0].bytesSent", "number"), ("points[0].bytesReceived", "number"),
        ("points[0].attempts", "number"), ("points[0].duplicates", "number"),
        ("points[0].faults", "list"), ("points[0].verification.status", "text"),
        ("points[0].verification.bitwiseEqual", "boolean"),
        ("points[0].verification.maxAbsoluteError", "number"),
        ("points[0].verdict.status", "text"), ("points[0].verdict.sentence", "text"),
        ("verdict.status", "text"), ("verdict.sentence", "text"),
    ]

    @Test(arguments: ["run", "scale"])
    func `standard output is the record, and the record has every key`(_ command: String) throws {
        let folder = try TemporaryFolder()
        let workers = command == "run" ? "2" : "1,2"
        let ending = try Headwise.run(
            [command, "--workers", workers, "--record", "r.json", "--format", "json"]
                + smallProblem + ["--trials", "3", "--warmup", "1"],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(try folder.bytes("r.json") == ending.outputBytes)
        let record = try JSONValue(ending.outputBytes)
        for (key, kind) in Self.pointKeys {
            #expect(record[key]?.kind == kind, "\(key) should be a \(kind)")
        }
        #expect(record["schema"] == .text("headwise.\(command)/1"))
        #expect(record["points"]?.list?.count == (command == "run" ? 1 : 2))
        #expect(record["baseCases"]?.list?.count == 2)
        for point in record["points"]?.list ?? [] {
            #expect(point["samples"]?.list?.count == 3)
            #expect(point["verification.status"] == .text("AGREES"))
            #expect(point["verification.bitwiseEqual"] == .boolean(true))
            #expect(point["faults"] == .list([]), "\(String(describing: point["faults"]))")
            // Each task was handed out once.
            #expect(point["attempts"]?.number == (point["shards"]?.number ?? 0) * 3)
        }
        for base in record["baseCases"]?.list ?? [] {
            #expect(base["samplesNanoseconds"]?.list?.count == 3)
        }
    }

    @Test(arguments: ["shared", "inline"], ["dynamic", "static"])
    func `the five parts of every worker add up to the wall time`(
        _ plane: String,
        _ schedule: String
    ) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            [
                "run", "--plane", plane, "--schedule", schedule, "--split", "rows", "--record",
                "r.json", "--quiet",
            ] + smallProblem + ["--trials", "4", "--warmup", "0"],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let record = try RunRecord.read(folder.file("r.json"))
        let point = try #require(record.points.first)
        #expect(point.samples.count == 4)
        for sample in point.samples {
            #expect(sample.workers.count == 2)
            #expect(sample.workers.reduce(0) { $0 + $1.shards } == point.shards)
            for worker in sample.workers {
                let sum =
                    worker.computeNanoseconds + worker.queueNanoseconds
                    + worker.transferNanoseconds + worker.mergeNanoseconds
                    + worker.idleNanoseconds
                #expect(sum == sample.wallNanoseconds)
            }
        }
        let received = point.samples.flatMap(\.workers).reduce(0) { $0 + $1.bytesOut }
        #expect(point.bytesReceived == received)
        // Each of 4 trials sends an output of 2·2·128·32 Floats, or writes it in its place.
        let isSent = point.bytesReceived >= UInt64(4 * 2 * 2 * 128 * 32 * 4)
        #expect(isSent == (plane == "inline"))
    }

    @Test func `a record's plan can be run again`() throws {
        let folder = try TemporaryFolder()
        let first = try Headwise.run(
            [
                "run", "--record", "a.json", "--mask", "causal+lengths:100,20", "--kv-heads", "1",
                "--value-dimension", "24", "--plane", "inline", "--transport", "tcp", "--split",
                "head", "--schedule", "static", "--seed", "77", "--masked-rows", "uniform",
                "--score-scale", "0.25", "--credit", "3", "--verify", "full", "--isa", "baseline",
            ] + smallProblem + fewTrials,
            in: folder
        )
        #expect(first.kind == .exited(0), first.summary)
        let second = try Headwise.run(
            ["run", "--plan", "a.json", "--record", "b.json"],
            in: folder
        )
        #expect(second.kind == .exited(0), second.summary)
        let plans = try ["a.json", "b.json"].map { try RunRecord.read(folder.file($0)).plan }
        #expect(plans[0] == plans[1])
        #expect(plans[0].scoreScale == 0.25)
        #expect(plans[0].keyValueHeads == 1)
    }

    @Test func `flags override the plan of a file`() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "p.json",
            #"{"schema":"headwise.plan/1","name":"mine","batch":1,"heads":2,"length":64,"trials":1}"#
        )
        let ending = try Headwise.run(
            ["run", "--plan", "p.json", "--length", "65", "--workers", "1", "--warmup", "0"],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let names = try TemporaryFolder.names(in: folder.file("results"))
        #expect(names.count == 1)
        let name = try #require(names.first)
        #expect(name.wholeMatch(of: /\d{8}T\d{6}Z-mine\.json/) != nil)
        #expect(ending.errors.contains("results/\(name)"), ending.summary)
        let plan = try RunRecord.read(folder.file("results/\(name)")).plan
        #expect(plan.length == 65)
        #expect(plan.keyLength == 65)
        #expect(plan.heads == 2)
        #expect(plan.workers == [1])
    }

    @Test func `kernel rows hold speed, share of the peak and error`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            [
                "kernel", "--length", "64,65", "--head-dimension", "32", "--heads", "2",
                "--budget", "0.001", "--isa", "all", "--format", "json", "--record", "k.json",
            ],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(try folder.bytes("k.json") == ending.outputBytes)
        let record = try JSONValue(ending.outputBytes)
        #expect(record["schema"] == .text("headwise.kernel/1"))
        #expect((record["roofs.fmaGigaflopsPerSecond"]?.number ?? 0) > 0)
        #expect((record["roofs.readGigabytesPerSecond"]?.number ?? 0) > 0)
        #expect(record["warnings"]?.kind == "list")
        let rows = try #require(record["rows"]?.list)
        let sets = try #require(record["host.instructionSets"]?.list)
        #expect(rows.count == sets.count * 4)
        for row in rows {
            #expect((row["gigaflopsPerSecond"]?.number ?? 0) > 0)
            #expect((row["fractionOfPeak"]?.number ?? 0) > 0)
            #expect((row["maxAbsoluteError"]?.number ?? 1) <= 2e-6)
            #expect((row["roof.fraction"]?.number ?? 0) > 0)
            #expect((row["roof.fractionAtBest"]?.number ?? 0) > 0)
            let replicates = try #require(row["replicates"]?.list)
            #expect(replicates.count == row["samplesNanoseconds"]?.list?.count)
            #expect(Set(replicates.compactMap(\.number)) == [0, 1, 2, 3, 4])
            #expect(row["summary.medianNanoseconds"]?.kind == "number")
        }
    }

    @Test func `host describes the machine`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(["host", "--format", "json"], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errorBytes.isEmpty, ending.summary)
        let report = try JSONValue(ending.outputBytes)
        #expect(report["schema"] == .text("headwise.host/1"))
        #expect(report["host.libzmqVersion"]?.kind == "text")
        #expect((report["roofs.fmaGigaflopsPerSecond"]?.number ?? 0) > 0)
        #expect(try folder.names.isEmpty)
    }
}
