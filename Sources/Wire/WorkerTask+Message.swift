import Work

/// Coordinator to worker: compute this shard.
extension WorkerTask: HotMessage {
    package static let kind = MessageKind.task

    package init(header: Header) throws(WireError) {
        try header.checkNoPayload()
        self.init(
            identity: try header.task(),
            shard: Shard(
                stage: Int(header.c >> Self.stageShift),
                slices: try header.range("slices", header.a),
                rows: try header.range("rows", header.b)
            ),
            precedingBytes: header.c & (1 << Self.stageShift - 1)
        )
    }

    /// The stage is above the bytes of input, which are fewer than 2⁵⁶.
    private static let stageShift: UInt64 = 56

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run, task: identity)
        header.a = Header.packed(shard.slices)
        header.b = Header.packed(shard.rows)
        header.c = UInt64(shard.stage) << Self.stageShift | precedingBytes
        return header
    }
}
