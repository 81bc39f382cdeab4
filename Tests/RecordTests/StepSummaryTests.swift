import Attention
import Files
import Statistics
import Testing

@testable import Record

/// The steps in the record of a run.
struct StepSummaryTests {
    /// 8 steps of 4 sequences in each trial, of 20 ms to 90 ms.
    private static func record() throws -> RunRecord {
        var record = try sampleRecord()
        record.plan.operation = .decodeSteps
        record.plan.batch = 4
        record.plan.steps = 8
        for point in record.points.indices {
            var latencies = LatencyCounts()
            for step in 1...100 as ClosedRange<UInt64> { latencies.add(step * 100_000) }
            record.points[point].steps = StepSummary(
                latencies,
                steps: 8,
                sequences: 4,
                trialNanoseconds: record.points[point].summary?.wall.medianNanoseconds ?? 0
            )
        }
        return record
    }

    private static let damages: [(String, @Sendable (inout RunRecord) -> Void)] = [
        ("steps.steps", { $0.points[1].steps?.steps = 9 }),
        ("steps.steps", { $0.plan.operation = .attention }),
        ("steps.steps", { $0.plan.steps = nil }),
        ("steps.tokensPerSecond", { $0.points[1].steps?.tokensPerSecond *= 1.01 }),
        ("steps.longestNanoseconds", { $0.points[1].steps?.longestNanoseconds = 1e9 }),
        ("steps", { $0.points[1].steps?.percentile90Nanoseconds = 2e7 }),
        (
            "steps",
            {
                $0.points[1].samples = []
                $0.points[1].summary = nil
                $0.exitCode = 31
            }
        ),
        ("plan.steps", { $0.plan.steps = AttentionProblem.largestSteps + 1 }),
        ("plan.steps", { $0.plan.steps = -3 }),
        ("plan.keyLength", { $0.plan.keyLength = -1 }),
    ]

    @Test func `steps that no run can have are refused`() throws {
        let record = try Self.record()
        try record.validate(source: "r.json")
        for (index, (key, change)) in Self.damages.enumerated() {
            var damaged = record
            change(&damaged)
            let error = try #require(throws: ExperimentError.self, "\(index)") {
                try damaged.validate(source: "r.json")
            }
            #expect("\(error)".contains(key), "\(index): \(error)")
        }
    }
}
