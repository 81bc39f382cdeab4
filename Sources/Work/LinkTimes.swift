/// How fast the link of one worker was when it joined: what its messages travel through, both
/// processes' message threads included.
///
/// What was not reached within the time for it is nil.
package struct LinkTimes: Hashable, Sendable {
    /// An empty message to the worker and its answer: the median of several, one after the other.
    package var roundTripNanoseconds: UInt64
    /// The fastest of them.
    package var leastRoundTripNanoseconds: UInt64
    /// Payload that arrives in a second, beyond the time of a round trip.
    package var toWorkerBytesPerSecond: Double?
    package var fromWorkerBytesPerSecond: Double?

    package init(
        roundTripNanoseconds: UInt64,
        leastRoundTripNanoseconds: UInt64,
        toWorkerBytesPerSecond: Double? = nil,
        fromWorkerBytesPerSecond: Double? = nil
    ) {
        self.roundTripNanoseconds = roundTripNanoseconds
        self.leastRoundTripNanoseconds = leastRoundTripNanoseconds
        self.toWorkerBytesPerSecond = toWorkerBytesPerSecond
        self.fromWorkerBytesPerSecond = fromWorkerBytesPerSecond
    }
}
