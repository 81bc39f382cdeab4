import Attention
import Platform
import Work

/// Bytes to one other process and back over one socket, without ZeroMQ: what a transport costs alone.
///
/// Several workers have a socket each, and can be faster together.
///
/// A class, since its process must end exactly once.
final class BareSocket {
    private let socket: Int32
    private let process: ChildProcess

    init(_ transport: Transport, _ pinning: Pinning) throws(RunError) {
        let (own, other) = try System.connectedPair(isTCP: transport == .tcp)
        defer { System.close(other) }
        socket = own
        do throws(RunError) {
            process = try WirePeer.start(
                .bytes,
                socket: other,
                processors: pinning.processors(ofWorker: 0, workerCount: 1, threads: 1)
            )
        } catch {
            System.close(own)
            throw error
        }
    }

    deinit {
        System.close(socket)
        process.kill()
    }

    /// CPU time of both processes so far; nil where nobody can tell.
    var cpuNanoseconds: UInt64? { WirePeer.cpuNanoseconds(with: [process]) }

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
        guard try unsafe System.exchange(bytes, over: socket, into: returned) else { throw loss }
        return max(1, Clock.nanoseconds - start)
    }

    @unsafe
    private func receive(into bytes: UnsafeMutableRawBufferPointer) throws(RunError) {
        guard try unsafe System.read(into: bytes, from: socket) else { throw loss }
    }

    private var loss: RunError {
        RunError(.unfinished, "the process at the other end of the bare socket ended; repeat")
    }
}
