import Record
import Tables

/// How the error of kernel regression fell over the epochs.
enum TrainingFigure {
    static func figure(_ training: TrainingSummary) -> Figure? {
        let errors = training.epochs.enumerated().compactMap { index, epoch in
            epoch.meanSquaredError.map { (epoch: index + 1, error: $0) }
        }
        guard errors.count > 1, let most = errors.map(\.error).max(), most > 0,
            let least = errors.map(\.error).min()
        else { return nil }
        let count = training.epochs.count
        // An error that falls a hundredfold would seem to be zero from then on.
        let isLogarithmic = least > 0 && most > 20 * least
        let block = Plot.Block(
            "epochs",
            columns: ["epoch", "mean squared error"],
            rows: errors.map { ["\($0.epoch)", Report.figure($0.error)] }
        )
        let plot = Plot(
            name: "training",
            blocks: [block],
            legend: [],
            area: { $0 == .wide ? 220 : 200 }
        ) { format in
            [
                isLogarithmic
                    ? "set logscale y 10" : "set yrange [0:\(Report.figure(most * 1.08))]",
                "set xrange [0.5:\(count).5]",
                "set xtics 1,\(max(1, Int(tickStep(Double(count), count: 10).rounded(.up))))",
                axisName("epoch"),
                "set ylabel 'mean squared error' textcolor rgb '\(Palette.ink.marker)'",
                "plot DATA index 0 using 1:2 with linespoints pt 7 ps "
                    + "\(count > 60 ? 0.4 : 0.9) lw 1.8 \(color(.blue)) notitle",
            ]
        }
        return Figure(
            "Error of training, epoch by epoch",
            caption: "Mean squared error of the predictions with which each epoch began; each "
                + "target is predicted from the others. The error is in squared units of the "
                + "targets." + (isLogarithmic ? " The axis is logarithmic." : ""),
            plot: plot,
            table: TrainingTable.table(training).table
        )
    }
}
