import Attention
import Experiment
import Scheduling
import Timing

/// One cluster of a session and everything measured of it.
///
/// A class, since rounds add to it one trial at a time.
package final class MeasuredPoint {
    package let workers: Int
    package let cluster: Cluster
    package let shardPlan: ShardPlan
    package private(set) var samples: [TrialSample] = []
    package private(set) var attempts = 0
    package private(set) var duplicates = 0
    package private(set) var contradictions = 0
    package private(set) var bytesSent: UInt64 = 0
    package private(set) var bytesReceived: UInt64 = 0
    /// Trials, warm-up included, whose output was not the single-process output bit for bit.
    package private(set) var mismatchedTrials = 0
    package private(set) var comparedTrials = 0
    package var verification: VerificationReport?
    /// Which round each of the cluster's own trial numbers was.
    private var rounds: [Int: (round: Int, isWarmup: Bool)] = [:]

    init(workers: Int, cluster: Cluster, shardPlan: ShardPlan) {
        self.workers = workers
        self.cluster = cluster
        self.shardPlan = shardPlan
    }

    func note(_ report: TrialReport, trial: Int, isWarmup: Bool, isOutputEqual: Bool) {
        comparedTrials += 1
        if !isOutputEqual { mismatchedTrials += 1 }
        rounds[cluster.trialCount] = (trial, isWarmup)
        contradictions += report.contradictions
        duplicates += report.duplicates
        guard !isWarmup else { return }
        attempts += report.attempts
        bytesSent += report.bytesSent
        bytesReceived += report.bytesReceived
        // A trial whose output is wrong has no time.
        guard isOutputEqual else { return }
        samples.append(
            TrialSample(
                trial: trial,
                wallNanoseconds: report.wallNanoseconds,
                workers: report.workers.enumerated().map { WorkerSample(worker: $0, $1) }
            )
        )
    }

    /// Everything that went wrong, as the record tells it.
    package var faults: [Fault] {
        cluster.faults.flatMap { fault in
            let place = fault.trial.flatMap { rounds[$0] }
            let shards: [Int?] = fault.shards.isEmpty ? [nil] : fault.shards.map { $0 }
            return shards.map { shard in
                Fault(
                    worker: fault.ordinal,
                    shard: shard,
                    reason: "\(fault.reason)",
                    trial: place?.round,
                    isWarmup: place?.isWarmup ?? false
                )
            }
        }
    }
}

extension WorkerSample {
    init(worker: Int, _ times: WorkerTimes) {
        self.init(
            worker: worker,
            computeNanoseconds: times.computeNanoseconds,
            queueNanoseconds: times.queueNanoseconds,
            transferNanoseconds: times.transferNanoseconds,
            mergeNanoseconds: times.mergeNanoseconds,
            idleNanoseconds: times.idleNanoseconds,
            shards: times.shards,
            bytesIn: times.bytesIn,
            bytesOut: times.bytesOut
        )
    }
}
