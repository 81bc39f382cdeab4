/// Decides when to write a growing record again while its run continues.
///
/// A record is written as a whole, so each writing takes longer than the one before, and forcing it
/// to some disks takes seconds. So the time between two writings is `restFactor` times the duration
/// of the first of them. However large the record and slow the disk, a run spends less than a
/// twentieth of its time on writing, and a trial costs the same at the end as at the beginning. A
/// killed run loses what it measured in that time, or in a second where writing is fast.
///
/// This is a pure state machine: the caller reads the clock.
package struct KeepingPolicy: Sendable {
    /// The time between two writings divided by the duration of the first of them.
    package static let restFactor: UInt64 = 20
    /// The shortest time between two writings; more frequent ones are of no use.
    package static let leastRestNanoseconds: UInt64 = 1_000_000_000

    private var next: UInt64 = 0

    package init() {}

    /// Whether to write now; true for a record that was never written.
    package func isDue(at now: UInt64) -> Bool { now >= next }

    /// Notes that making and writing the record, or a failed attempt, took from `start` to `end`.
    package mutating func noteWriting(from start: UInt64, to end: UInt64) {
        let (rest, overflows) = (end - start).multipliedReportingOverflow(by: Self.restFactor)
        let (next, isNever) = end.addingReportingOverflow(
            overflows ? .max : max(rest, Self.leastRestNanoseconds)
        )
        self.next = isNever ? .max : next
    }
}
