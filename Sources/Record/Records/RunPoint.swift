import Work

/// The results of one worker count.
package struct RunPoint: Codable, Equatable, Sendable {
    package var workers: Int
    /// Workers of each process, which share its times and its memory; absent where each has one of its own.
    package var workersPerProcess: Int?
    /// Compute threads of each worker.
    package var threads: Int
    /// The batch of this point's problem where it differs from the plan's: weak scaling.
    package var batch: Int?
    /// The split that was used, never `auto`.
    package var split: Split
    package var plane: PlaneName
    package var transport: Transport
    /// How outputs travelled; absent in older records, whose outputs were messages.
    package var outputs: OutputRoute?
    /// How many shards the problem was cut into.
    package var shards: Int
    /// How fast each worker of the last replicate was in its first trials, 1 the mean.
    ///
    /// A weighted schedule cuts by it; absent with other schedules.
    package var speeds: [Double]?
    /// Every measured trial in which all workers took part and the output was right.
    package var samples: [TrialSample]
    /// Absent when no trial finished.
    package var summary: PointSummary?
    /// What the steps of these trials took; absent where there are none, and in older records.
    package var steps: StepSummary?
    /// Payload and header bytes that the coordinator sent in the trials of `samples`.
    package var bytesSent: UInt64
    /// Payload and header bytes that the coordinator received.
    ///
    /// Outputs that it copied from shared memory count, too; those that were written in their place do not.
    package var bytesReceived: UInt64
    /// What moving tensors took; absent in older records.
    package var moving: MovingCost?
    /// Tasks handed out in the measured trials; more than shards × trials when some were repeated.
    package var attempts: Int
    /// Results for a shard that already had one; they are compared and counted, but not used.
    package var duplicates: Int
    /// Measured trials that lost a worker, or had lost one before: they have no time.
    ///
    /// Absent in older records, like the next property.
    package var incompleteTrials: Int?
    /// Measured trials during which the run was stopped or the machine suspended: they have no time.
    ///
    /// Absent when none.
    package var pausedTrials: Int?
    /// How often all workers were restarted because one was lost.
    package var replacements: Int?
    /// Where each worker computed, and with what, in the order of replicates; absent where all did so on the
    /// run's own host with one instruction set, and in older records.
    package var hosts: [WorkerHost]?
    package var faults: [Fault]
    /// What came to the workers' addresses and was not let in; absent when nothing did, and in older
    /// records.
    package var strangers: Strangers?
    /// How fast the workers' links were when they joined, in the order of the workers; of those that answer
    /// probes, absent if none does, and in older records.
    package var links: [LinkSummary]?
    /// How long its workers took to start, each time that all of them came; absent in older records.
    package var starts: [WorkerStart]?
    package var verification: VerificationSummary
    package var verdict: Verdict

    package init(
        workers: Int,
        workersPerProcess: Int? = nil,
        threads: Int,
        batch: Int? = nil,
        split: Split,
        plane: PlaneName,
        transport: Transport,
        outputs: OutputRoute? = nil,
        shards: Int,
        speeds: [Double]? = nil,
        samples: [TrialSample],
        summary: PointSummary?,
        steps: StepSummary? = nil,
        bytesSent: UInt64,
        bytesReceived: UInt64,
        moving: MovingCost? = nil,
        attempts: Int,
        duplicates: Int,
        incompleteTrials: Int? = nil,
        pausedTrials: Int? = nil,
        replacements: Int? = nil,
        hosts: [WorkerHost]? = nil,
        faults: [Fault],
        strangers: Strangers? = nil,
        links: [LinkSummary]? = nil,
        starts: [WorkerStart]? = nil,
        verification: VerificationSummary,
        verdict: Verdict
    ) {
        self.workers = workers
        self.workersPerProcess = workersPerProcess
        self.threads = threads
        self.batch = batch
        self.split = split
        self.plane = plane
        self.transport = transport
        self.outputs = outputs
        self.shards = shards
        self.speeds = speeds
        self.samples = samples
        self.summary = summary
        self.steps = steps
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.moving = moving
        self.attempts = attempts
        self.duplicates = duplicates
        self.incompleteTrials = incompleteTrials
        self.pausedTrials = pausedTrials
        self.replacements = replacements
        self.hosts = hosts
        self.faults = faults
        self.strangers = strangers
        self.links = links
        self.starts = starts
        self.verification = verification
        self.verdict = verdict
    }
}

/// One trial, from the first task sent to the last output row in its place.
package struct TrialSample: Codable, Equatable, Sendable {
    /// Counted from 1, in older records from 0: one with a trial 0 is such a record.
    package var trial: Int
    /// Which set of worker processes computed it, counted from 0; absent in older records.
    package var replicate: Int?
    package var wallNanoseconds: UInt64
    /// CPU time of the coordinator's process; absent in older records.
    package var cpuNanoseconds: UInt64?
    /// How often a thread of the coordinator gave its processor up to wait; absent in older records, as the
    /// next is.
    package var voluntarySwitches: UInt64?
    /// How often another thread took the processor of one that was not done.
    package var involuntarySwitches: UInt64?
    package var workers: [WorkerSample]
    /// Where what is computed has several stages; absent in older records.
    package var stages: [StageSample]?

    package init(
        trial: Int,
        replicate: Int? = nil,
        wallNanoseconds: UInt64,
        cpuNanoseconds: UInt64? = nil,
        voluntarySwitches: UInt64? = nil,
        involuntarySwitches: UInt64? = nil,
        workers: [WorkerSample],
        stages: [StageSample]? = nil
    ) {
        self.trial = trial
        self.replicate = replicate
        self.wallNanoseconds = wallNanoseconds
        self.cpuNanoseconds = cpuNanoseconds
        self.voluntarySwitches = voluntarySwitches
        self.involuntarySwitches = involuntarySwitches
        self.workers = workers
        self.stages = stages
    }
}

/// How the time of one worker was spent in one trial; the five parts add up to its wall time.
package struct WorkerSample: Codable, Equatable, Sendable {
    /// Counted from 0.
    package var worker: Int
    /// Time in the kernel.
    package var computeNanoseconds: UInt64
    /// Time in which tasks waited at the worker for a compute thread.
    package var queueNanoseconds: UInt64
    /// Time of transfer to the worker and back.
    package var transferNanoseconds: UInt64
    /// Time of putting results in their place.
    package var mergeNanoseconds: UInt64
    /// Time in which the worker had nothing to do.
    package var idleNanoseconds: UInt64
    /// CPU time of the worker's process, the threads that move messages included; absent where nobody
    /// can tell, and in older records.
    package var cpuNanoseconds: UInt64?
    /// The part of it that compute threads took; absent like that, and in most of many short trials,
    /// as the next two are: they take time to read.
    package var computeCPUNanoseconds: UInt64?
    /// How often a thread of the process gave its processor up to wait; absent where nobody can
    /// tell, and in older records.
    package var voluntarySwitches: UInt64?
    /// How often another thread took the processor of one that was not done.
    package var involuntarySwitches: UInt64?
    /// How long another process had the core of a compute thread that was ready; absent in older
    /// records.
    package var offCoreNanoseconds: UInt64?
    /// Shards whose accepted result came from this worker.
    package var shards: Int
    /// Bytes received, as the worker counts them.
    package var bytesIn: UInt64
    /// Bytes sent, as the worker counts them.
    package var bytesOut: UInt64
    /// How many of all these were in messages; others were copied in shared memory.
    ///
    /// Absent in older records.
    package var messageBytes: UInt64?

    package init(
        worker: Int,
        computeNanoseconds: UInt64 = 0,
        queueNanoseconds: UInt64 = 0,
        transferNanoseconds: UInt64 = 0,
        mergeNanoseconds: UInt64 = 0,
        idleNanoseconds: UInt64 = 0,
        cpuNanoseconds: UInt64? = nil,
        computeCPUNanoseconds: UInt64? = nil,
        voluntarySwitches: UInt64? = nil,
        involuntarySwitches: UInt64? = nil,
        offCoreNanoseconds: UInt64? = nil,
        shards: Int = 0,
        bytesIn: UInt64 = 0,
        bytesOut: UInt64 = 0,
        messageBytes: UInt64? = nil
    ) {
        self.worker = worker
        self.computeNanoseconds = computeNanoseconds
        self.queueNanoseconds = queueNanoseconds
        self.transferNanoseconds = transferNanoseconds
        self.mergeNanoseconds = mergeNanoseconds
        self.idleNanoseconds = idleNanoseconds
        self.cpuNanoseconds = cpuNanoseconds
        self.computeCPUNanoseconds = computeCPUNanoseconds
        self.voluntarySwitches = voluntarySwitches
        self.involuntarySwitches = involuntarySwitches
        self.offCoreNanoseconds = offCoreNanoseconds
        self.shards = shards
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.messageBytes = messageBytes
    }
}

/// A worker that failed, or a result that was not accepted.
package struct Fault: Codable, Equatable, Sendable {
    package var worker: Int
    /// The shard it held; absent when it held none.
    package var shard: Int?
    /// What happened, as a phrase: `killed by signal 9`, `silent for 2.0 s`.
    package var reason: String
    /// A trial that is neither a sample nor a warm-up.
    package enum Apart: String, Codable, Equatable, Sendable {
        /// With other inputs.
        case proof
        case traced
    }

    /// Counted as those of samples; absent when the fault happened outside these and warm-ups.
    package var trial: Int?
    /// Whether the trial was a warm-up, whose numbers are not counted.
    package var isWarmup: Bool
    /// What other trial it was; absent if it was none.
    package var apart: Apart?
    /// When it was noticed, since the run began; absent in older records, as the next is.
    package var seenNanoseconds: UInt64?
    /// How long after the worker's last message it was noticed; absent if the worker never joined.
    package var delayNanoseconds: UInt64?

    package init(
        worker: Int,
        shard: Int?,
        reason: String,
        trial: Int?,
        isWarmup: Bool = false,
        apart: Apart? = nil,
        seenNanoseconds: UInt64? = nil,
        delayNanoseconds: UInt64? = nil
    ) {
        self.worker = worker
        self.shard = shard
        self.reason = reason
        self.trial = trial
        self.isWarmup = isWarmup
        self.apart = apart
        self.seenNanoseconds = seenNanoseconds
        self.delayNanoseconds = delayNanoseconds
    }
}

extension Fault {
    /// `trial 3`, `warm-up 1`, `a traced trial`; nil outside a trial.
    package var occasion: String? {
        switch apart {
        case nil: trial.map { "\(isWarmup ? "warm-up" : "trial") \($0)" }
        case .proof: "a trial with other inputs"
        case .traced: "a traced trial"
        }
    }
}
