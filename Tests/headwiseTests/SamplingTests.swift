import Host
import Record
import Statistics
import TestSupport
import Testing

/// How samples come about: replicates, stopping, weak scaling, the audit.
struct SamplingTests {
    private static func record(_ flags: [String], exit: Int32 = 0) throws -> RunRecord {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            flags + ["--record", "r.json", "--quiet"]
                + (flags.contains("--length") ? [] : smallProblem),
            in: folder
        )
        #expect(ending.kind == .exited(exit), ending.summary)
        return try RunRecord.read(folder.file("r.json"))
    }

    @Test func `trials are spread over fresh worker processes`() throws {
        let record = try Self.record(
            ["run", "--workers", "2", "--replicates", "3", "--trials", "7", "--warmup", "1"]
        )
        let point = try #require(record.points.first)
        #expect(point.samples.map(\.trial) == Array(1...7))
        #expect(point.samples.map(\.replicate) == [0, 0, 0, 1, 1, 2, 2])
        let sampling = try #require(record.sampling)
        #expect(sampling.end == .trials)
        #expect(sampling.rounds == 7)
        #expect(sampling.replicates == 3)
        #expect(sampling.warmupEnd == .fixed)
        #expect(sampling.warmupRounds == 3)
        #expect(sampling.targetInterval == nil)
        #expect(record.warnings?.contains { $0.kind == .wideInterval } == false)
    }

    @Test func `inputs with an exact answer allow no error`() throws {
        let record = try Self.record(
            [
                "run", "--values", "exact-permutation", "--workers", "2", "--trials", "1",
                "--warmup", "0",
            ]
        )
        let found = try #require(record.points.first?.verification)
        #expect(found.status == .exact)
        #expect(found.boundMaxAbsolute == 0)
        #expect(found.maxAbsoluteError == 0)
    }

    /// CPU times and switches are recorded beside wall times.
    @Test func `base case, coordinator and workers have CPU times and switches`() throws {
        let record = try Self.record(
            ["run", "--workers", "2", "--trials", "2", "--warmup", "0", "--threads", "2"]
        )
        #expect(record.baseCases.map(\.threads) == [1, 4])
        for base in record.baseCases {
            let times = try #require(base.cpuNanoseconds)
            #expect(times.count == 2 && times.allSatisfy { $0 > 0 })
            #expect(base.offCoreNanoseconds?.count == 2)
            #expect(base.replicates == [0, 1])
            #expect(base.voluntarySwitches?.count == 2 && base.involuntarySwitches?.count == 2)
        }
        for sample in try #require(record.points.first).samples {
            #expect(sample.cpuNanoseconds ?? 0 > 0)
            #expect(sample.voluntarySwitches != nil && sample.involuntarySwitches != nil)
            let isRead = sample.workers.contains { $0.voluntarySwitches != nil }
            for worker in sample.workers {
                #expect(worker.cpuNanoseconds ?? 0 > 0)
                let off = try #require(worker.offCoreNanoseconds)
                #expect(off <= sample.wallNanoseconds)
                let all = try #require(worker.cpuNanoseconds)
                guard isRead else { continue }
                let computing = try #require(worker.computeCPUNanoseconds)
                #expect(0 < computing && computing < all)
                #expect(worker.voluntarySwitches != nil && worker.involuntarySwitches != nil)
            }
            // Somebody waited for a message. The first trial of each replicate is read.
            #expect(isRead && sample.workers.contains { $0.voluntarySwitches ?? 0 > 0 })
        }
    }

    /// What has to travel follows from plane, outputs and sizes.
    @Test(arguments: ["resident", "inline", "shared", "copied"], ["shared", "messages"])
    func `moved bytes stand beside the least possible`(_ plane: String, _ outputs: String) throws {
        let record = try Self.record([
            "run", "--workers", "2", "--trials", "1", "--warmup", "0", "--plane", plane,
            "--outputs",
            outputs, "--split", "head",
        ])
        let point = try #require(record.points.first)
        let moving = try #require(point.moving)
        let problem = record.plan.problem.attentionProblem()
        let inputs = [.query, .key, .value].reduce(0) { $0 + problem.byteCount(of: $1) }
        let sends = plane == "inline" || plane == "copied"
        #expect(moving.leastBytesSent == (sends ? UInt64(inputs) : 0))
        let output = UInt64(problem.byteCount(of: .output))
        #expect(moving.leastBytesReceived == (outputs == "messages" ? output : 0))
        // Split by head, each part has one reader; tasks and headers come on top.
        #expect(point.bytesSent > moving.leastBytesSent)
        #expect(point.bytesSent < moving.leastBytesSent + 16_384)
        #expect(point.bytesReceived > moving.leastBytesReceived)
        #expect(point.bytesReceived < moving.leastBytesReceived + 16_384)
        let copied = plane == "copied" ? Double(inputs) : 0
        #expect(moving.messageBytes == Double(point.bytesSent + point.bytesReceived) - copied)
        #expect(moving.cpuNanoseconds ?? 0 > 0)
        // Copying takes time, too, which nobody tells apart.
        let usesMessages = plane != "copied" && (plane == "inline" || outputs == "messages")
        #expect((moving.coreMillisecondsPerMebibyte != nil) == usesMessages)
        #expect(try #require(point.summary?.imbalance) >= 1)
    }

    /// A block of rows visits no arc that its mask hides, so keys and states stay where they are.
    @Test(arguments: ["none", "causal", "causal+window:64"])
    func `what a ring moves stands beside the least possible`(mask: String) throws {
        let record = try Self.record([
            "run", "--workers", "2", "--trials", "1", "--warmup", "0", "--plane", "inline",
            "--outputs", "messages", "--split", "ring", "--mask", mask, "--batch", "1", "--heads",
            "2",
            "--length", "300", "--key-length", "9000", "--head-dimension", "8",
        ])
        let point = try #require(record.points.first)
        let moving = try #require(point.moving)
        #expect(point.bytesSent > moving.leastBytesSent)
        #expect(point.bytesSent < moving.leastBytesSent + 65_536)
        #expect(point.bytesReceived > moving.leastBytesReceived)
        #expect(point.bytesReceived < moving.leastBytesReceived + 65_536)
    }

    /// Other processes use every core all the time.
    @Test func `a disturbed run fails with --require-quiet`() throws {
        let folder = try TemporaryFolder()
        let cores = max(HostDescription.current().usableCPUCount, 1)
        // Each ends with this process.
        let neighbours = try (0..<2 * cores).map { _ in
            try RunningProgram(
                "/bin/sh",
                ["-c", "while [ -d /proc/$PPID ]; do :; done"],
                environment: [:],
                folder: folder.path
            )
        }
        defer { withExtendedLifetime(neighbours) {} }
        for (flags, exit) in [([], 0), (["--require-quiet"], 12)] as [([String], Int32)] {
            let record = try Self.record(
                [
                    "run", "--workers", "1", "--trials", "5", "--warmup", "0", "--replicates", "1",
                    "--length", "1024", "--heads", "4", "--batch", "2",
                ] + flags,
                exit: exit
            )
            #expect(record.verdict?.status == .disturbed)
            #expect(record.verdict?.reasons.isEmpty == false)
            #expect(record.isDisturbed)
            #expect(record.plan.requireQuiet == !flags.isEmpty)
            #expect(record.warnings?.contains { $0.kind == .disturbed } == true)
        }
    }

    @Test func `fewer trials than replicates start fewer replicates`() throws {
        let record = try Self.record(
            ["run", "--workers", "1", "--replicates", "5", "--trials", "2", "--warmup", "0"]
        )
        #expect(record.points.first?.samples.map(\.replicate) == [0, 1])
        #expect(record.sampling?.replicates == 2)
    }

    @Test func `a note names fewer trials than requested replicates`() throws {
        for (flags, isNoted) in [
            (["--replicates", "3"], true), (["--replicates", "2"], false), ([], false),
        ] as [([String], Bool)] {
            let folder = try TemporaryFolder()
            let ending = try Headwise.run(
                ["run", "--workers", "1", "--record", "r.json"] + flags + smallProblem + fewTrials,
                in: folder
            )
            #expect(ending.kind == .exited(0), ending.summary)
            let notes = ending.errorLines.filter { line in
                line.hasPrefix("note: ")
                    && ["--trials 2", "--replicates 3"].allSatisfy { line.contains($0) }
            }
            #expect(notes.count == (isNoted ? 1 : 0), ending.summary)
        }
    }

    @Test func `the interval or the budget ends sampling without --trials`() throws {
        let record = try Self.record(
            ["scale", "--workers", "1,2", "--budget", "0.5", "--target-interval", "5"]
        )
        let sampling = try #require(record.sampling)
        #expect([.interval, .budget, .replicates].contains(sampling.end))
        #expect(sampling.intervalBasis == .replicates)
        #expect([.steady, .budget].contains(sampling.warmupEnd))
        #expect(sampling.replicates == 3)
        #expect(sampling.targetInterval == 0.05)
        for point in record.points {
            #expect(point.samples.count == sampling.rounds)
            #expect(Set(point.samples.compactMap(\.replicate)) == [0, 1, 2])
            #expect(point.summary?.wall.medianIntervalBasis == .replicates)
            let analysed = record.analysis?.points.first { $0.workers == point.workers }
            #expect(point.summary?.speedup == analysed?.speedup.value)
            #expect(point.summary?.efficiency == analysed?.efficiency.value)
            #expect(point.summary?.speedupOverThreads == analysed?.speedupOverThreads?.value)
            #expect(analysed != nil)
        }
        for base in record.baseCases { #expect(base.samplesNanoseconds.count == sampling.rounds) }
        let widest = record.points.compactMap(\.summary?.wall.relativeUncertainty).max()
        if sampling.end == .interval {
            #expect(widest.map { $0 <= 0.05 } == true)
        }
    }

    @Test func `weak scaling gives every worker its own batch`() throws {
        let record = try Self.record(
            [
                "scale", "--mode", "weak", "--workers", "1,2,3", "--trials", "3", "--warmup", "1",
                "--mask", "lengths:random",
            ]
        )
        let batch = record.plan.batch
        #expect(record.plan.mode == .weak)
        #expect(record.points.map(\.workers) == [1, 2, 3])
        #expect(record.points.map { $0.batch ?? batch } == [batch, 2 * batch, 3 * batch])
        let single = try #require(record.singleThread?.summary.medianNanoseconds)
        for point in record.points {
            #expect(point.verification.status == .agrees)
            #expect(point.verification.bitwiseEqual == true)
            let base = try #require(record.baseCase(matching: point))
            #expect(base.threads == point.workers)
            #expect(base.batch == point.batch)
            // Speedup is work per time over work per time.
            let summary = try #require(point.summary)
            let speedup = Double(point.workers) * single / summary.wall.medianNanoseconds
            #expect(summary.speedup.map { abs($0 / speedup - 1) < 1e-9 } == true)
        }
    }

    @Test(arguments: ["resident", "inline", "shared"])
    func `an audited run agrees with every seed`(plane: String) throws {
        let record = try Self.record(
            [
                "scale", "--workers", "1,2", "--audit", "--plane", plane, "--trials", "4",
                "--warmup", "1", "--replicates", "2",
            ]
        )
        #expect(record.plan.audit)
        for point in record.points {
            #expect(point.samples.count == 4)
            #expect(point.verification.status == .agrees)
            #expect(point.verification.proof == .computed)
            #expect(point.verdict.status == .valid)
        }
    }

    /// The worker answers with the output of an earlier trial.
    @Test func `an audit finds a kept output`() throws {
        let flags = [
            "run", "--workers", "1", "--trials", "3", "--warmup", "1", "--replicates", "1",
            "--schedule", "cyclic", "--inject-fault", "0:stale:5",
        ]
        let audited = try Self.record(flags + ["--audit"], exit: 12)
        let point = try #require(audited.points.first)
        #expect(point.verdict.status == .invalid)
        // Trials with a kept output have no time.
        #expect(point.samples.isEmpty)
        #expect(point.verification.bitwiseEqual == false)
    }

    @Test func `a time faster than the roof is INVALID`() throws {
        let record = try Self.record(
            [
                "run", "--workers", "1", "--trials", "3", "--warmup", "1", "--replicates", "1",
                "--length", "1024", "--key-length", "4096", "--head-dimension", "64",
                "--schedule", "cyclic", "--inject-fault", "0:stale:5",
            ],
            exit: 12
        )
        let verdict = try #require(record.points.first?.verdict)
        #expect(verdict.status == .invalid)
        #expect(verdict.reasons.contains { $0.contains("GFLOP/s") })
        #expect(record.exitCode == 12)
    }

    @Test func `every roof is measured in the run`() throws {
        for transport in ["ipc", "tcp"] {
            let record = try Self.record(
                ["run", "--transport", transport, "--trials", "1", "--warmup", "0"]
            )
            let roofs = try #require(record.roofs)
            #expect(roofs.fmaGigaflopsPerSecond > 0)
            #expect(roofs.readGigabytesPerSecond.map { $0 > 0 } == true)
            #expect(roofs.linkGigabytesPerSecond.map { $0 > 0 } == true)
        }
    }
}
