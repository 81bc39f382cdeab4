import Attention

/// Coordinator to worker: a piece of an input tensor; the piece is the payload.
package struct ChunkMessage: HotMessage {
    package static let kind = MessageKind.chunk

    /// 0 for a tensor that stays, sent before any trial.
    package var trial: Int
    package var tensor: TensorName
    /// Where the piece begins in the whole tensor.
    package var byteOffset: Int
    package var payloadBytes: Int
    /// `Checksum.ofPayload`, or 0 for none.
    package var payloadChecksum: UInt64

    package init(
        trial: Int,
        tensor: TensorName,
        byteOffset: Int,
        payloadBytes: Int,
        payloadChecksum: UInt64 = 0
    ) {
        self.trial = trial
        self.tensor = tensor
        self.byteOffset = byteOffset
        self.payloadBytes = payloadBytes
        self.payloadChecksum = payloadChecksum
    }

    package init(header: Header) throws(WireError) {
        payloadBytes = try header.chunkBytes()
        trial = try header.number("trial", header.trial)
        let code = try header.number("tensor", header.shard)
        guard let tensor = TensorName(rawValue: code), tensor != .output else {
            throw header.field("tensor", header.shard)
        }
        self.tensor = tensor
        try header.checkEmpty("attempt", header.attempt)
        byteOffset = try header.number("byteOffset", header.a)
        try header.checkEmpty("b", header.b)
        payloadChecksum = header.c
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run)
        header.trial = UInt32(trial)
        header.shard = UInt32(tensor.rawValue)
        header.payloadBytes = UInt64(payloadBytes)
        header.a = UInt64(byteOffset)
        header.c = payloadChecksum
        return header
    }
}
