/// When to read what the workers' threads use of the processors.
///
/// Reading takes a dozen microseconds for each thread, and what it leaves in the caches slows a trial of
/// microseconds. So it rests a hundred times as long as a reading took: long trials are all read, short
/// ones now and then.
struct UseReading {
    private static let restFactor: UInt64 = 100

    private var restsUntil: UInt64 = 0

    /// Whether a trial that begins now is read.
    func isDue(at now: UInt64) -> Bool { now >= restsUntil }

    /// Notes a reading before a trial; that after it takes as long.
    mutating func noteReading(from begin: UInt64, to end: UInt64) {
        restsUntil = end + 2 * (end - begin) * Self.restFactor
    }
}
