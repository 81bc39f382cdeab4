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

    init(_ context: ContextHandle, kind: SocketKind) throws(ZeroMQError) {
        guard let made = unsafe zmq_socket(context.pointer, kind.code) else {
            throw ZeroMQError.last("open a socket")
        }
        unsafe pointer = made
        self.context = context
    }

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
    func processCommands() {
        var events: Int32 = 0
        var count = 4
        _ = unsafe zmq_getsockopt(pointer, ZMQ_EVENTS, &events, &count)
    }

    /// Readable when libzmq's I/O thread has something for the socket; see `Monitor.descriptor`.
    func descriptor() throws(ZeroMQError) -> Int32 {
        var descriptor: Int32 = -1
        var count = MemoryLayout<Int32>.size
        guard unsafe zmq_getsockopt(pointer, ZMQ_FD, &descriptor, &count) == 0 else {
            throw ZeroMQError.last("ask for the descriptor of a socket")
        }
        return descriptor
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
