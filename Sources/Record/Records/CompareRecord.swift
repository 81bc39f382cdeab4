import Files
import Host
import Plan
import Statistics
import Work

/// The result of a comparison: what was compared, every raw sample, and the verdicts.
package struct CompareRecord: Codable, Equatable, Sendable {
    package enum Schema: String, Codable, Sendable, CaseIterable {
        /// Older: these records compare the fast end alone.
        case fastEnd = "headwise.compare/1"
        case compare = "headwise.compare/2"
    }

    package enum Form: String, Codable, Sendable, CaseIterable {
        /// Two records, each measured at its own time.
        case records
        /// A record and the baseline of its plan and machine.
        case baseline
        /// Two plans, measured in turn.
        case plans
        /// One plan by two programs, measured in turn.
        case builds
    }

    package private(set) var schema = Schema.compare
    package var form: Form
    /// The machine of the comparison; where samples were taken for it, also their machine.
    package var host: HostDescription
    /// When the comparison began, UTC, `2025-11-21T01:24:00Z`.
    package var started: String
    package var commandLine: [String]
    /// A: the reference of the comparison.
    package var first: ComparedSide
    /// B: the side that is judged.
    package var second: ComparedSide
    package var rule: CompareRule
    package var points: [ComparedPoint]
    /// Notes beside the verdicts, as sentences without a full stop.
    package var notes: [String]
    /// Reasons to doubt the times; absent in older records.
    package var warnings: [MeasurementWarning]?
    package var verdict: Verdict?
    package var exitCode: Int32?

    package init(
        form: Form,
        host: HostDescription,
        started: String,
        commandLine: [String],
        first: ComparedSide,
        second: ComparedSide,
        rule: CompareRule,
        points: [ComparedPoint] = [],
        notes: [String] = []
    ) {
        self.form = form
        self.host = host
        self.started = started
        self.commandLine = commandLine
        self.first = first
        self.second = second
        self.rule = rule
        self.points = points
        self.notes = notes
    }

    /// The worst verdict on any statistic at any point; not slower where none is bad.
    package var worstVerdict: TimeComparison.Verdict {
        let verdicts = points.flatMap(\.statistics).map(\.verdict)
        return [.slower, .ambiguous].first(where: verdicts.contains) ?? .notSlower
    }

    /// The exit code for all verdicts.
    package var ending: Int32 { worstVerdict.endCode }
}

extension TimeComparison.Verdict {
    /// The exit code of a comparison without a worse verdict.
    package var endCode: Int32 {
        switch self {
        case .slower: EndCode.slower
        case .ambiguous: EndCode.ambiguous
        case .faster, .same, .notSlower: EndCode.done
        }
    }
}

/// One of the two sides of a comparison.
package struct ComparedSide: Codable, Equatable, Sendable {
    /// The path of the plan or the record, as the user gave it.
    package var path: String
    /// The program that measured, if the user named it.
    package var program: String?
    package var plan: RunPlan
    package var hostFingerprint: String
    package var instructionSet: String
    /// The blocks and spans of the kernel, if known.
    package var kernel: String?
    package var commit: String?
    package var version: String?
    /// When it was measured, if before the comparison.
    package var started: String?
    /// The status of its record, if it was measured before: VALID, INVALID, DISTURBED, UNFINISHED,
    /// or two of them.
    ///
    /// Absent in older comparisons.
    package var standing: String?
    /// The checksum of the output, if it was measured for this comparison.
    package var outputChecksum: String?
    /// The status of the output (EXACT, AGREES, …), if it was measured for this comparison.
    package var verification: String?
    /// What came to the addresses of its clusters, if it was measured for this comparison; absent
    /// when nobody came.
    package var strangers: Strangers?

    package init(path: String, plan: RunPlan, hostFingerprint: String, instructionSet: String) {
        self.path = path
        self.plan = plan
        self.hostFingerprint = hostFingerprint
        self.instructionSet = instructionSet
    }
}

/// The rule by which verdicts were given, and how the samples were taken.
package struct CompareRule: Codable, Equatable, Sendable {
    /// The largest fraction by which the fast end may differ and count as the same.
    package var threshold: Double
    /// The threshold of the mean; absent in older records, where the mean was not judged.
    package var meanThreshold: Double?
    /// The threshold of the 90th percentile; absent likewise.
    package var percentile90Threshold: Double?
    /// The probability that all intervals hold their true values.
    package var confidence: Double
    /// Seconds that measuring could take; absent for records.
    package var budgetSeconds: Double?
    /// Pairs of replicates that the comparison aimed at; absent for records.
    package var replicates: Int?
    /// The seed of the order of the trials; absent for records.
    package var seed: ExactInteger?

    /// The default threshold of a statistic, below which a difference counts as none.
    ///
    /// Each threshold is as narrow as the statistic can be measured by default on a machine where
    /// neighbours disturb a few trials in a hundred. A stall that lengthens every fifth trial by
    /// half exceeds the last two.
    package static func defaultThreshold(of statistic: ComparedStatistic) -> Double {
        switch statistic {
        case .fastEnd: 0.02
        case .mean: 0.05
        case .percentile90: 0.1
        }
    }

    package init(
        threshold: Double = defaultThreshold(of: .fastEnd),
        meanThreshold: Double? = defaultThreshold(of: .mean),
        percentile90Threshold: Double? = defaultThreshold(of: .percentile90),
        confidence: Double,
        budgetSeconds: Double? = nil,
        replicates: Int? = nil,
        seed: UInt64? = nil
    ) {
        self.threshold = threshold
        self.meanThreshold = meanThreshold
        self.percentile90Threshold = percentile90Threshold
        self.confidence = confidence
        self.budgetSeconds = budgetSeconds
        self.replicates = replicates
        self.seed = seed.map { ExactInteger(wrappedValue: $0) }
    }

    /// The statistics that are judged.
    package var statistics: [ComparedStatistic] {
        ComparedStatistic.allCases.filter { storedThreshold(of: $0) != nil }
    }

    /// The largest fraction that counts as no difference.
    package func threshold(of statistic: ComparedStatistic) -> Double {
        storedThreshold(of: statistic) ?? threshold
    }

    private func storedThreshold(of statistic: ComparedStatistic) -> Double? {
        switch statistic {
        case .fastEnd: threshold
        case .mean: meanThreshold
        case .percentile90: percentile90Threshold
        }
    }

    /// How a statistic of one of `points` points is judged.
    package func comparison(by statistic: ComparedStatistic, points: Int) -> ReplicateComparison {
        ReplicateComparison(
            intervals: points * statistics.count,
            threshold: threshold(of: statistic),
            confidence: confidence
        )
    }
}
