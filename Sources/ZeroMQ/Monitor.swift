import CZeroMQ

/// What happened to a connection of a monitored socket.
package struct MonitorEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case listening
        case bindFailed
        case accepted
        case acceptFailed
        case connected
        case connectDelayed
        case retrying
        case disconnected
        case closed
        case handshakeSucceeded
        /// The peer did not speak ZMTP, or broke the handshake off.
        case handshakeFailed
        /// The peer's key or credentials were refused.
        case authenticationFailed
        case stopped
        case other
    }

    package let kind: Kind
    /// A number whose meaning depends on the kind: of `accepted` and `disconnected`, the descriptor.
    ///
    /// The descriptor may have another connection by now.
    package let value: Int32

    init(code: Int32, value: Int32 = 0) {
        self.value = value
        kind =
            switch code {
            case ZMQ_EVENT_LISTENING: .listening
            case ZMQ_EVENT_BIND_FAILED: .bindFailed
            case ZMQ_EVENT_ACCEPTED: .accepted
            case ZMQ_EVENT_ACCEPT_FAILED: .acceptFailed
            case ZMQ_EVENT_CONNECTED: .connected
            case ZMQ_EVENT_CONNECT_DELAYED: .connectDelayed
            case ZMQ_EVENT_CONNECT_RETRIED: .retrying
            case ZMQ_EVENT_DISCONNECTED: .disconnected
            case ZMQ_EVENT_CLOSED: .closed
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .handshakeSucceeded
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: .authenticationFailed
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
                .handshakeFailed
            case ZMQ_EVENT_MONITOR_STOPPED: .stopped
            default: .other
            }
    }
}

/// Reports what happens to the connections of one socket, as messages on a socket of its own.
///
/// The reports contain no routing id: they say *that* a peer disconnected, not which one.
@safe
package struct Monitor: ~Copyable {
    /// To be polled; read it with `next()`.
    package let socket: Socket
    /// May be polled instead of the socket, which takes several calls of the system each time.
    ///
    /// Readable when there may be events, if `next()` has returned nil since the last time, or since the
    /// start.
    package let descriptor: Int32
    private let monitored: SocketHandle

    /// Starts reporting; every event from here on is kept until it is read.
    package init(
        _ context: borrowing Context,
        of monitored: borrowing Socket
    ) throws(ZeroMQError) {
        // Without this limit libzmq's I/O thread never waits for a slow reader.
        var options = SocketOptions()
        options.receiveHighWaterMark = 0
        options.sendHighWaterMark = 0
        let socket = try Socket(context, kind: .pair, options: options)
        let handle = monitored.handle
        let identity = UInt(bitPattern: ObjectIdentifier(handle))
        // A former monitor's address stays in use until libzmq has released it.
        let endpoint = "inproc://monitor-\(identity)-\(handle.nextMonitor())"
        let events = ZMQ_EVENT_ALL
        guard unsafe zmq_socket_monitor(handle.pointer, endpoint, events) == 0 else {
            throw ZeroMQError.last("monitor", endpoint: endpoint)
        }
        try socket.connect(endpoint)
        descriptor = socket.handle.descriptor
        self.socket = socket
        self.monitored = handle
    }

    deinit {
        // Fails only when the monitored socket is closed, which has ended the reports already.
        if let open = unsafe monitored.pointer { unsafe zmq_socket_monitor(open, nil, 0) }
    }

    /// The next event, or nil when there is none yet.
    package func next() throws(ZeroMQError) -> MonitorEvent? {
        guard let first = try socket.receive() else { return nil }
        // 16 bits of event, in the byte order of this machine, then 32 bits whose meaning depends
        // on the event.
        let (code, value) = first.withBytes { bytes -> (UInt16, Int32) in
            guard bytes.count == 6 else { return (0, 0) }
            return unsafe bytes.withUnsafeBytes {
                unsafe (
                    $0.loadUnaligned(as: UInt16.self),
                    $0.loadUnaligned(fromByteOffset: 2, as: Int32.self)
                )
            }
        }
        // The second frame holds the endpoint.
        if first.hasMore { _ = try socket.receive() }
        return MonitorEvent(code: Int32(code), value: value)
    }
}
