import Record

/// How the error fell in training, and how the width changed.
package enum TrainingTable {
    package static let title = "Training, each target predicted from the others:"
    /// More epochs are listed by every second, third … one.
    private static let listedEpochs = 10

    package static func table(_ training: TrainingSummary) -> Presentation.Table {
        let count = training.epochs.count
        let step = (count + listedEpochs - 1) / listedEpochs
        // Data sets learn widths of their own.
        let isOne =
            (training.epochs.map(\.widths) + [training.widths]).allSatisfy { $0.first == $0.last }
        var table = TextTable(
            [.number("epoch"), .number("mean squared error", narrow: "mean sq.\nerror")]
                + (isOne ? [.number("w")] : [.number("smallest w"), .number("largest w")])
        )
        func cells(_ widths: [Float]) -> [TextTable.Cell] {
            guard let first = widths.first, let last = widths.last else {
                return isOne ? [.absent] : [.absent, .absent]
            }
            let texts = isOne ? [first] : [first, last]
            return texts.map { .init(Units.significant(Double($0))) }
        }
        // The last one always.
        for epoch in stride(from: 0, to: count - 1, by: step).map({ $0 }) + [count - 1] {
            let found = training.epochs[epoch]
            table.addRow(
                ["\(epoch + 1)", .value(found.meanSquaredError) { Units.significant($0) }]
                    + cells(found.widths)
            )
        }
        table.addRow(["after", .absent] + cells(training.widths))
        return Presentation.Table(table, title: title)
    }
}
