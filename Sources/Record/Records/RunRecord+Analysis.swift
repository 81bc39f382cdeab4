import Host
import Statistics

extension RunRecord {
    /// What the points say about scaling; nil for a run, and when no trial was finished.
    package var scalingAnalysis: ScalingAnalysis? {
        schema == .scale ? madeAnalysis : nil
    }

    /// What to use on this machine, and the worth of the cluster that speaks for or against it; nil
    /// when no trial was finished.
    ///
    /// A run of one cluster has one, too. It is made of the samples anew where the record has none or
    /// an older one, which does not say which cluster it speaks of.
    package var recommendation: WorkerRecommendation? {
        if let stored = analysis?.recommendation, stored.bestWorkers != nil { return stored }
        return madeAnalysis?.recommendation
    }

    /// Speedup and efficiency of a point with their intervals; nil when it has no samples.
    package func scaling(of point: RunPoint) -> ScalingPoint? {
        scalingPoints.first { $0.workers == point.workers }
    }

    /// Speedup and efficiency of all points that have samples, of a run of one cluster, too.
    package var scalingPoints: [ScalingPoint] { (analysis ?? madeAnalysis)?.points ?? [] }

    private var madeAnalysis: ScalingAnalysis? {
        guard let single = singleThread else { return nil }
        return ScalingAnalysis.make(
            ScalingMeasurement(
                mode: plan.mode == .weak ? .weak : .strong,
                threadsPerWorker: plan.threads,
                coreCount: usableCPUCount,
                base: single.replicateSamples,
                points: points.map { point in
                    ScalingMeasurement.Point(
                        workers: point.workers,
                        samples: point.replicateSamples,
                        matchingBase: baseCase(matching: point)?.replicateSamples ?? [],
                        trials: point.samples.map(\.parts)
                    )
                }
            )
        )
    }
}

extension BaseCase {
    var replicateSamples: [ReplicateSample] {
        ReplicateSample.paired(samplesNanoseconds, replicates)
    }
}

extension RunPoint {
    var replicateSamples: [ReplicateSample] {
        samples.map {
            ReplicateSample(nanoseconds: Double($0.wallNanoseconds), replicate: $0.replicate ?? 0)
        }
    }
}

extension TrialSample {
    fileprivate var parts: ScalingMeasurement.TrialParts {
        ScalingMeasurement.TrialParts(
            wallNanoseconds: Double(wallNanoseconds),
            workers: workers.map { worker in
                ScalingMeasurement.WorkerParts(
                    computeNanoseconds: Double(worker.computeNanoseconds),
                    queueNanoseconds: Double(worker.queueNanoseconds),
                    transferNanoseconds: Double(worker.transferNanoseconds),
                    mergeNanoseconds: Double(worker.mergeNanoseconds),
                    idleNanoseconds: Double(worker.idleNanoseconds)
                )
            }
        )
    }
}
