import Attention
import Host
import Statistics
import TestSupport
import Testing

@testable import Plan
@testable import Record

/// Records of a folder, held against each other.
struct HistoryTests {
    /// A run at a minute of one hour, with five replicates that take `factor` times as long.
    private func run(
        minute: Int,
        factor: Double = 1,
        _ change: (inout RunRecord) throws -> Void = { _ in }
    ) throws -> RunRecord {
        var record = try sampleRecord()
        record.started = "2025-11-21T01:\(minute < 10 ? "0" : "")\(minute):00Z"
        for point in record.points.indices {
            let model = record.points[point].samples[0]
            let samples = (0..<15).map { trial in
                var sample = model
                sample.trial = trial
                sample.replicate = trial / 3
                let scatter = 1 + 0.002 * Double(trial / 3) + 1e-4 * Double(minute)
                sample.wallNanoseconds = UInt64(
                    Double(model.wallNanoseconds) * factor * scatter
                )
                return sample
            }
            record.points[point].samples = samples
            record.points[point].summary = PointSummary(
                wall: try #require(
                    SampleSummary(
                        samples.map {
                            ReplicateSample(
                                nanoseconds: Double($0.wallNanoseconds),
                                replicate: $0.replicate ?? 0
                            )
                        }
                    )
                ),
                speedup: 1,
                efficiency: 1,
                speedupOverThreads: nil,
                gigaflopsPerSecond: 100
            )
        }
        try change(&record)
        return record
    }

    private func entries(_ records: [RunRecord]) -> [HistoryEntry] {
        HistoryRecord.entries(
            of: records.enumerated().map { (path: "results/\($0).json", record: $1) }
        )
    }

    @Test func `records stand in the order of time, and each is held against the last`() throws {
        let found = entries([
            try run(minute: 3, factor: 0.5), try run(minute: 1), try run(minute: 2, factor: 1.2),
            try run(minute: 4, factor: 0.5),
        ])
        #expect(found.map(\.path) == [1, 2, 0, 3].map { "results/\($0).json" })
        #expect(Set(found.map(\.series)) == [1])
        #expect(found.map { $0.change?.verdict } == [nil, .slower, .faster, .same])
        #expect(found.map { $0.change?.since } == [nil] + found.dropLast().map(\.path))
        let slower = try #require(found[1].change)
        #expect(abs(slower.ratio - 1.2) < 0.01)
    }

    @Test func `the change is what compare says of the two`() throws {
        let (first, second) = (try run(minute: 1), try run(minute: 2, factor: 1.031))
        let comparison = try CompareRecord.comparing(
            ("a", first),
            with: ("b", second),
            form: .records,
            rule: CompareRule(confidence: 0.99),
            allowed: [],
            host: first.host,
            started: second.started,
            commandLine: []
        )
        let change = try #require(entries([first, second]).last?.change)
        let statistics = comparison.points.flatMap(\.statistics)
        #expect(change.verdict == .overall(statistics.map(\.verdict)))
        let told = comparison.points.first { $0.workers == change.workers }?[change.statistic]
        #expect(told?.comparison?.ratio == change.ratio)
        #expect(told?.verdict == change.verdict)
    }

    @Test(
        arguments: [
            // Killed while it ran, interrupted, impossible, disturbed, and without proof.
            (nil, nil, "UNFINISHED"),
            (Verdict(reasons: ["SIGTERM"], sentence: "", isFinished: false), 143, "UNFINISHED"),
            (Verdict(reasons: ["too fast"], sentence: ""), 12, "INVALID"),
            (Verdict(reasons: [], sentence: "", disturbances: ["busy"]), 0, "DISTURBED"),
            (Verdict(reasons: [], sentence: ""), 11, "MISTRUSTED"),
        ] as [(Verdict?, Int32?, String)]
    )
    func `a record that is not sound is shown as such and no later one is held against it`(
        _ verdict: Verdict?,
        _ exitCode: Int32?,
        _ standing: String
    ) throws {
        let found = entries([
            try run(minute: 1),
            try run(minute: 2, factor: 3) { record in
                record.verdict = verdict
                record.exitCode = exitCode
                if standing == "MISTRUSTED" {
                    record.points[0].verification.status = .mistrusted
                }
            },
            try run(minute: 3),
        ])
        #expect(found[1].standing == standing)
        #expect(!found[1].isSound)
        #expect(found[2].change?.since == found[0].path)
        #expect(found[2].change?.verdict == .same)
        let hasTimes = ["UNFINISHED", "DISTURBED"].contains(standing)
        #expect(found[1].figures.isEmpty != hasTimes)
        // Only a finished run with times has a change of its own.
        #expect((found[1].change != nil) == (standing == "DISTURBED"))
    }

    @Test func `other plans, machines and instruction sets are other series`() throws {
        let found = entries([
            try run(minute: 1),
            try run(minute: 2) { $0.plan.length = 512 },
            try run(minute: 3) { $0.plan.plane = .named(.inline) },
            try run(minute: 4) { $0.host.fingerprint = "0123456789abcdef" },
            try run(minute: 5) { $0.plan.instructionSet = .one(.baseline) },
            try run(minute: 6) {
                $0.plan.trials = 50
                $0.plan.name = "other"
                $0.host.commit = "fff"
            },
        ])
        #expect(found.map(\.series) == [1, 2, 3, 4, 5, 1])
        #expect(found[2].plan.contains("plane inline"))
        #expect(found[5].plan.hasPrefix("other: "))
        #expect(found.map { $0.change != nil } == [false, false, false, false, false, true])
    }

    @Test func `forcing the best instruction set of the machine is the same plan`() throws {
        let best = try #require(sampleRecord().host.instructionSets.last)
        let found = entries([
            try run(minute: 1),
            try run(minute: 2) { $0.plan.instructionSet = try? .init(best) },
        ])
        #expect(found.map(\.series) == [1, 1])
        #expect(found[1].change != nil)
    }

    @Test func `a copy of a record is no second run`() throws {
        let one = try run(minute: 1)
        let found = entries([one, one, try run(minute: 2)])
        #expect(found.map(\.copyOf) == [nil, found[0].path, nil])
        #expect(found[1].change == nil)
        #expect(found[2].change?.since == found[0].path)
    }

    @Test func `the figure of a sweep is that of the most workers, or none`() throws {
        let found = entries([
            try run(minute: 1),
            try run(minute: 2) { record in
                record.points.removeLast()
                record.exitCode = 143
                record.verdict = Verdict(reasons: ["SIGTERM"], sentence: "", isFinished: false)
            },
        ])
        #expect(found[0].mainFigure?.label == "2 workers")
        #expect(found[1].figures.map(\.label) == ["1 worker"])
        #expect(found[1].mainFigure == nil)
    }

    @Test func `a record without its workers' times compares the same`() throws {
        let records = [try run(minute: 1), try run(minute: 2, factor: 1.1)]
        #expect(entries(records) == entries(records.map(\.withoutWorkerTimes)))
        #expect(records[0].withoutWorkerTimes.points[0].samples[0].workers.isEmpty)
    }

    @Test func `records of kernels share the row that is their figure`() throws {
        let kernel = try KernelRecord.read(PackageFolder.record("kernel-avx512"))
        var later = kernel
        later.started = "2099-01-01T00:00:00Z"
        // Another row is nearest to its peak.
        later.rows = later.rows.map { row in
            KernelRow(
                instructionSet: row.instructionSet,
                threads: row.threads,
                shape: row.shape,
                mask: row.mask,
                samplesNanoseconds: row.samplesNanoseconds,
                summary: row.summary,
                gigaflopsPerSecond: row.gigaflopsPerSecond,
                fractionOfPeak: row == kernel.rows[0] ? 0.99 : 0.1,
                peakGigaflopsPerSecond: nil,
                maxAbsoluteError: nil
            )
        }
        let found = HistoryRecord.entries(of: [("a", kernel), ("b", later)])
        #expect(found.map(\.series) == [1, 1])
        #expect(found.map(\.main) == [0, 0])
        #expect(found.map(\.change) == [nil, nil])
        later.rows.removeLast()
        #expect(HistoryRecord.entries(of: [("a", kernel), ("b", later)]).map(\.series) == [1, 2])
    }

    @Test func `a history is checked when it is read`() throws {
        var history = HistoryRecord(
            host: .current(),
            started: UTCTime.now.text,
            commandLine: ["headwise", "history"],
            sources: ["results"],
            entries: entries([try run(minute: 1), try run(minute: 2, factor: 1.5)])
        )
        try history.validate(source: "history.json")
        let path = history.entries[0].path
        #expect(history.sentence.contains("1 slower"), "\(path)")
        history.entries[1].figures[0].medianNanoseconds = -1
        #expect(throws: (any Error).self) { try history.validate(source: "history.json") }
    }
}
