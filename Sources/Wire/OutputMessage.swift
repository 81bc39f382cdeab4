/// Worker to coordinator: a piece of a shard's output, which follows as the payload.
package struct OutputMessage: HotMessage {
    package static let kind = MessageKind.output

    package var trial: Int
    package var shard: Int
    package var attempt: Int
    /// Where the piece begins in the shard's own output, packed as `[slices][rows][Dv]`.
    package var byteOffset: Int
    package var payloadBytes: Int
    /// `Checksum.ofPayload`, or 0 for none.
    package var payloadChecksum: UInt64

    package init(
        trial: Int,
        shard: Int,
        attempt: Int,
        byteOffset: Int,
        payloadBytes: Int,
        payloadChecksum: UInt64 = 0
    ) {
        self.trial = trial
        self.shard = shard
        self.attempt = attempt
        self.byteOffset = byteOffset
        self.payloadBytes = payloadBytes
        self.payloadChecksum = payloadChecksum
    }

    package init(header: Header) throws(WireError) {
        payloadBytes = try header.chunkBytes()
        trial = try header.number("trial", header.trial)
        shard = try header.number("shard", header.shard)
        attempt = try header.number("attempt", header.attempt)
        byteOffset = try header.number("byteOffset", header.a)
        try header.checkEmpty("b", header.b)
        payloadChecksum = header.c
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run)
        header.trial = UInt32(trial)
        header.shard = UInt32(shard)
        header.attempt = UInt32(attempt)
        header.payloadBytes = UInt64(payloadBytes)
        header.a = UInt64(byteOffset)
        header.c = payloadChecksum
        return header
    }
}
