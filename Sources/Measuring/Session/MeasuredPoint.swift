import Attention
import Cluster
import Record
import Scheduling
import Statistics

/// One cluster of a session and everything measured of it.
///
/// A class, since rounds add to it one trial at a time.
package final class MeasuredPoint {
    package let workers: Int
    let problem: AttentionProblem
    /// Counts the visible (query, key) pairs only.
    let floatingPointOperations: Double
    package let shardPlan: ShardPlan
    /// The cluster of the current replicate.
    package private(set) var cluster: Cluster?
    package private(set) var samples: [TrialSample] = []
    package private(set) var attempts = 0
    package private(set) var duplicates = 0
    package private(set) var contradictions = 0
    package private(set) var bytesSent: UInt64 = 0
    package private(set) var bytesReceived: UInt64 = 0
    /// Trials, warm-up included, whose output differed from the single-process output in at least
    /// one bit.
    package private(set) var mismatchedTrials = 0
    /// The mismatched trials whose wrong parts are the output of an earlier seed.
    package private(set) var staleTrials = 0
    package private(set) var comparedTrials = 0
    /// How the output of the first wrong trial differs from the single-process output.
    private(set) var firstDifference: OutputDifference?
    /// How the output of the last trial differs from it.
    private(set) var lastDifference: OutputDifference?
    /// Whether the current workers still have to compute a trial with other inputs.
    private(set) var needsProof = false
    /// Trials with other inputs whose output was right, and could only come from computing.
    private(set) var proofs = 0
    /// Trials with other inputs whose output was that of the earlier trials.
    private(set) var keptProofs = 0
    /// How the first proof with any other wrong output differs from the right output.
    private(set) var proofDifference: OutputDifference?
    private(set) var lastRound = 0
    /// Measured trials in which not all workers took part.
    package private(set) var incompleteTrials = 0
    /// How often all workers were replaced because one was lost.
    package private(set) var replacements = 0
    /// Limits the replacements: a cause that ends workers repeatedly also ends the next ones.
    private var replacementsLeft = 0
    private let isProvedByTrials: Bool
    package var verification: VerificationReport?
    /// The round of each trial, by the cluster's trial number.
    private var rounds: [Int: (round: Int, isWarmup: Bool)] = [:]
    /// The faults of the earlier replicates.
    private var formerFaults: [Fault] = []

    init(
        workers: Int,
        problem: AttentionProblem,
        floatingPointOperations: Double,
        shardPlan: ShardPlan,
        isProvedByTrials: Bool
    ) {
        self.isProvedByTrials = isProvedByTrials
        self.workers = workers
        self.problem = problem
        self.floatingPointOperations = floatingPointOperations
        self.shardPlan = shardPlan
    }

    package var replicateSamples: [ReplicateSample] {
        samples.map {
            ReplicateSample(nanoseconds: Double($0.wallNanoseconds), replicate: $0.replicate ?? 0)
        }
    }

    /// Takes the cluster of a new replicate.
    func begin(_ cluster: Cluster) {
        endCluster()
        self.cluster = cluster
        needsProof = isProvedByTrials
        replacementsLeft = 3
    }

    /// Whether a worker was lost and the workers may still be replaced.
    var needsReplacement: Bool {
        replacementsLeft > 0 && cluster.map { !$0.isWhole } ?? false
    }

    /// Takes a new cluster in place of the one that lost a worker.
    func replace(_ cluster: Cluster) {
        endCluster()
        self.cluster = cluster
        needsProof = isProvedByTrials
        replacements += 1
        replacementsLeft -= 1
    }

    func endCluster() {
        guard let cluster else { return }
        formerFaults = faults
        rounds.removeAll()
        cluster.shutDown()
        self.cluster = nil
    }

    func note(
        _ report: TrialReport,
        trial: Int,
        replicate: Int,
        isWarmup: Bool,
        agreement: OutputAgreement,
        difference: OutputDifference?
    ) {
        comparedTrials += 1
        lastRound = trial
        // Stale outputs have their own message.
        if agreement == .differs { firstDifference = firstDifference ?? difference }
        lastDifference = difference
        if agreement != .equal { mismatchedTrials += 1 }
        if agreement == .stale { staleTrials += 1 }
        if let cluster { rounds[cluster.trialCount] = (trial, isWarmup) }
        contradictions += report.contradictions
        duplicates += report.duplicates
        guard !isWarmup else { return }
        attempts += report.attempts
        let isComplete = cluster.map(\.isWhole) ?? false
        if !isComplete { incompleteTrials += 1 }
        // A trial with a wrong output or with fewer workers has no time.
        guard agreement == .equal, isComplete else { return }
        bytesSent += report.bytesSent
        bytesReceived += report.bytesReceived
        samples.append(
            TrialSample(
                trial: trial,
                replicate: replicate,
                wallNanoseconds: report.wallNanoseconds,
                cpuNanoseconds: report.cpuNanoseconds,
                workers: report.workers.enumerated().map { WorkerSample(worker: $0, $1) }
            )
        )
    }

    /// Notes a trial with other inputs; it counts in no figure.
    func noteProof(
        _ report: TrialReport,
        round: Int,
        agreement: OutputAgreement,
        difference: OutputDifference?,
        isTelling: Bool
    ) {
        needsProof = false
        if let cluster { rounds[cluster.trialCount] = (round, true) }
        contradictions += report.contradictions
        switch agreement {
        case .equal: if isTelling { proofs += 1 }
        case .stale: keptProofs += 1
        case .differs: proofDifference = proofDifference ?? difference
        }
    }

    /// Everything that went wrong, in the form of the record.
    package var faults: [Fault] {
        guard let cluster else { return formerFaults }
        return formerFaults
            + cluster.faults.flatMap { fault in
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
            cpuNanoseconds: times.cpuNanoseconds,
            offCoreNanoseconds: times.offCoreNanoseconds,
            shards: times.shards,
            bytesIn: times.bytesIn,
            bytesOut: times.bytesOut
        )
    }
}
