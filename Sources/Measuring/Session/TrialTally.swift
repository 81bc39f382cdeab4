import Cluster
import Record
import Statistics

/// The samples of a point's trials, and what they took.
struct TrialTally {
    /// Measured trials of all workers with a right output.
    private(set) var samples: [TrialSample] = []
    private(set) var attempts = 0
    private(set) var duplicates = 0
    /// Measured trials in which not all workers took part.
    private(set) var incompleteTrials = 0
    private(set) var bytesSent: UInt64 = 0
    private(set) var bytesReceived: UInt64 = 0

    /// Takes a trial; `isWhole` says whether all workers took part to its end.
    mutating func note(
        _ report: TrialReport,
        round: Int,
        replicate: Int,
        isWarmup: Bool,
        isEqual: Bool,
        isWhole: Bool
    ) {
        duplicates += report.duplicates
        guard !isWarmup else { return }
        attempts += report.attempts
        if !isWhole { incompleteTrials += 1 }
        // A trial with a wrong output or with fewer workers has no time.
        guard isEqual, isWhole else { return }
        bytesSent += report.bytesSent
        bytesReceived += report.bytesReceived
        samples.append(
            TrialSample(
                trial: round,
                replicate: replicate,
                wallNanoseconds: report.wallNanoseconds,
                cpuNanoseconds: report.cpuNanoseconds,
                workers: report.workers.enumerated().map { WorkerSample(worker: $0, $1) }
            )
        )
    }

    var replicateSamples: [ReplicateSample] {
        samples.map {
            ReplicateSample(nanoseconds: Double($0.wallNanoseconds), replicate: $0.replicate ?? 0)
        }
    }
}

extension WorkerSample {
    fileprivate init(worker: Int, _ times: WorkerTimes) {
        self.init(
            worker: worker,
            computeNanoseconds: times.computeNanoseconds,
            queueNanoseconds: times.queueNanoseconds,
            transferNanoseconds: times.transferNanoseconds,
            mergeNanoseconds: times.mergeNanoseconds,
            idleNanoseconds: times.idleNanoseconds,
            cpuNanoseconds: times.cpuNanoseconds,
            offCoreNanoseconds: times.offCoreNanoseconds,
            shards: times.shards,
            bytesIn: times.bytesIn,
            bytesOut: times.bytesOut
        )
    }
}
