import Attention
import Files
import Platform
import Record
import Work

/// The catalogue of cases whose output bits must not depend on how they are computed, and its run.
///
/// One thread computes each case, and the float64 reference checks its output. Then several threads
/// compute it, and real clusters of several sizes, splits, schedules, planes and transports; their
/// bits must be the same. A case that fails is made smaller until it is easy to inspect.
package struct Catalogue {
    package private(set) var rows: [VerifyRow] = []
    package private(set) var failures: [VerifyFailure] = []
    package private(set) var counts = VerifyCounts()
    /// Whether every case has run.
    package private(set) var isComplete = false

    private let options: CatalogueOptions
    private let kernels: [AttentionKernel]
    private let check: CatalogueCheck
    private let pool: CataloguePool
    private let interruption: Interruption
    /// The first failure, to be made smaller after all other cases have run.
    private var firstFailing: CatalogueSpecification?
    private var ownNotes: [String] = []

    /// The run stops at this many failures: more of them would show nothing new.
    private static let largestFailureCount = 10
    /// Each try has clusters of its own.
    private static let largestShrinkCount = 150

    package init(_ options: CatalogueOptions, interruption: Interruption) {
        self.options = options
        kernels = options.instructionSets.compactMap { AttentionKernel($0) }
        check = CatalogueCheck(interruption: interruption)
        pool = CataloguePool(options, interruption: interruption)
        self.interruption = interruption
    }

    /// What a reader should know in addition to the rows, a sentence each.
    package var notes: [String] { ownNotes + pool.notes }

    /// What came to the addresses of the clusters; nil when nobody came.
    package var strangers: Strangers? { pool.strangers.isEmpty ? nil : pool.strangers }

    /// Every fixed case, then the random ones.
    package mutating func run(progress: (String) -> Void) throws {
        defer { pool.shutDown() }
        let corners = try CatalogueCorners.all()
        let total = corners.count + options.randomCases
        for (index, corner) in corners.enumerated() {
            progress("case \(index + 1) of \(total): \(corner.name)")
            let inputs = try CatalogueInputs(corner.content)
            for (set, kernel) in kernels.enumerated() {
                let ways = options.cornerArrangements(corner.content, index + set)
                try take(corner, inputs, kernel, ways, mayRedraw: false)
            }
            guard mayGoOn else { break }
        }
        for ordinal in 0..<options.randomCases where mayGoOn {
            progress("case \(corners.count + ordinal + 1) of \(total): random \(ordinal)")
            try takeRandom(ordinal)
        }
        isComplete = mayGoOn
        if !mayGoOn {
            ownNotes.append("stopped at \(failures.count) failures; there may be more")
        }
        try shrinkFirstFailure(progress)
    }

    /// One case in every arrangement that its specification leaves open.
    package mutating func run(
        _ specification: CatalogueSpecification,
        progress: (String) -> Void
    ) throws {
        defer { pool.shutDown() }
        let entry = CatalogueEntry(
            feature: VerifyRow.givenCase,
            name: "the case",
            content: specification.entry
        )
        let inputs: CatalogueInputs
        do throws(AttentionError) {
            inputs = try CatalogueInputs(specification.entry)
        } catch {
            throw ExperimentError.unusableCase("\(specification)", "is impossible (\(error))")
        }
        let ways = options.arrangements(of: specification.entry, specification.restriction)
        for kernel in kernels where specification.allows(kernel) {
            progress("\(kernel.instructionSet.rawValue), \(ways.count) arrangements")
            try take(entry, inputs, kernel, ways, mayRedraw: false)
        }
        isComplete = true
        try shrinkFirstFailure(progress)
    }

    private var mayGoOn: Bool { failures.count < Self.largestFailureCount }

    /// Draws a random case and checks it on every instruction set.
    private mutating func takeRandom(_ ordinal: Int) throws(RunError) {
        // Some cases prove nothing, for example one in which no row sees a key: draw another
        // instead.
        for attempt in 0..<16 {
            let content = CatalogueRandom.draw(
                seed: options.seed,
                ordinal: ordinal,
                attempt: attempt
            )
            let entry = CatalogueEntry(
                feature: "random",
                name: "random \(ordinal)",
                content: content
            )
            let inputs: CatalogueInputs
            do throws(AttentionError) {
                inputs = try CatalogueInputs(content)
            } catch {
                counts.redrawnCases += 1
                continue
            }
            var isTaken = true
            for (index, kernel) in kernels.enumerated() where isTaken {
                let ways = options.randomArrangements(content, ordinal, index)
                isTaken = try take(entry, inputs, kernel, ways, mayRedraw: index == 0)
            }
            if isTaken { return }
            counts.redrawnCases += 1
        }
    }

    /// Checks one case on one instruction set and notes the result.
    ///
    /// False when the case proves nothing and another may take its place.
    @discardableResult
    private mutating func take(
        _ entry: CatalogueEntry,
        _ inputs: CatalogueInputs,
        _ kernel: AttentionKernel,
        _ arrangements: [CatalogueArrangement],
        mayRedraw: Bool
    ) throws(RunError) -> Bool {
        let outcome = try check.outcome(entry.content, inputs, kernel, arrangements, pool)
        if mayRedraw, outcome.report.status == .mistrusted { return false }
        counts.clusterComparisons += outcome.clusterComparisons
        counts.processComparisons += outcome.processComparisons
        counts.referenceComparisons += outcome.report.rowsChecked > 0 ? 1 : 0
        counts.statuses[outcome.report.status.rawValue, default: 0] += 1
        rows.append(
            VerifyRow(
                name: entry.name,
                feature: entry.feature,
                specification: "\(entry.content)",
                instructionSet: kernel.instructionSet,
                clusterComparisons: outcome.clusterComparisons,
                verification: VerificationSummary(outcome.report)
            )
        )
        if outcome.isFailure { note(outcome, of: entry, kernel.instructionSet) }
        return true
    }

    // MARK: Failures

    /// Keeps a failure with the line that repeats it, in case the run ends before the failure is
    /// made smaller.
    private mutating func note(
        _ outcome: CatalogueOutcome,
        of entry: CatalogueEntry,
        _ instructionSet: InstructionSet
    ) {
        let specification = CatalogueSpecification(
            entry.content,
            instructionSet: instructionSet,
            restriction: outcome.failing.map { CatalogueRestriction($0) } ?? .none
        )
        firstFailing = firstFailing ?? specification
        failures.append(
            VerifyFailure(
                name: entry.name,
                specification: "\(specification)",
                shrunkSpecification: nil,
                command: command(for: specification),
                reasons: outcome.report.reasons
            )
        )
    }

    /// Makes the first failure as small as it can be; the others often have the same cause.
    private mutating func shrinkFirstFailure(_ progress: (String) -> Void) throws(RunError) {
        guard let firstFailing else { return }
        progress("making \(failures[0].name) smaller")
        guard try fails(firstFailing) else {
            ownNotes.append("\(failures[0].name) did not fail again when repeated alone")
            return
        }
        let shrunk = try CatalogueShrinker.shrunk(firstFailing, limit: Self.largestShrinkCount) {
            candidate throws(RunError) in try fails(candidate)
        }
        failures[0].shrunkSpecification = "\(shrunk)"
        failures[0].command = command(for: shrunk)
    }

    /// Whether the case fails on new clusters, as when its line is run.
    private func fails(_ specification: CatalogueSpecification) throws(RunError) -> Bool {
        let inputs: CatalogueInputs
        do throws(AttentionError) {
            inputs = try CatalogueInputs(specification.entry)
        } catch {
            // Impossible cases are refused; that is no failure.
            return false
        }
        let pool = CataloguePool(options, interruption: interruption)
        defer { pool.shutDown() }
        let restriction = specification.restriction
        let ways =
            restriction == .none ? [] : options.arrangements(of: specification.entry, restriction)
        for kernel in kernels where specification.allows(kernel) {
            let outcome = try check.outcome(specification.entry, inputs, kernel, ways, pool)
            if outcome.isFailure { return true }
        }
        return false
    }

    private func command(for specification: CatalogueSpecification) -> String {
        let faults = options.faults.sorted { $0.key < $1.key }
            .map { " --inject-fault \($0.key):\($0.value)" }.joined()
        return "headwise verify --case \"\(specification)\"\(faults)"
    }
}

extension CatalogueSpecification {
    /// Whether the case is one for this kernel's instruction set.
    func allows(_ kernel: AttentionKernel) -> Bool {
        instructionSet ?? kernel.instructionSet == kernel.instructionSet
    }
}
