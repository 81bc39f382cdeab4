/// What a sweep over worker counts says about the cluster: how it scales, where the time was lost,
/// what models make of it, and how many workers to use.
package struct ScalingAnalysis: Hashable, Sendable, Codable {
    /// In the order of the record's points.
    package var points: [ScalingPoint]
    /// Amdahl's law and the Universal Scalability Law; fitted, or refused with a reason.
    package var models: [ScalingModelFit]
    package var recommendation: WorkerRecommendation

    package init(
        points: [ScalingPoint],
        models: [ScalingModelFit],
        recommendation: WorkerRecommendation
    ) {
        self.points = points
        self.models = models
        self.recommendation = recommendation
    }
}

/// One worker count of a sweep.
package struct ScalingPoint: Hashable, Sendable, Codable {
    package var workers: Int
    /// Of one process with one thread: time over time (strong), or work per time over work per
    /// time (weak).
    package var speedup: Estimate
    /// Speedup per compute thread of all workers.
    package var efficiency: Estimate
    /// Against one process with as many threads as the cluster has.
    package var speedupOverThreads: Estimate?
    /// The experimentally determined serial fraction (Karp and Flatt, 1990); absent for one thread
    /// and in weak scaling, where the problem is another at every count.
    package var serialFraction: Estimate?
    /// Where the workers' time went that a perfect cluster would not have needed, as fractions of
    /// all compute threads' wall time; together with `efficiency` they add up to 1.
    package var losses: [EfficiencyLoss]

    package init(
        workers: Int,
        speedup: Estimate,
        efficiency: Estimate,
        speedupOverThreads: Estimate?,
        serialFraction: Estimate?,
        losses: [EfficiencyLoss]
    ) {
        self.workers = workers
        self.speedup = speedup
        self.efficiency = efficiency
        self.speedupOverThreads = speedupOverThreads
        self.serialFraction = serialFraction
        self.losses = losses
    }
}

/// One cause of lost efficiency.
package struct EfficiencyLoss: Hashable, Sendable, Codable {
    package enum Cause: String, Codable, Sendable, CaseIterable {
        /// Computing took longer than in the one-thread base case.
        case compute
        case queue, transfer, merge
        /// Workers that had finished waited for the slowest one.
        case imbalance
        /// Workers had nothing to do before that.
        case idle
        /// What the parts do not explain; may be negative.
        case unexplained
    }

    package var cause: Cause
    /// Of all compute threads' wall time.
    package var fraction: Double

    package init(_ cause: Cause, fraction: Double) {
        self.cause = cause
        self.fraction = fraction
    }
}

/// A model of speedup over the number of workers, as far as the points identify it.
package struct ScalingModelFit: Hashable, Sendable, Codable {
    package enum Model: String, Codable, Sendable, CaseIterable {
        /// `S(n) = λn / (1 + σ(n − 1))` (Amdahl, 1967).
        case amdahl
        /// `S(n) = λn / (1 + σ(n − 1) + κn(n − 1))` (Gunther, 1993).
        case universalScalability
    }

    package struct Parameter: Hashable, Sendable, Codable {
        /// `start` (λ, the speedup of one worker), `contention` (σ) or `coherency` (κ).
        package var name: String
        package var estimate: Estimate

        package init(name: String, estimate: Estimate) {
            self.name = name
            self.estimate = estimate
        }
    }

    package struct Prediction: Hashable, Sendable, Codable {
        package var workers: Int
        package var speedup: Double

        package init(workers: Int, speedup: Double) {
            self.workers = workers
            self.speedup = speedup
        }
    }

    package var model: Model
    /// Empty when refused.
    package var parameters: [Parameter]
    /// The median absolute relative error of predicting each point from the others; absent when
    /// leaving one out leaves too few.
    package var leaveOneOutError: Double?
    /// The worker count beyond which adding one makes it slower; absent when there is none.
    package var peakWorkers: Double?
    /// The fitted curve at every worker count up to twice the largest measured one.
    package var predictions: [Prediction]
    /// Why there is no fit, one sentence without a full stop; absent when there is one.
    package var refusal: String?

    package init(
        model: Model,
        parameters: [Parameter] = [],
        leaveOneOutError: Double? = nil,
        peakWorkers: Double? = nil,
        predictions: [Prediction] = [],
        refusal: String? = nil
    ) {
        self.model = model
        self.parameters = parameters
        self.leaveOneOutError = leaveOneOutError
        self.peakWorkers = peakWorkers
        self.predictions = predictions
        self.refusal = refusal
    }
}

/// How many workers to use on this machine, and why.
package struct WorkerRecommendation: Hashable, Sendable, Codable {
    /// A measured worker count; 0 when one process without a cluster does at least as well.
    package var workers: Int
    /// Of that one process, when it is recommended; absent otherwise, and in older records, where it
    /// is one.
    package var threads: Int?
    /// The cluster that the reason speaks of: the one recommended, or the best of those that are not;
    /// absent in older records.
    package var bestWorkers: Int?
    /// One sentence without a full stop; the workers are the last it speaks of.
    package var reason: String

    package init(workers: Int, threads: Int? = nil, bestWorkers: Int? = nil, reason: String) {
        self.workers = workers
        self.threads = threads
        self.bestWorkers = bestWorkers
        self.reason = reason
    }
}
