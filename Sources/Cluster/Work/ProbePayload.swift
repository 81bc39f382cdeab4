import ZeroMQ

/// The bytes that probes and echoes move.
///
/// They are sent from where they are, as tensors are, so they stay as long as the process. All differ, so that
/// nothing on the way makes them fewer.
///
/// `@unchecked Sendable`: nobody writes them any more.
@safe
struct ProbePayload: @unchecked Sendable {
    /// Hundreds of workers need no more than the smaller one.
    private static let small = ProbePayload(byteCount: 256 << 10)
    private static let large = ProbePayload(byteCount: 1 << 20)

    @unsafe private let bytes: UnsafeRawBufferPointer

    private init(byteCount: Int) {
        let count = byteCount / MemoryLayout<UInt64>.size
        let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: count)
        for index in 0..<count {
            unsafe words[index] = UInt64(truncatingIfNeeded: index &+ 1) &* 0x9E37_79B9_7F4A_7C15
        }
        unsafe bytes = UnsafeRawBufferPointer(words)
    }

    /// A payload of this size, at most 1 MiB; nil for none.
    static func message(byteCount: Int) -> Message? {
        guard byteCount > 0 else { return nil }
        let payload = byteCount <= 256 << 10 ? small : large
        let part = unsafe UnsafeRawBufferPointer(rebasing: payload.bytes[..<byteCount])
        return unsafe Message(borrowing: part)
    }
}
