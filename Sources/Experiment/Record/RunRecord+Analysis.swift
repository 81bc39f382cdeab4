import Timing

extension RunRecord {
    /// What the points say about scaling; nil for a run, and when no trial was finished.
    ///
    /// The base cases run in the coordinator's process, which is never started afresh; a replicate of
    /// theirs is what was measured in the same rounds.
    package var scalingAnalysis: ScalingAnalysis? {
        guard schema == .scale, let single = singleThread else { return nil }
        return ScalingAnalysis.make(
            ScalingMeasurement(
                mode: plan.mode == .weak ? .weak : .strong,
                threadsPerWorker: plan.threads,
                coreCount: host.usableCPUCount,
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
