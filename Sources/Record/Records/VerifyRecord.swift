import Attention
import Files
import Host
import Statistics
import Work

/// The results of a catalogue of cases, which check the numbers.
///
/// Every case runs on every instruction set, computed by one process and by clusters of many kinds.
package struct VerifyRecord: Codable, Equatable, Sendable {
    package enum Schema: String, Codable, Sendable, CaseIterable {
        case verify = "headwise.verify/1"
    }

    package private(set) var schema = Schema.verify
    package var host: HostDescription
    /// When the run began, UTC, `2025-11-21T01:24:00Z`.
    package var started: String
    package var commandLine: [String]
    /// The seed of the random cases.
    @ExactInteger package var seed: UInt64
    /// How many random cases were asked for.
    package var randomCases: Int
    package var instructionSets: [InstructionSet]
    package var workers: [Int]
    package var counts: VerifyCounts
    package var rows: [VerifyRow]
    package var failures: [VerifyFailure]
    /// Workers that were lost on the way, and what else a reader should know.
    package var notes: [String]
    /// What came to the addresses of the clusters; absent when nobody came.
    package var strangers: Strangers?
    /// Whether every case was run.
    package var isComplete: Bool
    package var exitCode: Int32?

    package init(
        host: HostDescription,
        started: String,
        commandLine: [String],
        seed: UInt64,
        randomCases: Int,
        instructionSets: [InstructionSet],
        workers: [Int],
        counts: VerifyCounts = VerifyCounts(),
        rows: [VerifyRow] = [],
        failures: [VerifyFailure] = [],
        notes: [String] = [],
        isComplete: Bool = false,
        exitCode: Int32? = nil
    ) {
        self.host = host
        self.started = started
        self.commandLine = commandLine
        _seed = ExactInteger(wrappedValue: seed)
        self.randomCases = randomCases
        self.instructionSets = instructionSets
        self.workers = workers
        self.counts = counts
        self.rows = rows
        self.failures = failures
        self.notes = notes
        self.isComplete = isComplete
        self.exitCode = exitCode
    }
}

/// The number of comparisons of each kind.
package struct VerifyCounts: Codable, Equatable, Sendable {
    /// Cluster output with single-process output, every bit.
    package var clusterComparisons = 0
    /// Several threads with one, and poisoned with clean inputs, every bit.
    package var processComparisons = 0
    /// Single process with the float64 reference, every row.
    package var referenceComparisons = 0
    /// Rows (cases times instruction sets) by status: EXACT, AGREES, DISAGREES, MISTRUSTED.
    package var statuses: [String: Int] = [:]
    /// Random cases that would have proved nothing and were drawn again.
    package var redrawnCases = 0

    package var comparisons: Int { clusterComparisons + processComparisons + referenceComparisons }

    package init() {}
}

/// One case on one instruction set.
package struct VerifyRow: Codable, Equatable, Sendable {
    /// The feature of the case that `--case` gives.
    package static let givenCase = "--case"

    package var name: String
    /// What the case tests.
    package var feature: String
    /// What `--case` takes.
    package var specification: String
    package var instructionSet: InstructionSet
    package var clusterComparisons: Int
    package var verification: VerificationSummary
    /// The largest error as a part of what is allowed, by maximum or by RMS; absent when nothing
    /// was compared with the reference.
    package private(set) var errorOverBound: Double?

    package init(
        name: String,
        feature: String,
        specification: String,
        instructionSet: InstructionSet,
        clusterComparisons: Int,
        verification: VerificationSummary
    ) {
        self.name = name
        self.feature = feature
        self.specification = specification
        self.instructionSet = instructionSet
        self.clusterComparisons = clusterComparisons
        self.verification = verification
        let parts = [
            (verification.maxAbsoluteError, verification.boundMaxAbsolute),
            (verification.rmsError, verification.boundRms),
        ]
        errorOverBound = parts.compactMap { error, bound in
            guard let error, let bound, bound > 0 else { return nil }
            return error / bound
        }.max()
    }
}

/// A disagreement and how to reproduce it.
package struct VerifyFailure: Codable, Equatable, Sendable {
    package var name: String
    /// The case as it was found, with its arrangement.
    package var specification: String
    /// The smallest that still fails; absent when it did not fail again.
    package var shrunkSpecification: String?
    /// One line for a shell.
    package var command: String
    package var reasons: [String]

    package init(
        name: String,
        specification: String,
        shrunkSpecification: String?,
        command: String,
        reasons: [String]
    ) {
        self.name = name
        self.specification = specification
        self.shrunkSpecification = shrunkSpecification
        self.command = command
        self.reasons = reasons
    }

    /// What was found, as a clause.
    package var finding: String { "\(name) \(VerificationStatus.disagrees)" }
}

extension VerifyRecord {
    /// The exit code that its checks come to.
    package var ending: Int32 {
        if !failures.isEmpty { return VerificationStatus.disagrees.endCode }
        let isProved = !rows.isEmpty && rows.allSatisfy(\.verification.status.isGood)
        return isProved ? EndCode.done : VerificationStatus.mistrusted.endCode
    }

    /// It measures no time, so nothing disturbs it.
    package var warnings: [MeasurementWarning]? { nil }
    /// Numbers that disagree make it invalid.
    package var verdict: Verdict? {
        failures.isEmpty
            ? nil : Verdict(reasons: failures.map(\.finding), sentence: "")
    }

    /// Whether it is of the one case that `--case` gave.
    package var isOfOneCase: Bool {
        !rows.isEmpty && rows.allSatisfy { $0.feature == VerifyRow.givenCase }
    }
}
