import Timing

/// What a comparison found out: who was compared, every raw sample, and what to think of it.
package struct CompareRecord: Codable, Equatable, Sendable {
    package enum Schema: String, Codable, Sendable {
        case compare = "headwise.compare/1"
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

    /// The exit code that the verdicts of the points come to.
    package var verdictExitCode: Int32 {
        if points.contains(where: { $0.verdict == .slower }) { return 20 }
        if points.contains(where: { $0.verdict == .ambiguous }) { return 22 }
        return 0
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
    /// A difference up to this fraction is none.
    package var threshold: Double
    /// That all intervals hold their truths.
    package var confidence: Double
    /// Seconds that measuring could take; absent for records.
    package var budgetSeconds: Double?
    /// Pairs of replicates that were aimed at; absent for records.
    package var replicates: Int?
    /// What the order of the trials was drawn from; absent for records.
    package var seed: UInt64?

    package init(
        threshold: Double,
        confidence: Double,
        budgetSeconds: Double? = nil,
        replicates: Int? = nil,
        seed: UInt64? = nil
    ) {
        self.threshold = threshold
        self.confidence = confidence
        self.budgetSeconds = budgetSeconds
        self.replicates = replicates
        self.seed = seed
    }

    package func comparison(points: Int) -> ReplicateComparison {
        ReplicateComparison(points: points, threshold: threshold, confidence: confidence)
    }
}
