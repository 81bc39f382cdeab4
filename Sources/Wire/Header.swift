import Work

/// The first 64 bytes of every message.
///
/// The size and the place of every field are fixed, so that reading a header cannot allocate, loop
/// or read outside it. `WireProtocol` has the table.
package struct Header: Hashable, Sendable {
    package static let byteCount = 64
    /// "HDWS" as bytes.
    package static let magic: UInt32 = 0x5357_4448

    package var kind: MessageKind
    package var run: UInt64
    package var trial: UInt32 = 0
    package var shard: UInt32 = 0
    package var attempt: UInt32 = 0
    package var payloadBytes: UInt64 = 0
    /// The kind decides what these three mean.
    package var a: UInt64 = 0
    package var b: UInt64 = 0
    package var c: UInt64 = 0

    package init(kind: MessageKind, run: UInt64) {
        self.kind = kind
        self.run = run
    }

    /// Reads a header, which must belong to `run`; nil if the reader does not know the run yet.
    ///
    /// A HELLO may also have 0, because a new worker does not know the run.
    package init(decoding bytes: Span<UInt8>, run: UInt64?) throws(WireError) {
        guard bytes.count == Header.byteCount else { throw .headerSize(bytes.count) }
        let magic: UInt32 = Header.load(bytes, at: 0)
        guard magic == Header.magic else { throw .magic(magic) }
        let version: UInt16 = Header.load(bytes, at: 4)
        guard version == WireProtocol.version else { throw .version(version) }
        guard Header.load(bytes, at: 28) == Header.checksum(of: bytes) else {
            throw .headerChecksum
        }
        let code: UInt16 = Header.load(bytes, at: 6)
        guard let kind = MessageKind(rawValue: code) else { throw .kind(code) }
        self.kind = kind
        self.run = Header.load(bytes, at: 8)
        trial = Header.load(bytes, at: 16)
        shard = Header.load(bytes, at: 20)
        attempt = Header.load(bytes, at: 24)
        payloadBytes = Header.load(bytes, at: 32)
        a = Header.load(bytes, at: 40)
        b = Header.load(bytes, at: 48)
        c = Header.load(bytes, at: 56)
        if let run, run != self.run, kind != .hello || self.run != 0 {
            throw .run(found: self.run, expected: run)
        }
        guard payloadBytes <= WireProtocol.maximumPayloadBytes else {
            throw .payloadLimit(kind, payloadBytes)
        }
    }

    /// Writes the 64 bytes at an offset.
    func encode(into bytes: inout MutableSpan<UInt8>, at offset: Int = 0) {
        Header.store(Header.magic, &bytes, at: offset)
        Header.store(WireProtocol.version, &bytes, at: offset + 4)
        Header.store(kind.rawValue, &bytes, at: offset + 6)
        Header.store(run, &bytes, at: offset + 8)
        Header.store(trial, &bytes, at: offset + 16)
        Header.store(shard, &bytes, at: offset + 20)
        Header.store(attempt, &bytes, at: offset + 24)
        Header.store(payloadBytes, &bytes, at: offset + 32)
        Header.store(a, &bytes, at: offset + 40)
        Header.store(b, &bytes, at: offset + 48)
        Header.store(c, &bytes, at: offset + 56)
        let checksum = Header.checksum(
            of: bytes.span.extracting(offset..<offset + Header.byteCount)
        )
        Header.store(checksum, &bytes, at: offset + 28)
    }

    /// The 64 bytes, without memory of their own: millions of headers are sent.
    package var encoded: InlineArray<64, UInt8> {
        var bytes = InlineArray<64, UInt8>(repeating: 0)
        var span = bytes.mutableSpan
        encode(into: &span)
        return bytes
    }

    /// The 64 bytes as a new array.
    package var bytes: [UInt8] {
        let encoded = encoded
        return encoded.indices.map { encoded[$0] }
    }

    /// Checks that the message has the frames that its header states.
    package func checkFrames(count: Int, payloadBytes found: Int) throws(WireError) {
        guard count == 1 || count == 2 else { throw .frameCount(count) }
        guard payloadBytes == UInt64(found) else {
            throw .payloadSize(announced: payloadBytes, found: found)
        }
        guard (count == 2) == (found > 0) else { throw .frameCount(count) }
    }

    /// The low half of XXH64 over the 60 bytes before and after the checksum itself.
    private static func checksum(of bytes: Span<UInt8>) -> UInt32 {
        func word(_ offset: Int) -> UInt64 { load(bytes, at: offset) }
        let (before, after): (UInt32, UInt32) = (load(bytes, at: 24), load(bytes, at: 32))
        let hash = Checksum.xxh64(
            [
                word(0), word(8), word(16), UInt64(before) | UInt64(after) << 32, word(36),
                word(44),
                word(52),
            ],
            last: load(bytes, at: 60)
        )
        return UInt32(truncatingIfNeeded: hash)
    }

    private static func load<Number: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: Span<UInt8>,
        at offset: Int
    ) -> Number {
        // Any bytes are a number, and the bounds are checked.
        let number = unsafe bytes.bytes.unsafeLoadUnaligned(
            fromByteOffset: offset,
            as: Number.self
        )
        return Number(littleEndian: number)
    }

    private static func store<Number: FixedWidthInteger & BitwiseCopyable>(
        _ number: Number,
        _ bytes: inout MutableSpan<UInt8>,
        at offset: Int
    ) {
        // Any bytes may be overwritten, and the bounds are checked.
        var raw = unsafe bytes.mutableBytes
        raw.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
    }
}
