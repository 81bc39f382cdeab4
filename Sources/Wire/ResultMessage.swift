/// Worker to coordinator: the shard is computed, and all of its output has been sent.
package struct ResultMessage: HotMessage {
    package static let kind = MessageKind.result

    package var trial: Int
    package var shard: Int
    package var attempt: Int
    /// From the first to the last instruction of the kernel on this shard.
    package var computeNanoseconds: UInt64
    /// The task was here and the compute threads, free for it, had not begun.
    package var queueNanoseconds: UInt64
    /// A compute thread, ready for the kernel, was not on a core and neither was another thread of the
    /// worker in its place: others had it.
    package var offCoreNanoseconds: UInt64

    package init(
        trial: Int,
        shard: Int,
        attempt: Int,
        computeNanoseconds: UInt64,
        queueNanoseconds: UInt64,
        offCoreNanoseconds: UInt64
    ) {
        self.trial = trial
        self.shard = shard
        self.attempt = attempt
        self.computeNanoseconds = computeNanoseconds
        self.queueNanoseconds = queueNanoseconds
        self.offCoreNanoseconds = offCoreNanoseconds
    }

    package init(header: Header) throws(WireError) {
        try header.checkNoPayload()
        trial = try header.number("trial", header.trial)
        shard = try header.number("shard", header.shard)
        attempt = try header.number("attempt", header.attempt)
        // What is later added up must not overflow: no shard takes 150 years.
        guard header.a < 1 << 62 else { throw header.field("computeNanoseconds", header.a) }
        guard header.b < 1 << 62 else { throw header.field("queueNanoseconds", header.b) }
        guard header.c < 1 << 62 else { throw header.field("offCoreNanoseconds", header.c) }
        computeNanoseconds = header.a
        queueNanoseconds = header.b
        offCoreNanoseconds = header.c
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run)
        header.trial = UInt32(trial)
        header.shard = UInt32(shard)
        header.attempt = UInt32(attempt)
        header.a = computeNanoseconds
        header.b = queueNanoseconds
        header.c = offCoreNanoseconds
        return header
    }
}
