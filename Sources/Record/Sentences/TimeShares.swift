import Statistics

/// The time of a point's workers, as fractions of their total time.
///
/// The losses add up: one minus the efficiency is the sum of the four waiting shares and of the
/// extra compute time beside other workers, if efficiency and shares are of the same trials.
package struct TimeShares: Hashable, Sendable {
    /// A way to spend time other than computing.
    package enum Loss: String, Hashable, Sendable, CaseIterable {
        case queue, transfer, merge, idle
        /// Computing takes longer than in one process: memory, cache or clock are shared.
        case slowerComputing

        /// The name of the loss as the subject of a sentence.
        package var phrase: String {
            switch self {
            case .queue: "tasks waiting at the workers"
            case .transfer: "transfer"
            case .merge: "merging results"
            case .idle: "workers without work"
            case .slowerComputing: "slower computing side by side"
            }
        }
    }

    package var compute: Double
    package var queue: Double
    package var transfer: Double
    package var merge: Double
    package var idle: Double

    /// The shares over all workers and trials of a point; nil when it has none.
    package init?(_ point: RunPoint) {
        self.init(point.samples.flatMap(\.workers))
    }

    /// The shares in a typical trial, for comparison with an efficiency, which is computed from
    /// medians.
    package static func typical(of point: RunPoint) -> TimeShares? {
        TimeShares(
            MiddleThird.of(point.samples) { Double($0.wallNanoseconds) }.flatMap(\.workers)
        )
    }

    package init?(_ samples: [WorkerSample]) {
        func total(_ part: (WorkerSample) -> UInt64) -> Double {
            samples.reduce(0) { $0 + Double(part($1)) }
        }
        let parts = [
            total(\.computeNanoseconds), total(\.queueNanoseconds),
            total(\.transferNanoseconds), total(\.mergeNanoseconds), total(\.idleNanoseconds),
        ]
        let whole = parts.reduce(0, +)
        guard whole > 0 else { return nil }
        compute = parts[0] / whole
        queue = parts[1] / whole
        transfer = parts[2] / whole
        merge = parts[3] / whole
        idle = parts[4] / whole
    }

    /// The largest loss of a point with this efficiency, if one is worth naming: 1 % at least.
    package func largestLoss(efficiency: Double) -> (loss: Loss, share: Double)? {
        let losses = Loss.allCases.map { loss in
            (loss: loss, share: share(of: loss, efficiency: efficiency))
        }
        guard let largest = losses.max(by: { $0.share < $1.share }), largest.share >= 0.01 else {
            return nil
        }
        return largest
    }

    private func share(of loss: Loss, efficiency: Double) -> Double {
        switch loss {
        case .queue: queue
        case .transfer: transfer
        case .merge: merge
        case .idle: idle
        case .slowerComputing: compute - efficiency
        }
    }
}
