/// The measurements of a sweep over worker counts, as plain values: the input of `ScalingAnalysis`.
package struct ScalingMeasurement: Sendable {
    /// What grows with the worker count: nothing, or the work.
    package enum Mode: Hashable, Sendable {
        case strong, weak
    }

    /// One worker count.
    package struct Point: Sendable {
        package var workers: Int
        package var samples: [ReplicateSample]
        /// One process with as many threads as the cluster has, the same problem; may be empty.
        package var matchingBase: [ReplicateSample]
        /// The workers' shares of time, of each trial or as means over trials; may be empty.
        package var trials: [TrialParts]

        package init(
            workers: Int,
            samples: [ReplicateSample],
            matchingBase: [ReplicateSample] = [],
            trials: [TrialParts] = []
        ) {
            self.workers = workers
            self.samples = samples
            self.matchingBase = matchingBase
            self.trials = trials
        }
    }

    /// Where the workers' time went in one trial.
    package struct TrialParts: Sendable {
        package var wallNanoseconds: Double
        package var workers: [WorkerParts]

        package init(wallNanoseconds: Double, workers: [WorkerParts]) {
            self.wallNanoseconds = wallNanoseconds
            self.workers = workers
        }
    }

    /// The five parts that one worker's wall time is made of.
    package struct WorkerParts: Sendable {
        package var computeNanoseconds: Double
        package var queueNanoseconds: Double
        package var transferNanoseconds: Double
        package var mergeNanoseconds: Double
        package var idleNanoseconds: Double

        package init(
            computeNanoseconds: Double = 0,
            queueNanoseconds: Double = 0,
            transferNanoseconds: Double = 0,
            mergeNanoseconds: Double = 0,
            idleNanoseconds: Double = 0
        ) {
            self.computeNanoseconds = computeNanoseconds
            self.queueNanoseconds = queueNanoseconds
            self.transferNanoseconds = transferNanoseconds
            self.mergeNanoseconds = mergeNanoseconds
            self.idleNanoseconds = idleNanoseconds
        }
    }

    package var mode: Mode
    /// Compute threads of each worker.
    package var threadsPerWorker: Int
    /// The number of threads that can run at once; models leave out points with more.
    package var coreCount: Int
    /// One process with one thread; in weak scaling, with one worker's problem.
    package var base: [ReplicateSample]
    package var points: [Point]

    package init(
        mode: Mode,
        threadsPerWorker: Int,
        coreCount: Int,
        base: [ReplicateSample],
        points: [Point]
    ) {
        self.mode = mode
        self.threadsPerWorker = threadsPerWorker
        self.coreCount = coreCount
        self.base = base
        self.points = points
    }

    /// The work of a point, as a multiple of the base case's work.
    func work(_ workers: Int) -> Double { mode == .weak ? Double(workers) : 1 }
    func threads(_ workers: Int) -> Int { workers * threadsPerWorker }
}
