import Attention

extension VerifyRecord {
    /// The result of the comparisons; failures first.
    package var sentence: String {
        let sets = Units.counted(instructionSets.count, "instruction set")
        let comparisons = "\(Units.grouped(counts.comparisons)) comparisons on \(sets)"
        let unfinished = isComplete ? "" : " UNFINISHED: the run stopped early."
        guard !rows.isEmpty else { return "Nothing was checked." + unfinished }
        let checks = Units.grouped(rows.count)
        let disagreeing = counts.statuses[VerificationStatus.disagrees.rawValue] ?? 0
        if disagreeing > 0 {
            return "\(comparisons): \(Units.grouped(disagreeing)) of \(checks) checks "
                + "\(disagreeing == 1 ? "DISAGREES" : "DISAGREE")." + unfinished
        }
        let mistrusted = rows.count { !$0.verification.status.isGood }
        if mistrusted > 0 {
            return "\(comparisons): nothing disagrees, but \(Units.grouped(mistrusted)) of "
                + "\(checks) checks prove nothing." + unfinished
        }
        let worst = rows.compactMap(\.errorOverBound).max() ?? 0
        return "\(comparisons): every bit is equal, and the largest error is "
            + "\(Units.percent(worst)) of what is allowed." + unfinished
    }
}
