/// Worker to coordinator: how many chunks of this trial the worker has received; their space is
/// free again.
package struct ChunkAcknowledgement: HotMessage {
    package static let kind = MessageKind.chunkAcknowledgement

    package var trial: Int
    /// All CHUNK messages of the trial that the worker received so far, not only the new ones, so
    /// that a repeated acknowledgement is harmless.
    package var count: UInt64

    package init(trial: Int, count: UInt64) {
        self.trial = trial
        self.count = count
    }

    package init(header: Header) throws(WireError) {
        try header.checkNoPayload()
        trial = try header.number("trial", header.trial)
        try header.checkEmpty("shard", header.shard)
        try header.checkEmpty("attempt", header.attempt)
        count = header.a
        try header.checkEmpty("b", header.b)
        try header.checkEmpty("c", header.c)
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run)
        header.trial = UInt32(trial)
        header.a = count
        return header
    }
}
