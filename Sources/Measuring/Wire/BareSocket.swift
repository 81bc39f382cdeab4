import Attention
import Platform
import Work

/// Bytes to another process and back over one socket, without ZeroMQ: the roof of a transport.
///
/// A class, since its process must end exactly once.
final class BareSocket {
    private let socket: Int32
    private let process: ChildProcess

    init(_ transport: Transport) throws(RunError) {
        let (own, other) = try System.connectedPair(isTCP: transport == .tcp)
        defer { System.close(other) }
        socket = own
        do throws(RunError) {
            process = try WirePeer.start(.bytes, socket: other)
        } catch {
            System.close(own)
            throw error
        }
    }

    deinit {
        System.close(socket)
        process.kill()
    }

    /// How long a few bytes take there and back.
    func roundTripNanoseconds(_ bytes: inout [UInt8]) throws(RunError) -> UInt64 {
        let start = Clock.nanoseconds
        try System.write(bytes, to: socket)
        var span = bytes.mutableSpan
        try unsafe span.withUnsafeMutableBytes { (bytes) throws(RunError) in
            try unsafe receive(into: bytes)
        }
        return max(1, Clock.nanoseconds - start)
    }

    /// How long many bytes take there and back; they go while others come back.
    @unsafe
    func streamNanoseconds(
        _ bytes: UnsafeRawBufferPointer,
        into returned: UnsafeMutableRawPointer
    ) throws(RunError) -> UInt64 {
        let start = Clock.nanoseconds
        let (sent, socket) = unsafe (SentBytes(bytes: bytes), socket)
        let writer = try PlainThread {
            // A peer that is gone is noticed by the reader.
            _ = unsafe try? System.write(sent.bytes, to: socket)
        }
        defer { writer.join() }
        try unsafe receive(
            into: UnsafeMutableRawBufferPointer(start: returned, count: bytes.count)
        )
        return max(1, Clock.nanoseconds - start)
    }

    @unsafe
    private func receive(into bytes: UnsafeMutableRawBufferPointer) throws(RunError) {
        guard try unsafe System.read(into: bytes, from: socket) else {
            throw RunError(
                .unfinished,
                "the process at the other end of the bare socket ended; repeat"
            )
        }
    }

    /// Bytes that another thread sends.
    ///
    /// `@unchecked Sendable`: nobody writes to them, and they outlive the thread.
    @unsafe
    private struct SentBytes: @unchecked Sendable {
        var bytes: UnsafeRawBufferPointer
    }
}
