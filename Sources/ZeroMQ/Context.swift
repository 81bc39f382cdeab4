import CZeroMQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A ZeroMQ context: the I/O threads and the sockets opened in it.
///
/// The sockets keep the parts that they need alive, so no order of destruction can hang. The
/// context ends when it and its last socket are destroyed, and drops unsent messages (`LINGER` is 0
/// unless a socket asks for more).
package struct Context: ~Copyable, Sendable {
    let handle: ContextHandle

    /// Makes a context for a number of sockets of this process; their peers do not count.
    ///
    /// Each connection belongs to one of the I/O threads for its whole life.
    package init(
        ioThreads: Int = 1,
        maximumSockets: Int = 64
    ) throws(ZeroMQError) {
        handle = try ContextHandle(ioThreads: ioThreads, maximumSockets: maximumSockets)
    }

    /// The version that libzmq reports, such as "4.3.4".
    package static var libraryVersion: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        unsafe zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }
}

/// The libzmq context: a class because every socket shares it and the last one ends it.
///
/// `@unchecked Sendable`: libzmq documents contexts as safe to use from any thread, and nothing
/// here changes after `init`.
@safe
final class ContextHandle: @unchecked Sendable {
    @unsafe let pointer: UnsafeMutableRawPointer

    init(ioThreads: Int, maximumSockets: Int) throws(ZeroMQError) {
        try Self.requireDescriptors()
        guard let made = unsafe zmq_ctx_new() else {
            throw ZeroMQError.last("make a ZeroMQ context")
        }
        unsafe pointer = made
        let settings = [
            (ZMQ_BLOCKY, Int32(0)),
            (ZMQ_IO_THREADS, Int32(clamping: ioThreads)),
            (ZMQ_MAX_SOCKETS, Int32(clamping: maximumSockets)),
        ]
        for (option, value) in settings where unsafe zmq_ctx_set(pointer, option, value) != 0 {
            throw ZeroMQError.last("set up a ZeroMQ context")
        }
    }

    /// Makes what libzmq makes first, and would abort the program without.
    private static func requireDescriptors() throws(ZeroMQError) {
        #if os(Linux)
        for (operation, descriptor) in [
            ("make a poll set (epoll_create1)", headwise_zmq_poll_set),
            ("make an event counter (eventfd)", headwise_zmq_wake_up),
        ] {
            let made = descriptor()
            guard made >= 0 else { throw ZeroMQError.last(operation) }
            close(made)
        }
        #endif
    }

    deinit {
        // A signal may interrupt the wait for the I/O thread; then repeat the call.
        while unsafe zmq_ctx_term(pointer) != 0, zmq_errno() == EINTR {}
    }
}
