import Attention

extension KernelRecord {
    /// The row nearest to its peak, or what is wrong.
    package var sentence: String {
        if let sentence = verdict?.sentence, !sentence.isEmpty { return sentence }
        let measured = Units.counted(rows.count, "row")
        let wrong = rows.count { $0.status == .disagrees }
        guard wrong == 0 else {
            return "\(wrong) of \(measured) computed a wrong output, so the times mean nothing."
        }
        guard let best = bestRow, let fraction = best.fractionOfPeak else {
            return "\(measured) measured, without a multiply-add peak."
        }
        return "One process reached up to \(Units.percent(fraction)) of the multiply-add peak "
            + "measured beside it (\(best.title))."
    }

    /// The row nearest to its peak; nil without rows.
    package var bestRow: KernelRow? {
        rows.max { ($0.fractionOfPeak ?? 0) < ($1.fractionOfPeak ?? 0) }
    }
}
