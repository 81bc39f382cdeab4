/// What a sweep over worker counts shows: scaling, lost time, models and the advised count.
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
    /// Over one process with one thread: time over time (strong), or work per time over work per
    /// time (weak).
    package var speedup: Estimate
    /// Speedup per compute thread of all workers.
    package var efficiency: Estimate
    /// Speedup against one process with as many threads as the cluster has.
    package var speedupOverThreads: Estimate?
    /// The experimentally determined serial fraction (Karp and Flatt, 1990); absent for one thread
    /// and in weak scaling, where the problem is another at every count.
    package var serialFraction: Estimate?
    /// The fractions of all compute threads' wall time that a perfect cluster would not have
    /// needed.
    ///
    /// Together with `efficiency` they add up to 1.
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
        /// No worker had anything to do, not even the busiest one.
        case idle
        /// The loss that the other parts do not explain; may be negative.
        case unexplained
    }

    package var cause: Cause
    /// A fraction of all compute threads' wall time.
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
    /// The median absolute relative error when each point is predicted from the others.
    ///
    /// Absent if too few points remain without one.
    package var leaveOneOutError: Double?
    /// The worker count beyond which one more worker makes the cluster slower; absent if there is
    /// none.
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
    /// A measured worker count; 0 if one process without a cluster is at least as good.
    package var workers: Int
    /// The threads of that one process, if one is recommended.
    ///
    /// Absent otherwise, and in older records, where the process has one thread.
    package var threads: Int?
    /// The cluster that the reason is about: the recommended one, or the best of the others.
    ///
    /// Absent in older records.
    package var bestWorkers: Int?
    /// One sentence without a full stop; the workers are the last thing that it names.
    package var reason: String

    package init(workers: Int, threads: Int? = nil, bestWorkers: Int? = nil, reason: String) {
        self.workers = workers
        self.threads = threads
        self.bestWorkers = bestWorkers
        self.reason = reason
    }
}
