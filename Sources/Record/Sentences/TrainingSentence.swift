import Attention

extension RunRecord {
    /// That a rate threw the widths of kernel regression far away, and a rate that does not; nil where
    /// none did.
    package var trainingSentence: String? {
        let rate = plan.problem.rate ?? Training().rate
        guard let leap = training?.firstLeap else { return nil }
        let text =
            "epoch \(leap.epoch) moved w from \(Units.significant(leap.from)) to "
            + "\(leap.to.map(Units.significant) ?? "infinity or NaN"): the rate \(rate) is too large "
            + "for these data"
        guard let to = leap.to else { return text + "; try a smaller --rate" }
        // The step of an epoch is the rate times the gradient.
        let moderate = abs(Double(rate) / (to - leap.from))
        return text + "; --rate \(Units.scientific(moderate)) would have moved it by 1"
    }
}

extension TrainingSummary {
    /// The first epoch after which a width is a hundred times as large as one before; it ended at no
    /// number where `to` is nil.
    struct Leap {
        var epoch: Int
        var from: Double
        var to: Double?
    }

    /// A width is one divided by a distance, and data lie about 1 apart, so a leap to hundreds leaves
    /// each point alone.
    fileprivate var firstLeap: Leap? {
        let widths = epochs.map(\.widths) + [self.widths]
        for (index, (before, after)) in zip(widths, widths.dropFirst()).enumerated() {
            // The ranges are of all data sets: the further end of each is the one that leapt.
            guard let from = before.max(by: { $0.magnitude < $1.magnitude }) else { return nil }
            let to = after.max { $0.magnitude < $1.magnitude }
            guard let to, to.isFinite else {
                return Leap(epoch: index + 1, from: Double(from), to: nil)
            }
            if to.magnitude > 100 * max(1, from.magnitude) {
                return Leap(epoch: index + 1, from: Double(from), to: Double(to))
            }
        }
        return nil
    }
}
