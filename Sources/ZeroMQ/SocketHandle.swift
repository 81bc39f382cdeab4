import CZeroMQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The libzmq socket behind a `Socket`.
///
/// It is a class because a `Poller` and a `Monitor` refer to it without owning it, and must see
/// when it is closed.
@safe
final class SocketHandle {
    /// Nil once closed; libzmq answers ENOTSOCK to nil.
    @unsafe private(set) var pointer: UnsafeMutableRawPointer?
    private var context: ContextHandle?
    /// Files to remove at close, which libzmq leaves behind.
    private var boundPaths: [String] = []
    /// The number of monitors that this socket has had.
    private var monitorCount = 0
    /// Readable when libzmq's I/O thread has something for the socket; see `Monitor.descriptor`.
    let descriptor: Int32
    /// Whether the last call has shown that no message is there: the next one makes the descriptor readable.
    ///
    /// Every other call may take that sign away.
    private(set) var isDrained = false

    init(_ context: ContextHandle, kind: SocketKind) throws(ZeroMQError) {
        guard let made = unsafe zmq_socket(context.pointer, kind.code) else {
            throw ZeroMQError.last("open a socket")
        }
        var descriptor: Int32 = -1
        var count = MemoryLayout<Int32>.size
        guard unsafe zmq_getsockopt(made, ZMQ_FD, &descriptor, &count) == 0 else {
            let error = ZeroMQError.last("ask for the descriptor of a socket")
            unsafe zmq_close(made)
            throw error
        }
        unsafe pointer = made
        self.descriptor = descriptor
        self.context = context
    }

    var isOpen: Bool { unsafe pointer != nil }

    /// Notes a call, and whether it has shown that no message is there.
    func noteCall(isDrained: Bool = false) { self.isDrained = isDrained }

    deinit { close() }

    /// The number of a new monitor: 1 for the first.
    func nextMonitor() -> Int {
        monitorCount += 1
        return monitorCount
    }

    func close() {
        if let open = unsafe pointer { _ = unsafe zmq_close(open) }
        unsafe pointer = nil
        for path in boundPaths { unsafe unlink(path) }
        boundPaths = []
        context = nil
    }

    func bind(_ endpoint: String) throws(ZeroMQError) {
        let path = SocketHandle.path(of: endpoint)
        // libzmq would unlink the file and so take the address from the socket that is bound to it.
        if let path, unsafe access(path, F_OK) == 0 {
            throw ZeroMQError(operation: "bind", code: EADDRINUSE, endpoint: endpoint)
        }
        guard unsafe zmq_bind(pointer, endpoint) == 0 else {
            throw ZeroMQError.last("bind", endpoint: endpoint)
        }
        if let path { boundPaths.append(path) }
    }

    func connect(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_connect(pointer, endpoint) == 0 else {
            throw ZeroMQError.last("connect to", endpoint: endpoint)
        }
    }

    /// Makes libzmq process the commands of its I/O thread.
    ///
    /// While sending, libzmq does this only every few milliseconds. Until then it reports a pipe as
    /// full although the pipe is already empty.
    func processCommands() { _ = try? events() }

    /// What the socket is ready for.
    func events() throws(ZeroMQError) -> PollEvents {
        var events: Int32 = 0
        var count = MemoryLayout<Int32>.size
        isDrained = false
        while unsafe zmq_getsockopt(pointer, ZMQ_EVENTS, &events, &count) != 0 {
            guard zmq_errno() == EINTR else {
                throw ZeroMQError.last("ask what a socket is ready for")
            }
        }
        let found = PollEvents(rawValue: Int16(truncatingIfNeeded: events))
        isDrained = !found.contains(.readable)
        return found
    }

    /// The address of the last `bind` or `connect`, with wildcards resolved.
    var lastEndpoint: String {
        var bytes = [UInt8](repeating: 0, count: 1024)
        var count = bytes.count
        guard unsafe zmq_getsockopt(pointer, ZMQ_LAST_ENDPOINT, &bytes, &count) == 0 else {
            return ""
        }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    func set(_ name: String, _ option: Int32, _ value: Int32) throws(ZeroMQError) {
        var value = value
        let result = unsafe zmq_setsockopt(pointer, option, &value, 4)
        guard result == 0 else { throw ZeroMQError.last("set \(name)") }
    }

    /// `ZMQ_MAXMSGSIZE` is the one number that libzmq wants in 64 bits.
    func set(_ name: String, _ option: Int32, _ value: Int64) throws(ZeroMQError) {
        var value = value
        let result = unsafe zmq_setsockopt(pointer, option, &value, 8)
        guard result == 0 else { throw ZeroMQError.last("set \(name)") }
    }

    func set(_ name: String, _ option: Int32, _ bytes: [UInt8]) throws(ZeroMQError) {
        let result = unsafe zmq_setsockopt(pointer, option, bytes, bytes.count)
        guard result == 0 else { throw ZeroMQError.last("set \(name)") }
    }

    /// The file that an ipc endpoint creates; nil for other transports, wildcards and abstract
    /// names.
    private static func path(of endpoint: String) -> String? {
        let scheme = "ipc://"
        guard endpoint.hasPrefix(scheme) else { return nil }
        let path = endpoint.dropFirst(scheme.count)
        return path.isEmpty || path == "*" || path.hasPrefix("@") ? nil : String(path)
    }
}
