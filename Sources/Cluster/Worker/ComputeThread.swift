import Attention
import Glibc
import Platform
import Synchronization
import Work

/// The compute side of a worker: one thread that takes jobs in order and computes each with its
/// team, while another thread talks to the coordinator.
///
/// A class, since the two threads share it.
final class ComputeThread: Sendable {
    /// The finished work; its `descriptor` wakes the I/O loop.
    let outcomes: Handover<ComputeOutcome>
    private let jobs: Handover<ComputeJob>
    private let threads: Int
    private let processors: [Int]
    private let counter = Mutex<ProgressCounter?>(nil)
    /// The current shard and how much of its output is final.
    private let partial = Mutex<PartialOutput?>(nil)
    private let fault: InjectedFault?

    /// Thread i computes on the i-th of `processors`, if any; `depth` is how many jobs may wait.
    init(
        threads: Int,
        processors: [Int] = [],
        depth: Int,
        fault: InjectedFault?
    ) throws(RunError) {
        self.threads = threads
        self.processors = processors
        self.fault = fault
        jobs = try Handover(capacity: depth + 2)
        outcomes = try Handover(capacity: depth + 2)
    }

    /// Starts taking jobs; the thread ends with the process or with a `stop` job.
    func start() throws(RunError) -> PlainThread {
        try PlainThread { [self] in run() }
    }

    func submit(_ job: ComputeJob) { jobs.put(job) }

    /// Takes a job; `announceJobs` must follow soon.
    func submitSilently(_ job: ComputeJob) { jobs.putSilently(job) }

    /// Wakes the thread if jobs wait that it may not know of.
    func announceJobs() { jobs.announce() }

    /// Grows with every finished query block.
    var progress: UInt64 { counter.withLock { $0?.value ?? 0 } }

    /// The final part of the current shard's output; nil when there is nothing new.
    func takePartialOutput() -> PartialOutput? {
        partial.withLock { partial in
            defer { partial = nil }
            return partial
        }
    }

    private func run() {
        System.nameThread(ProcessorUse.computeThreadName)
        // The team belongs to the thread that makes it.
        let team = ThreadTeam(
            threadCount: threads,
            cpus: processors.isEmpty ? nil : processors,
            isTimed: true
        )
        counter.withLock { $0 = team.progressCounter }
        Clock.wakeOnTime()
        var workload: ComputeWorkload?
        var lastEnd: UInt64 = 0
        var last: (shard: Shard, nanoseconds: UInt64)?
        var computedShards = 0
        var delays = InjectedDelays(fault)
        var kept = KeptOutput()
        var visiblePairs: [Shard: Int] = [:]
        while true {
            switch nextJob(after: last) {
            case .stop:
                return
            case .prepare(let next):
                workload = next
                visiblePairs.removeAll()
                outcomes.put(prepare(next))
            case .shard(let task):
                guard let workload else {
                    preconditionFailure("a shard must come after its workload")
                }
                computedShards += 1
                commitFault(beforeShard: computedShards)
                let start = Clock.nanoseconds
                // Queue time starts when the task has arrived and the thread is free.
                let queue = start - max(task.arrivalNanoseconds, lastEnd)
                var offCore: UInt64 = 0
                if let standIn = workload.standIn {
                    standIn.do(task, of: workload.tensors, since: start, &visiblePairs)
                } else if !answersWithoutWork(task, count: computedShards, workload, kept) {
                    offCore = computeTimed(task, workload, team)
                    if case .stale = fault { kept.take(task, of: workload.tensors) }
                }
                delays.delay(since: start)
                if isSpoilt(shard: computedShards) {
                    workload.tensors.flipBit(of: task.identity, task.shard)
                }
                lastEnd = Clock.nanoseconds
                partial.withLock { $0 = nil }
                last = (task.shard, lastEnd - start)
                outcomes.putSilently(
                    .computed(
                        task,
                        ShardTimes(
                            startNanoseconds: start,
                            computeNanoseconds: lastEnd - start,
                            queueNanoseconds: queue,
                            offCoreNanoseconds: offCore
                        )
                    )
                )
            }
        }
    }

    /// The next job.
    ///
    /// Outcomes of short jobs are announced together, since a wake-up takes longer than such a job. None
    /// waits for a long one: that is judged by the job before and how much larger the next is.
    private func nextJob(after last: (shard: Shard, nanoseconds: UInt64)?) -> ComputeJob {
        guard let next = jobs.take() else {
            outcomes.announce()
            return jobs.wait()
        }
        if let last, fault == nil, case .shard(let job) = next,
            last.nanoseconds < Self.shortNanoseconds,
            job.shard.rows.count * job.shard.slices.count
                <= last.shard.rows.count * last.shard.slices.count
        {
            return next
        }
        outcomes.announce()
        return next
    }

    /// About what waking a thread takes.
    private static let shortNanoseconds: UInt64 = 20_000

    private func prepare(_ workload: ComputeWorkload) -> ComputeOutcome {
        workload.tensors.touchOutput()
        if let (kind, seed) = workload.generated {
            do throws(AttentionError) {
                try workload.tensors.generate(kind: kind, seed: seed)
            } catch {
                return .preparationFailed(reason: "\(error)")
            }
        }
        return .prepared
    }

    /// Computes a shard, and returns how long others had the core of a compute thread.
    ///
    /// The time used by this process's own message threads is no disturbance: they run on the same
    /// processors as the compute threads.
    private func computeTimed(
        _ task: ShardJob,
        _ workload: ComputeWorkload,
        _ team: ThreadTeam
    ) -> UInt64 {
        let before = System.cpuNanoseconds
        let times = compute(task, workload, team)
        let own = System.cpuNanoseconds - before
        let messages = own - min(own, times.cpuNanoseconds)
        return times.offCoreNanoseconds - min(times.offCoreNanoseconds, messages)
    }

    private func compute(
        _ task: ShardJob,
        _ workload: ComputeWorkload,
        _ team: ThreadTeam
    ) -> TeamTimes {
        let problem = workload.tensors.problem
        let stage = workload.tensors.layout.stages[task.shard.stage]
        let inputs = unsafe workload.tensors.inputs(of: task)
        let packed = PackedShard(task.shard, in: workload.tensors.layout)
        let slicesAtOnce = workload.tensors.slicesAtOnce(of: packed, threads: threads)
        var times = TeamTimes()
        var next = task.shard.slices.lowerBound
        while next < task.shard.slices.upperBound {
            let end = min(next + slicesAtOnce, task.shard.slices.upperBound)
            times =
                unsafe times
                + team.compute(
                    stage,
                    workload.kernel,
                    problem,
                    inputs,
                    slices: next..<end,
                    rows: task.shard.rows,
                    output: workload.tensors.output(
                        task.identity,
                        stage: task.shard.stage,
                        slice: next,
                        row: task.shard.rows.lowerBound
                    ),
                    outputSliceStride: stage.rowCount * stage.columnCount
                )
            next = end
            guard next < task.shard.slices.upperBound else { break }
            let finished = packed.byteCount(ofSlices: next - task.shard.slices.lowerBound)
            partial.withLock { $0 = PartialOutput(job: task, byteCount: finished) }
            System.signal(eventDescriptor: outcomes.descriptor)
        }
        return times
    }

    /// The faults `corrupt` and `spoil`.
    private func isSpoilt(shard count: Int) -> Bool {
        switch fault {
        case .corrupt(count): true
        case .spoil(let first): count >= first
        default: false
        }
    }

    /// The faults `skip` and `stale`: whether there is nothing to compute.
    private func answersWithoutWork(
        _ task: ShardJob,
        count: Int,
        _ workload: ComputeWorkload,
        _ kept: KeptOutput
    ) -> Bool {
        switch fault {
        case .skip(let first): count >= first
        case .stale(let first): count >= first && kept.put(task, into: workload.tensors)
        default: false
        }
    }

    private func commitFault(beforeShard count: Int) {
        switch fault {
        case .die(count): kill(getpid(), SIGKILL)
        case .wedge(count): while true { pause() }
        default: break
        }
    }
}

/// The part of a workload that the compute threads of a worker need.
struct ComputeWorkload: Sendable {
    var tensors: WorkerTensors
    var kernel: AttentionKernel
    /// The generator's settings for query, key and value; nil when they are received, or not needed.
    var generated: (kind: ValueKind, seed: UInt64)?
    /// What is done with tasks instead of computing them; nil to compute.
    var standIn: StandIn?
}
