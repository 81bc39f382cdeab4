import Files
import Statistics

/// The outcome of one comparison of many: one line of the file that shows how reliable verdicts
/// are.
package struct CompareOutcome: Codable, Equatable, Sendable {
    package struct Point: Equatable, Sendable {
        package var workers: Int
        package var statistics: [StatisticComparison]
    }

    package var started: String
    /// The faults injected into B's workers; empty where A and B were the same.
    package var faults: [String]
    package var exitCode: Int32
    package var points: [Point]
    package var replicates: Int
    package var trials: Int
    package var seconds: Double
    package var rule: CompareRule
    package var planDigest: String
    package var hostFingerprint: String
    package var commit: String?
    /// The load average over the last minute, when the comparison began.
    package var loadAverage: Double?

    package init(_ record: CompareRecord, faults: [String], seconds: Double) {
        started = record.started
        self.faults = faults
        exitCode = record.exitCode ?? record.ending
        points = record.points.map { Point(workers: $0.workers, statistics: $0.statistics) }
        replicates = record.points.map(\.firstNanoseconds.count).max() ?? 0
        trials = record.points.reduce(0) { sum, point in
            sum + point.firstNanoseconds.reduce(0) { $0 + $1.count }
        }
        self.seconds = seconds
        rule = record.rule
        rule.seed = nil
        planDigest = record.first.plan.digest
        hostFingerprint = record.host.fingerprint
        commit = record.first.commit
        loadAverage = record.host.loadAverage.first
    }

    /// The verdicts on every point: by one statistic, or by all of them.
    package func verdicts(by statistic: ComparedStatistic? = nil) -> [TimeComparison.Verdict] {
        points.flatMap(\.statistics).filter { statistic == nil || $0.statistic == statistic }
            .map(\.verdict)
    }

    /// Appends the outcome to a file of such lines, and creates the file if it is missing.
    package func append(to path: String) throws(ExperimentError) {
        try FileSystem.append(try TrialsProtocol.line(self), to: path)
    }

    /// Reads a file of such lines.
    package static func read(_ path: String) throws(ExperimentError) -> [CompareOutcome] {
        try JSONText.decodeLines(of: path, noun: "line that 'compare --append-outcome' wrote")
    }
}

extension CompareOutcome.Point: Codable {
    private enum CodingKeys: CodingKey {
        case workers, statistics
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        workers = try values.decode(Int.self, forKey: .workers)
        statistics = try StatisticComparison.list(in: decoder)
    }
}
