import Attention

extension VerifyRecord {
    /// The result of the comparisons; failures first.
    package var sentence: String {
        let sets = Units.counted(instructionSets.count, "instruction set")
        let start = isComplete ? "" : "Before it stopped: "
        let comparisons = start + "\(Units.grouped(counts.comparisons)) comparisons on \(sets)"
        guard !rows.isEmpty else { return "Nothing was checked." }
        let checks = Units.grouped(rows.count)
        let wrong = VerificationStatus.disagrees.rawValue
        let disagreeing = counts.statuses[wrong] ?? 0
        if disagreeing > 0 {
            return "\(comparisons): \(Units.grouped(disagreeing)) of \(checks) checks "
                + "\(disagreeing == 1 ? wrong : String(wrong.dropLast()))."
        }
        let mistrusted = rows.count { !$0.verification.status.isGood }
        if mistrusted > 0 {
            return "\(comparisons): nothing disagrees, but \(Units.grouped(mistrusted)) of "
                + "\(checks) checks prove nothing."
        }
        let worst = rows.compactMap(\.errorOverBound).max() ?? 0
        return "\(comparisons): every bit is equal, and the largest error is "
            + "\(Units.percent(worst)) of what is allowed."
    }
}
