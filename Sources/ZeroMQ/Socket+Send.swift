import CZeroMQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What became of a message that was to be sent.
package enum SendOutcome: Hashable, Sendable {
    /// ZeroMQ has it. That is no promise that the peer will: only the peer's answer is.
    case sent
    /// The high-water mark is reached or nobody is connected yet; nothing of it was taken.
    ///
    /// Room comes without a message to wake a poller that waits for reading, so try again after a
    /// bounded wait.
    case wouldBlock
    /// A ROUTER knows no such peer; nothing of it was taken.
    case unreachable
}

extension Socket {
    /// Sends one frame; `message` becomes nil when it was taken and stays when it was not.
    ///
    /// `more` says that another frame of the same message follows. A message of several frames is
    /// better sent by `send(to:header:payload:)`, which knows what a refusal half way means.
    package func send(
        _ message: inout Message?,
        more: Bool = false
    ) throws(ZeroMQError) -> SendOutcome {
        guard let frame = message.take() else {
            preconditionFailure("there is no message to send")
        }
        let flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)
        let outcome: SendOutcome
        do {
            outcome = try attempt(isFirst: false) {
                unsafe zmq_msg_send(frame.pointer, handle.pointer, flags)
            }
        } catch {
            message = consume frame
            throw error
        }
        if outcome != .sent { message = consume frame }
        return outcome
    }

    /// Sends `[routing id][header][payload]`, or nothing at all.
    ///
    /// The routing id goes first on a ROUTER and is nil elsewhere. `payload` becomes nil when the
    /// message was taken and stays when it was not; nil on entry means no payload frame. A ROUTER
    /// can refuse only the first frame. Elsewhere a pipe that dies half way makes libzmq take the
    /// first frames back, so a refusal of a later frame also means that nothing was taken.
    package func send(
        to peer: RoutingID? = nil,
        header: Span<UInt8>,
        payload: inout Message?
    ) throws(ZeroMQError) -> SendOutcome {
        precondition((peer != nil) == (kind == .router), "a ROUTER, and only it, names its peer")
        if let peer {
            let outcome = try sendCopy(of: peer.bytes.span, isFirst: true, more: true)
            guard outcome == .sent else { return outcome }
        }
        let isLast = payload == nil
        let outcome = try sendCopy(of: header, isFirst: peer == nil, more: !isLast)
        guard outcome == .sent, !isLast else { return outcome }
        return try send(&payload)
    }

    /// Sends `[routing id][header]`, or nothing at all.
    package func send(
        to peer: RoutingID? = nil,
        header: Span<UInt8>
    ) throws(ZeroMQError) -> SendOutcome {
        var nothing: Message?
        return try send(to: peer, header: header, payload: &nothing)
    }

    private func sendCopy(
        of bytes: Span<UInt8>,
        isFirst: Bool,
        more: Bool
    ) throws(ZeroMQError) -> SendOutcome {
        let flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)
        return try unsafe bytes.withUnsafeBytes { bytes throws(ZeroMQError) in
            try attempt(isFirst: isFirst) {
                unsafe zmq_send(handle.pointer, bytes.baseAddress, bytes.count, flags)
            }
        }
    }

    /// Makes one call of libzmq, again after a signal, and once more before it says "full".
    ///
    /// A later frame is not tried again: with the pipe dead and the first frames taken back, it
    /// would go out as the first frame of another message.
    private func attempt(
        isFirst: Bool,
        _ call: () -> Int32
    ) throws(ZeroMQError) -> SendOutcome {
        var isFresh = !isFirst
        while call() < 0 {
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN where !isFresh:
                handle.processCommands()
                isFresh = true
            case EAGAIN: return .wouldBlock
            case EHOSTUNREACH: return .unreachable
            case let code: throw ZeroMQError(operation: "send", code: code)
            }
        }
        return .sent
    }
}
