import Attention
import Platform
import Record

extension Catalogue {
    /// Draws a random case and checks it on every instruction set.
    func takeRandom(_ ordinal: Int) throws(ClusterError) {
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
                let ways = randomArrangements(content, ordinal, index)
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
    func take(
        _ entry: CatalogueEntry,
        _ inputs: CatalogueInputs,
        _ kernel: AttentionKernel,
        _ arrangements: [CatalogueArrangement],
        mayRedraw: Bool
    ) throws(ClusterError) -> Bool {
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
}
