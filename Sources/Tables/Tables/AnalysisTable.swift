import Record
import Statistics

/// The scaling results of a sweep: intervals, lost efficiency, models, advice.
package enum AnalysisTable {
    /// What serial fractions below 0 % and above 100 % mean; empty if there are none.
    package static func serialFractionNotes(_ points: [ScalingPoint]) -> [String] {
        func names(_ points: [ScalingPoint]) -> String {
            let counts = points.map { "\($0.workers)" }.joined(separator: ", ")
            return counts == "1" ? "1 worker" : "\(counts) workers"
        }
        let slower = points.filter { ($0.serialFraction?.value ?? 0) > 1 }
        let faster = points.filter { ($0.serialFraction?.value ?? 0) < 0 }
        return [
            slower.isEmpty
                ? nil
                : "Serial fraction above 100 %: \(names(slower)) took longer than one process with "
                    + "one thread, so the cluster cost more time than it saved",
            faster.isEmpty
                ? nil
                : "Serial fraction below 0 %: \(names(faster)) exceeded the ideal speedup; smaller "
                    + "shards may fit the caches better",
        ].compactMap { $0 }
    }

    static func tables(_ analysis: ScalingAnalysis) -> [Presentation.Table] {
        [
            .init(speedups(analysis.points), title: "Scaling against one process with one thread:"),
            .init(losses(analysis.points), title: "Efficiency and its losses, together 100 %:"),
        ]
    }

    /// The results of the models, one line each.
    static func findings(_ analysis: ScalingAnalysis) -> [String] {
        serialFractionNotes(analysis.points) + models(analysis.models)
    }

    private static func speedups(_ points: [ScalingPoint]) -> TextTable {
        var table = TextTable([
            .number("workers", narrow: "work-\ners"), .number("speedup", narrow: "speed-\nup"),
            .number("95 % interval", narrow: "95 %\ninterval"),
            .number("efficiency", narrow: "effi-\nciency", leaves: 3),
            .number("serial\nfraction", leaves: 2),
            .number("95 % interval", narrow: "95 %\ninterval", leaves: 1),
        ])
        for point in points {
            table.addRow([
                "\(point.workers)", .init(Units.significant(point.speedup.value)),
                interval(point.speedup) { Units.significant($0) },
                .init(percent(point.efficiency.value)),
                point.serialFraction.map { .init(percent($0.value)) } ?? .absent,
                point.serialFraction.map { interval($0) { percent($0) } } ?? .absent,
            ])
        }
        return table
    }

    /// Efficiency and its losses, which add up to all of the workers' time.
    private static func losses(_ points: [ScalingPoint]) -> TextTable {
        let titles = EfficiencyLoss.Cause.allCases.map { cause -> TextTable.Column in
            switch cause {
            case .compute: .number("compute", narrow: "com-\npute")
            case .transfer: .number("transfer", narrow: "trans-\nfer")
            case .imbalance: .number("imbalance", narrow: "imbal-\nance")
            // The sentence never names the unexplained part.
            case .unexplained: .number("rest", leaves: 1)
            case .queue, .merge, .idle: .number(cause.rawValue)
            }
        }
        var table = TextTable(
            [
                .number("workers", narrow: "work-\ners"),
                .number("efficiency", narrow: "effi-\nciency", leaves: 2),
            ] + titles
        )
        for point in points {
            let parts = EfficiencyLoss.Cause.allCases.map { cause -> TextTable.Cell in
                guard let loss = point.losses.first(where: { $0.cause == cause }) else {
                    return .absent
                }
                return .init(percent(loss.fraction))
            }
            table.addRow(["\(point.workers)", .init(percent(point.efficiency.value))] + parts)
        }
        return table
    }

    private static func models(_ fits: [ScalingModelFit]) -> [String] {
        fits.map { fit in
            let name =
                switch fit.model {
                case .amdahl: "Amdahl's law"
                case .universalScalability: "Universal Scalability Law"
                }
            if let refusal = fit.refusal {
                return "\(name): not fitted, \(refusal)"
            }
            var parts = fit.parameters.map { parameter in
                let estimate = parameter.estimate
                let bounds = range(estimate) { percent($0) }.map { " (\($0))" } ?? ""
                return "\(parameter.name) \(percent(estimate.value))\(bounds)"
            }
            if let error = fit.leaveOneOutError {
                parts.append("predicts a left-out point within \(percent(error))")
            }
            if let peak = fit.peakWorkers {
                parts.append("slower with more than \(Units.decimal(peak, places: 0)) workers")
            }
            return "\(name): " + parts.joined(separator: ", ")
        }
    }

    private static func percent(_ fraction: Double) -> String {
        Units.percent(fraction, isFine: true)
    }

    private static func interval(
        _ estimate: Estimate,
        _ text: (Double) -> String
    ) -> TextTable.Cell {
        range(estimate, text).map { .init($0) } ?? .absent
    }

    private static func range(_ estimate: Estimate, _ text: (Double) -> String) -> String? {
        guard let lower = estimate.lowerBound, let upper = estimate.upperBound else { return nil }
        return "\(text(lower)) … \(text(upper))"
    }
}
