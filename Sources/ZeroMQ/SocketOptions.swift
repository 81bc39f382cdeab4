import CZeroMQ

/// The pattern a socket speaks.
package enum SocketKind: Hashable, Sendable {
    case router
    case dealer
    case pair
    /// Answers one request after the other.
    case reply

    var code: Int32 {
        switch self {
        case .router: ZMQ_ROUTER
        case .dealer: ZMQ_DEALER
        case .pair: ZMQ_PAIR
        case .reply: ZMQ_REP
        }
    }
}

/// All options of a socket that are set before it binds or connects.
///
/// With the defaults, no message is lost silently and a cut link recovers within seconds. A ROUTER
/// never lets a second peer take over the routing id of a first.
package struct SocketOptions: Hashable, Sendable {
    /// How long closing may wait for unsent messages.
    package var linger: Duration = .zero
    /// Messages (not bytes) a peer may have waiting before sending answers `wouldBlock`.
    package var sendHighWaterMark = 1000
    /// Messages (not bytes) that may wait here; 0 sets no limit.
    package var receiveHighWaterMark = 1000
    /// A peer that announces a larger frame is disconnected, before memory is reserved.
    package var maximumMessageBytes = 1 << 20 + 4096
    /// Whether a ROUTER reports an unknown or full peer instead of dropping the message.
    package var isRouterMandatory = true
    /// How long a new connection may take to speak ZMTP.
    package var handshakeInterval: Duration = .seconds(3)
    /// How often the connection itself is pinged; nil for never.
    ///
    /// A ping waits behind the tensors in flight, so do not use it to detect failures.
    package var heartbeatInterval: Duration? = .seconds(1)
    package var heartbeatTimeout: Duration = .seconds(3)
    package var connectTimeout: Duration = .seconds(1)
    package var reconnectInterval: Duration = .milliseconds(100)
    package var reconnectMaximum: Duration = .seconds(1)
    /// Whether the kernel asks a silent TCP peer's kernel whether it is still there: a host that vanishes
    /// ends the connection 25 to 45 s later, and a busy process does not.
    package var isKeptAlive = false
    /// Connections that may wait to be accepted.
    package var backlog = 4096
    /// The name by which a ROUTER knows this socket; nil lets the ROUTER choose.
    package var routingID: RoutingID?
    /// Whether endpoints may be IPv6 addresses.
    package var usesIPv6 = false
    /// Who may connect, or what this socket shows to be let in.
    package var security = SocketSecurity.none
    /// A listening TCP socket to use at the next `bind`, instead of a new one; from then on it belongs
    /// to this socket.
    package var listeningDescriptor: Int32?
    /// The kernel's buffers; nil leaves the system's choice.
    package var sendBufferBytes: Int?
    package var receiveBufferBytes: Int?

    package init() {}

    func apply(to handle: SocketHandle, kind: SocketKind) throws(ZeroMQError) {
        let numbers: [(String, Int32, Int)] = [
            ("linger", ZMQ_LINGER, linger.wholeMilliseconds),
            ("sendHighWaterMark", ZMQ_SNDHWM, sendHighWaterMark),
            ("receiveHighWaterMark", ZMQ_RCVHWM, receiveHighWaterMark),
            ("handshakeInterval", ZMQ_HANDSHAKE_IVL, handshakeInterval.wholeMilliseconds),
            ("heartbeatInterval", ZMQ_HEARTBEAT_IVL, heartbeatInterval?.wholeMilliseconds ?? 0),
            ("heartbeatTimeout", ZMQ_HEARTBEAT_TIMEOUT, heartbeatTimeout.wholeMilliseconds),
            ("connectTimeout", ZMQ_CONNECT_TIMEOUT, connectTimeout.wholeMilliseconds),
            ("reconnectInterval", ZMQ_RECONNECT_IVL, reconnectInterval.wholeMilliseconds),
            ("reconnectMaximum", ZMQ_RECONNECT_IVL_MAX, reconnectMaximum.wholeMilliseconds),
            ("backlog", ZMQ_BACKLOG, backlog),
            ("usesIPv6", ZMQ_IPV6, usesIPv6 ? 1 : 0),
            ("sendBufferBytes", ZMQ_SNDBUF, sendBufferBytes ?? -1),
            ("receiveBufferBytes", ZMQ_RCVBUF, receiveBufferBytes ?? -1),
        ]
        let keeping: [(String, Int32, Int)] = [
            ("isKeptAlive", ZMQ_TCP_KEEPALIVE, 1), ("isKeptAlive", ZMQ_TCP_KEEPALIVE_IDLE, 20),
            ("isKeptAlive", ZMQ_TCP_KEEPALIVE_INTVL, 5), ("isKeptAlive", ZMQ_TCP_KEEPALIVE_CNT, 5),
        ]
        for (name, option, value) in numbers + (isKeptAlive ? keeping : []) {
            try handle.set(name, option, Int32(clamping: value))
        }
        try handle.set("maximumMessageBytes", ZMQ_MAXMSGSIZE, Int64(maximumMessageBytes))
        if kind == .router {
            let isMandatory: Int32 = isRouterMandatory ? 1 : 0
            try handle.set("isRouterMandatory", ZMQ_ROUTER_MANDATORY, isMandatory)
            try handle.set("handover", ZMQ_ROUTER_HANDOVER, Int32(0))
        }
        if let routingID {
            try handle.set("routingID", ZMQ_ROUTING_ID, routingID.bytes)
        }
        if let listeningDescriptor {
            try handle.set("listeningDescriptor", ZMQ_USE_FD, listeningDescriptor)
        }
        try security.apply(to: handle)
    }
}

extension Duration {
    /// Whole nanoseconds, rounded up, so that a wait is never shorter than asked.
    package var wholeNanoseconds: UInt64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        let perNanosecond: Int64 = 1_000_000_000
        guard seconds < Int64.max / perNanosecond - 1 else { return UInt64(Int64.max) }
        return UInt64(seconds * perNanosecond + (attoseconds + perNanosecond - 1) / perNanosecond)
    }

    /// Whole milliseconds, rounded up, so that a wait is never shorter than asked.
    package var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        guard self > .zero else { return 0 }
        guard seconds < Int64(Int32.max) / 1000 else { return Int(Int32.max) }
        return Int(seconds * 1000 + (attoseconds + perMillisecond - 1) / perMillisecond)
    }
}
