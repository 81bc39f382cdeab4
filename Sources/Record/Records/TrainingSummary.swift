import Files

/// What kernel regression learned: the error of each epoch, and the widths before and after it.
package struct TrainingSummary: Codable, Equatable, Sendable {
    package struct Epoch: Codable, Equatable, Sendable {
        /// The mean over all predictions of the epoch, leave-one-out; absent where it is not finite.
        package private(set) var meanSquaredError: Double?
        /// The smallest and the largest width of the data sets with which the epoch began.
        package var widths: [Float]

        init(meanSquaredError: Double?, widths: [Float]) {
            self.meanSquaredError = meanSquaredError?.finiteOrNil
            self.widths = widths
        }
    }

    package var epochs: [Epoch]
    /// The smallest and the largest width after the last epoch.
    package var widths: [Float]

    /// From the sum of the squared errors of each epoch, each the sum of as many `predictions`, and from
    /// the widths of all data sets before each epoch and after the last.
    package init(losses: [Double], predictions: Int, widths: [[Float]]) {
        let ranges = widths.map { widths -> [Float] in
            guard let first = widths.min(), let last = widths.max(),
                widths.allSatisfy(\.isFinite)
            else { return [] }
            return [first, last]
        }
        epochs = zip(losses, ranges).map { loss, widths in
            Epoch(meanSquaredError: loss / Double(predictions), widths: widths)
        }
        self.widths = ranges.last ?? []
    }

    /// `planned` are the epochs of the plan; nil where it trains nothing.
    func validate(_ place: RecordPlace, epochs planned: Int?) throws(ExperimentError) {
        try place.key("epochs").require(
            epochs.count == planned,
            "has \(epochs.count) epochs",
            expected: planned.map { "the \($0) of the plan" } ?? "none, as the plan trains nothing"
        )
        for (index, epoch) in epochs.enumerated() {
            let own = place.item("epochs", index)
            try own.requireNotNegative(epoch.meanSquaredError, "meanSquaredError")
            try Self.requireRange(epoch.widths, own)
        }
        try Self.requireRange(widths, place)
    }

    private static func requireRange(
        _ widths: [Float],
        _ place: RecordPlace
    ) throws(ExperimentError) {
        try place.key("widths").require(
            widths.isEmpty || (widths.count == 2 && widths[0] <= widths[1]),
            "is \(widths)",
            expected: "the smallest and the largest width"
        )
    }
}
