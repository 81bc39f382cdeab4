import CZeroMQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The outcome of sending a message.
package enum SendOutcome: Hashable, Sendable {
    /// ZeroMQ has taken the message. This does not promise that the peer gets it; only the peer's
    /// answer does.
    case sent
    /// The high-water mark is reached or no peer is connected yet; nothing of the message was
    /// taken.
    ///
    /// Free room does not wake a poller that waits for reading, so try again after a bounded wait.
    case wouldBlock
    /// The ROUTER does not know the peer; nothing of the message was taken.
    case unreachable
}

extension Socket {
    /// Sends one frame; `message` becomes nil when it was taken and stays when it was not.
    ///
    /// `more` says that another frame of the same message follows. For a message of several frames,
    /// prefer `send(to:header:payload:)`, which handles a refusal half way.
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
    /// The routing id is the first frame on a ROUTER and nil on other sockets. `payload` becomes
    /// nil when the message was taken and stays when it was not; nil on entry means no payload
    /// frame. A ROUTER can refuse only the first frame. On other sockets, if a pipe breaks half
    /// way, libzmq takes the first frames back. So a refusal of a later frame also means that
    /// nothing was taken.
    package func send(
        to peer: RoutingID? = nil,
        header: Span<UInt8>,
        payload: inout Message?
    ) throws(ZeroMQError) -> SendOutcome {
        precondition(
            (peer != nil) == (kind == .router),
            "a ROUTER must name its peer; other sockets must not"
        )
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

    /// Makes one libzmq call, repeats it after a signal, and once more before it reports "full".
    ///
    /// A later frame is not tried again: the pipe is broken and the first frames are taken back, so
    /// it would be sent as the first frame of another message.
    private func attempt(
        isFirst: Bool,
        _ call: () -> Int32
    ) throws(ZeroMQError) -> SendOutcome {
        var isFresh = !isFirst
        handle.noteCall()
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
