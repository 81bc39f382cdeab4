import Work

/// Worker to coordinator: a piece of a shard's output; the piece is the payload.
package struct OutputMessage: HotMessage {
    package static let kind = MessageKind.output

    package var task: TaskIdentity
    /// Where the piece begins in the shard's own output, packed as `[slices][rows][Dv]`.
    package var byteOffset: Int
    package var payloadBytes: Int
    /// `Checksum.ofPayload`, or 0 for none.
    package var payloadChecksum: UInt64

    package init(
        task: TaskIdentity,
        byteOffset: Int,
        payloadBytes: Int,
        payloadChecksum: UInt64 = 0
    ) {
        self.task = task
        self.byteOffset = byteOffset
        self.payloadBytes = payloadBytes
        self.payloadChecksum = payloadChecksum
    }

    package init(header: Header) throws(WireError) {
        payloadBytes = try header.chunkBytes()
        task = try header.task()
        byteOffset = try header.number("byteOffset", header.a)
        try header.checkEmpty("b", header.b)
        payloadChecksum = header.c
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run, task: task)
        header.payloadBytes = UInt64(payloadBytes)
        header.a = UInt64(byteOffset)
        header.c = payloadChecksum
        return header
    }
}
