/// Coordinator to worker: compute this shard.
package struct TaskMessage: HotMessage {
    package static let kind = MessageKind.task

    package var trial: Int
    package var shard: Int
    /// Which dispatch of the shard this is; every answer repeats it.
    package var attempt: Int
    package var slices: Range<Int>
    package var rows: Range<Int>
    /// The bytes of CHUNK payload sent to this worker in this trial before this message: a worker
    /// that has taken in fewer does not begin.
    package var precedingBytes: UInt64

    package init(
        trial: Int,
        shard: Int,
        attempt: Int,
        slices: Range<Int>,
        rows: Range<Int>,
        precedingBytes: UInt64 = 0
    ) {
        self.trial = trial
        self.shard = shard
        self.attempt = attempt
        self.slices = slices
        self.rows = rows
        self.precedingBytes = precedingBytes
    }

    package init(header: Header) throws(WireError) {
        try header.checkNoPayload()
        trial = try header.number("trial", header.trial)
        shard = try header.number("shard", header.shard)
        attempt = try header.number("attempt", header.attempt)
        slices = try header.range("slices", header.a)
        rows = try header.range("rows", header.b)
        precedingBytes = header.c
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run)
        header.trial = UInt32(trial)
        header.shard = UInt32(shard)
        header.attempt = UInt32(attempt)
        header.a = Header.packed(slices)
        header.b = Header.packed(rows)
        header.c = precedingBytes
        return header
    }
}
