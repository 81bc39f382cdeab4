import Platform
import Traces
import Work

/// The coordinator's running account of one worker in one trial.
struct TrialAccount {
    /// What is done when, in a trial that is traced.
    var trace: WorkerTrace?
    private var times = WorkerTimes()
    private var outstanding = 0
    private var busySince: UInt64 = 0
    private var busyNanoseconds: UInt64 = 0

    init(trace: WorkerTrace? = nil) { self.trace = trace }

    mutating func dispatched(at now: UInt64) {
        if outstanding == 0 { busySince = now }
        outstanding += 1
    }

    /// Notes that a task of the trial was answered, by a result or a refusal.
    mutating func answered(at now: UInt64) {
        guard outstanding > 0 else { return }
        outstanding -= 1
        if outstanding == 0 { busyNanoseconds += now - busySince }
    }

    /// Notes that the worker is gone, even if it still had tasks.
    mutating func abandoned(at now: UInt64) {
        if outstanding > 0 { busyNanoseconds += now - busySince }
        outstanding = 0
    }

    mutating func computed(
        _ computeNanoseconds: UInt64,
        queued queueNanoseconds: UInt64,
        offCore offCoreNanoseconds: UInt64
    ) {
        times.computeNanoseconds.add(computeNanoseconds)
        times.queueNanoseconds.add(queueNanoseconds)
        times.offCoreNanoseconds.add(offCoreNanoseconds)
    }

    /// The time, if somebody wants to know it.
    var tracedMoment: UInt64 { trace == nil ? 0 : Clock.nanoseconds }

    /// Notes what has just been done, if the trial is traced.
    mutating func did(
        _ kind: Activity.Kind,
        of task: TaskIdentity? = nil,
        since begin: UInt64,
        byteCount: Int = 0
    ) {
        guard trace != nil else { return }
        let now = Clock.nanoseconds
        trace?.did(Activity(kind, of: task, from: begin, to: now, byteCount: byteCount))
    }

    mutating func used(_ use: ProcessorUse) { times.use = use }

    mutating func merged(_ nanoseconds: UInt64) { times.mergeNanoseconds += nanoseconds }
    mutating func accepted() { times.shards += 1 }

    /// Notes a message to the worker.
    mutating func sent(_ byteCount: Int) {
        copied(byteCount)
        times.messageBytes += UInt64(byteCount)
    }

    /// Notes a message from the worker.
    mutating func received(_ byteCount: Int) {
        gathered(byteCount)
        times.messageBytes += UInt64(byteCount)
    }

    /// Notes inputs that were copied to where the worker reads them.
    mutating func copied(_ byteCount: Int) { times.bytesIn += UInt64(byteCount) }

    /// Notes output that was copied from where the worker wrote it.
    mutating func gathered(_ byteCount: Int) { times.bytesOut += UInt64(byteCount) }

    /// Closes the account: five durations that add up to `wall`.
    func close(at end: UInt64, wall: UInt64) -> WorkerTimes {
        var closed = times
        let busy = min(wall, busyNanoseconds + (outstanding > 0 ? end - busySince : 0))
        // A worker's clock runs slightly differently from ours, so its durations are cut to the
        // time that is left.
        var rest = busy
        func take(_ part: UInt64) -> UInt64 {
            let taken = min(part, rest)
            rest -= taken
            return taken
        }
        closed.computeNanoseconds = take(times.computeNanoseconds)
        closed.mergeNanoseconds = take(times.mergeNanoseconds)
        closed.queueNanoseconds = take(times.queueNanoseconds)
        closed.transferNanoseconds = rest
        closed.idleNanoseconds = wall - busy
        closed.offCoreNanoseconds = min(times.offCoreNanoseconds, wall)
        return closed
    }
}
