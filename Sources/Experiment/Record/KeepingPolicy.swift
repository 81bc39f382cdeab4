/// Says when a record that grows is to be written again while its run goes on.
///
/// A record is written whole, so that each writing takes longer than the one before, and on some
/// disks forcing it there takes seconds. So the time between two writings is `restFactor` times what
/// the first of them took: however large the record and slow the disk, a run spends less than a
/// twentieth of its time on it, and a trial costs the same at the end as at the beginning. A run that
/// is killed loses what it measured in that time, or in a second where writing is fast.
///
/// A pure state machine: whoever drives it reads the clock.
package struct KeepingPolicy: Sendable {
    /// The time between two writings over what the first of them took.
    package static let restFactor: UInt64 = 20
    /// More often than that is of no use to anybody.
    package static let leastRestNanoseconds: UInt64 = 1_000_000_000

    private var next: UInt64 = 0

    package init() {}

    /// Whether to write; a record that was never written is.
    package func isDue(at now: UInt64) -> Bool { now >= next }

    /// The record was made and written, or that failed, between two times.
    package mutating func noteWriting(from start: UInt64, to end: UInt64) {
        let (rest, overflows) = (end - start).multipliedReportingOverflow(by: Self.restFactor)
        let (next, isNever) = end.addingReportingOverflow(
            overflows ? .max : max(rest, Self.leastRestNanoseconds)
        )
        self.next = isNever ? .max : next
    }
}
