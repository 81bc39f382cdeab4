import Platform
import Work

/// The tasks for which a worker waits, one after the other, instead of computing them.
///
/// The message thread waits, by a timer. Hundreds of such workers share a few processors with their
/// coordinator: handing each task to another thread would take time from the coordinator that a worker
/// with a processor of its own does not take.
struct WaitingTasks: ~Copyable {
    private struct Entry {
        var job: ShardJob
        var standIn: StandIn
        var tensors: WorkerTensors
    }

    private let timer: TimerDescriptor
    /// In the order in which they came; the timer is set for the first.
    private var entries: [Entry] = []
    /// The times of the first.
    private var times = ShardTimes(
        startNanoseconds: 0,
        computeNanoseconds: 0,
        queueNanoseconds: 0,
        offCoreNanoseconds: 0
    )
    private var pairs: [Shard: Int] = [:]

    init() throws(RunError) { timer = try TimerDescriptor() }

    /// Readable when a task has ended.
    var descriptor: Int32 { timer.descriptor }

    /// Adds a task of a workload; `standIn` says how long it waits.
    mutating func append(_ job: ShardJob, _ standIn: StandIn, of tensors: WorkerTensors) {
        let entry = Entry(job: job, standIn: standIn, tensors: tensors)
        entries.append(entry)
        if entries.count == 1 { begin(entry, at: Clock.nanoseconds) }
    }

    /// Forgets all tasks: another workload follows.
    mutating func dropTasks() {
        entries.removeAll()
        pairs.removeAll()
        timer.set(nil)
    }

    /// The first task if it has ended; the next begins where it ended.
    mutating func takeEnded() -> ComputeOutcome? {
        let now = Clock.nanoseconds
        guard let entry = entries.first,
            now >= times.startNanoseconds + times.computeNanoseconds
        else { return nil }
        entries.removeFirst()
        var ended = times
        ended.computeNanoseconds = now - ended.startNanoseconds
        if let next = entries.first { begin(next, at: now) } else { timer.set(nil) }
        return .computed(entry.job, ended)
    }

    private mutating func begin(_ entry: Entry, at start: UInt64) {
        times.startNanoseconds = start
        times.queueNanoseconds = start - min(start, entry.job.arrivalNanoseconds)
        times.computeNanoseconds = entry.standIn.nanoseconds(
            pairs: entry.standIn.pairs(of: entry.job, of: entry.tensors, &pairs)
        )
        timer.set(start + times.computeNanoseconds)
    }
}
