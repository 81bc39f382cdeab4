import Timing
import Work

/// What a comparison found out: who was compared, every raw sample, and what to think of it.
package struct CompareRecord: Codable, Equatable, Sendable {
    package enum Schema: String, Codable, Sendable, CaseIterable {
        /// Of the fast end alone, which is what a record of this schema is read as.
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
    /// The machine of the comparison; that of the samples when they were taken for it.
    package var host: HostDescription
    /// When the comparison began, UTC, `2025-11-21T01:24:00Z`.
    package var started: String
    package var commandLine: [String]
    /// A: what the other is compared with.
    package var first: ComparedSide
    /// B: what is judged.
    package var second: ComparedSide
    package var rule: CompareRule
    package var points: [ComparedPoint]
    /// What a reader should know beside the verdicts, as sentences without a full stop.
    package var notes: [String]
    /// What should make a reader doubt the times; absent in older records.
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

    /// The exit code that all verdicts come to: the worst of any statistic at any point.
    package var ending: Int32 {
        let verdicts = points.flatMap(\.statistics).map(\.verdict)
        return verdicts.contains(.slower)
            ? EndCode.slower : verdicts.contains(.ambiguous) ? EndCode.ambiguous : EndCode.done
    }
}

/// One of the two that are compared.
package struct ComparedSide: Codable, Equatable, Sendable {
    /// The plan or the record, as it was named.
    package var path: String
    /// The program that measured, where it was named.
    package var program: String?
    package var plan: RunPlan
    package var hostFingerprint: String
    package var instructionSet: String
    /// What the kernel is made of, as far as it is known.
    package var kernel: String?
    package var commit: String?
    package var version: String?
    /// When it was measured, where that was before.
    package var started: String?
    /// Of its record, where it was measured before: VALID, INVALID, DISTURBED, UNFINISHED, or two of them.
    ///
    /// Absent in older comparisons.
    package var standing: String?
    /// Of the output, where it was measured for this comparison.
    package var outputChecksum: String?
    /// EXACT, AGREES, … of the output, where it was measured for this comparison.
    package var verification: String?

    package init(path: String, plan: RunPlan, hostFingerprint: String, instructionSet: String) {
        self.path = path
        self.plan = plan
        self.hostFingerprint = hostFingerprint
        self.instructionSet = instructionSet
    }
}

/// By which rule verdicts were given, and how the samples came about.
package struct CompareRule: Codable, Equatable, Sendable {
    /// A difference of the fast end up to this fraction is none.
    package var threshold: Double
    /// Of the mean; absent where it was not judged, in older records.
    package var meanThreshold: Double?
    /// Of the 90th percentile; absent likewise.
    package var percentile90Threshold: Double?
    /// That all intervals hold their truths.
    package var confidence: Double
    /// Seconds that measuring could take; absent for records.
    package var budgetSeconds: Double?
    /// Pairs of replicates that were aimed at; absent for records.
    package var replicates: Int?
    /// What the order of the trials was drawn from; absent for records.
    package var seed: UInt64?

    /// What counts as no difference unless somebody says otherwise.
    ///
    /// Each as narrow as its statistic can be told by default on a machine of which neighbours
    /// disturb a few trials in a hundred. A stall that lengthens every fifth trial by half lies beyond
    /// the last two.
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
        self.seed = seed
    }

    /// What is judged.
    package var statistics: [ComparedStatistic] {
        ComparedStatistic.allCases.filter { storedThreshold(of: $0) != nil }
    }

    /// The fraction up to which a difference is none.
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

    /// How a statistic of one of so many points is judged.
    package func comparison(by statistic: ComparedStatistic, points: Int) -> ReplicateComparison {
        ReplicateComparison(
            intervals: points * statistics.count,
            threshold: threshold(of: statistic),
            confidence: confidence
        )
    }
}
