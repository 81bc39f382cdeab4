/// Judges the peers of a context's sockets that ask for credentials.
///
/// libzmq's I/O threads ask it in every handshake (ZAP, RFC 27), and a peer without an answer waits.
/// So it must exist before such a socket binds, and be answered by a thread that is always ready.
package struct Admission: ~Copyable {
    /// To be polled; answer it with `answer`.
    package let socket: Socket

    package init(_ context: borrowing Context) throws(ZeroMQError) {
        // A full queue would make I/O threads drop questions, and the peers wait.
        var options = SocketOptions()
        options.receiveHighWaterMark = 0
        options.sendHighWaterMark = 0
        let socket = try Socket(context, kind: .reply, options: options)
        try socket.bind("inproc://zeromq.zap.01")
        self.socket = socket
    }

    /// Answers the next question by what `admits` decides; false when there is none.
    ///
    /// `admits` returns the name by which the peer's messages are known (`Message.user`), empty for none,
    /// or nil to refuse the peer. libzmq sends a name ahead of the first message: a socket that receives
    /// named peers needs a `receiveHighWaterMark` above 1, or it waits for ever.
    package func answer(_ admits: (Credentials) -> String?) throws(ZeroMQError) -> Bool {
        guard let version = try socket.receive() else { return false }
        var frames: [[UInt8]] = []
        var hasMore = version.hasMore
        while hasMore, let frame = try socket.receive() {
            frames.append(frame.copiedBytes)
            hasMore = frame.hasMore
        }
        let user = Self.credentials(frames).flatMap(admits)
        try reply(to: frames.first ?? [], user: user)
        return true
    }

    /// Reads request id, domain, address, routing id, mechanism and what the mechanism asks for.
    private static func credentials(_ frames: [[UInt8]]) -> Credentials? {
        guard frames.count >= 5 else { return nil }
        let texts = frames.map { String(decoding: $0, as: UTF8.self) }
        switch (texts[4], frames.count) {
        case ("PLAIN", 7): return .password(name: texts[5], password: texts[6])
        case ("CURVE", 6): return PublicKey(bytes: frames[5]).map { .key($0) }
        default: return .other(mechanism: texts[4])
        }
    }

    /// Version, request id, status, its text, user id and metadata.
    private func reply(to request: [UInt8], user: String?) throws(ZeroMQError) {
        let status = user == nil ? "400" : "200"
        let name = Array((user ?? "").utf8)
        let frames = [Array("1.0".utf8), request, Array(status.utf8), [], name, []]
        for (index, bytes) in frames.enumerated() {
            var frame: Message? = try Message(copying: bytes.span)
            // A peer that has left in the meantime needs no answer.
            guard try socket.send(&frame, more: index < frames.count - 1) == .sent else { return }
        }
    }
}
