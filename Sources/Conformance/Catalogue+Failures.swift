import Attention
import Platform
import Record

extension Catalogue {
    /// Each try has clusters of its own.
    private static let largestShrinkCount = 150

    /// Keeps a failure with the line that repeats it, in case the run ends before the failure is
    /// made smaller.
    func note(
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
    func shrinkFirstFailure(_ progress: (String) -> Void) throws(ClusterError) {
        guard let firstFailing else { return }
        progress("making \(failures[0].name) smaller")
        guard let shrunk = try shrink(firstFailing) else {
            ownNotes.append("\(failures[0].name) did not fail again when repeated alone")
            return
        }
        failures[0].shrunkSpecification = "\(shrunk)"
        failures[0].command = command(for: shrunk)
    }

    private func shrink(
        _ specification: CatalogueSpecification
    ) throws(ClusterError) -> CatalogueSpecification? {
        guard try fails(specification) else { return nil }
        return try CatalogueShrinker.shrunk(specification, limit: Self.largestShrinkCount) {
            candidate throws(ClusterError) in try fails(candidate)
        }
    }

    /// Whether the case fails on new clusters, as when its line is run.
    private func fails(_ specification: CatalogueSpecification) throws(ClusterError) -> Bool {
        let inputs: CatalogueInputs
        do throws(AttentionError) {
            inputs = try CatalogueInputs(specification.entry)
        } catch {
            // Impossible cases are refused; that is no failure.
            return false
        }
        let ownPool = CataloguePool(
            executable: options.executable,
            faults: options.faults,
            interruption: interruption
        )
        defer { ownPool.shutDown() }
        let isFixed = specification.restriction != .none
        let ways = isFixed ? specification.restriction.arrangements(among: settings) : []
        for kernel in kernels
        where specification.instructionSet ?? kernel.instructionSet == kernel.instructionSet {
            let outcome = try check.outcome(specification.entry, inputs, kernel, ways, ownPool)
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
