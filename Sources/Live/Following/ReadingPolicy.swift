/// Decides when to read a record again while its run continues.
///
/// A reading takes processor time, which a run on the same machine could use. So the time between
/// two readings is `restFactor` times the processor time of the first: however large the record,
/// following it takes at most a three-hundredth of one processor, and that at the lowest priority.
///
/// This is a pure state machine: the caller reads the clocks.
package struct ReadingPolicy: Sendable {
    /// The time between two looks at a file.
    package static let lookMilliseconds: Int32 = 1000

    /// The time between two readings divided by the processor time of the first.
    private let restFactor: UInt64
    private var next: UInt64 = 0

    package init(restFactor: UInt64 = 300) {
        self.restFactor = restFactor
    }

    /// For a machine on which nothing is measured.
    package static let eager = ReadingPolicy(restFactor: 5)

    package func isDue(at now: UInt64) -> Bool { now >= next }

    /// Notes that a reading ended at `end` and took `processorNanoseconds`.
    package mutating func noteReading(processorNanoseconds: UInt64, end: UInt64) {
        let (rest, overflows) = processorNanoseconds.multipliedReportingOverflow(
            by: restFactor
        )
        let (next, isNever) = end.addingReportingOverflow(overflows ? .max : rest)
        self.next = isNever ? .max : next
    }
}
