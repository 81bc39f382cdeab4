import Platform

/// The coordinator's running account of one worker in one trial.
struct TrialAccount {
    private var times = WorkerTimes()
    private var outstanding = 0
    private var busySince: UInt64 = 0
    private var busyNanoseconds: UInt64 = 0

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
