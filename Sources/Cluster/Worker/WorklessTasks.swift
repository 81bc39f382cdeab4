import Platform
import Work

/// The tasks that take no processor, one after the other: empty ones, and those that wait a time instead of
/// computing.
///
/// The message thread does them: it waits for messages no longer than until the first ends. Handing each to another thread
/// would take more than the task, from a processor that a hundred emulated workers share with their
/// coordinator. The bare loop beside which they are shown answers in one thread, too.
struct WorklessTasks {
    private struct Entry {
        var job: ShardJob
        var nanoseconds: UInt64
    }

    /// In the order in which they came; the first is done.
    private var entries: [Entry] = []
    /// The times of the first.
    private var times = ShardTimes(
        startNanoseconds: 0,
        computeNanoseconds: 0,
        queueNanoseconds: 0,
        offCoreNanoseconds: 0
    )
    /// When the last one ended.
    private var lastEnd: UInt64 = 0

    /// When the first has ended; nil if there is none.
    var nextEnd: UInt64? {
        entries.isEmpty ? nil : times.startNanoseconds + times.computeNanoseconds
    }

    /// Adds a task that takes so long.
    mutating func append(_ job: ShardJob, nanoseconds: UInt64) {
        let entry = Entry(job: job, nanoseconds: nanoseconds)
        entries.append(entry)
        if entries.count == 1 { begin(entry, at: Clock.nanoseconds) }
    }

    /// Drops all tasks, and says which: another workload follows.
    mutating func dropTasks() -> [TaskIdentity] {
        defer { entries.removeAll() }
        return entries.map(\.job.identity)
    }

    /// The first task if it has ended; the next begins where it ended.
    mutating func takeEnded() -> ComputeOutcome? {
        guard let entry = entries.first, let end = nextEnd else { return nil }
        let now = Clock.nanoseconds
        guard now >= end else { return nil }
        entries.removeFirst()
        var ended = times
        ended.computeNanoseconds = now - ended.startNanoseconds
        lastEnd = now
        if let next = entries.first { begin(next, at: now) }
        return .computed(entry.job, ended)
    }

    private mutating func begin(_ entry: Entry, at start: UInt64) {
        times.startNanoseconds = start
        // Queue time starts when the task has arrived and the worker is free.
        times.queueNanoseconds = start - min(start, max(entry.job.arrivalNanoseconds, lastEnd))
        times.computeNanoseconds = entry.nanoseconds
    }
}
