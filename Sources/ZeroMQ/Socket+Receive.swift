import CZeroMQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension Socket {
    /// The next frame, or nil when none has arrived.
    package func receive() throws(ZeroMQError) -> Message? {
        var message = Message()
        guard try receive(into: &message) else { return nil }
        return message
    }

    /// Replaces the content of `message` by the next frame; false when none has arrived.
    package func receive(into message: inout Message) throws(ZeroMQError) -> Bool {
        handle.noteCall()
        while true {
            if unsafe zmq_msg_recv(message.pointer, handle.pointer, ZMQ_DONTWAIT) >= 0 {
                return true
            }
            let code = zmq_errno()
            if code == EAGAIN {
                handle.noteCall(isDrained: true)
                return false
            }
            if code != EINTR { throw ZeroMQError(operation: "receive", code: code) }
        }
    }

    /// Replaces the content of `envelope` by the next whole message; false when none has arrived.
    ///
    /// Frames beyond the payload are counted and dropped.
    package func receive(into envelope: inout Envelope) throws(ZeroMQError) -> Bool {
        if kind == .router {
            guard try receive(into: &envelope.header) else { return false }
            envelope.readSender()
        }
        guard try receive(into: &envelope.header) else { return false }
        envelope.frameCount = 1
        guard envelope.header.hasMore else {
            envelope.payload.clear()
            return true
        }
        // The frames of one message arrive together, so none of these can be missing.
        guard try receive(into: &envelope.payload) else { return false }
        envelope.frameCount = 2
        guard envelope.payload.hasMore else { return true }
        var rest = Message()
        repeat {
            guard try receive(into: &rest) else { return false }
            envelope.frameCount += 1
        } while rest.hasMore
        return true
    }
}
