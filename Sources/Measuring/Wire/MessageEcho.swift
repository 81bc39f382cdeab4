import Platform
import ZeroMQ

/// Sends back the messages that come to a few sockets, at each some time after the last.
///
/// One thread waits for all of them. A socket whose message waits is not looked at meanwhile: what comes to
/// it can only be answered afterwards.
///
/// A class, since it owns sockets and the place where they wait together.
final class MessageEcho {
    /// One of the sockets, and the message that waits at it.
    private final class Line {
        let item: Poller.Item
        private let socket: Socket
        private var room = Poller()
        private var envelope = Envelope()
        /// When the message is to be sent back; nil while there is none.
        private(set) var end: UInt64?

        init(
            _ context: borrowing Context,
            _ endpoint: String,
            _ poller: inout Poller
        ) throws(ZeroMQError) {
            let socket = try Socket(context, kind: .dealer, options: BareLoop.options)
            try socket.connect(endpoint)
            item = poller.add(socket, for: .news)
            _ = room.add(socket, for: .writable)
            self.socket = socket
        }

        /// Sends the token, before anything has come.
        func show(_ token: [UInt8]) throws(ZeroMQError) {
            envelope.header = try Message(copying: token.span)
            try answer()
        }

        /// Answers what has waited long enough, and takes what has come, until a message waits or none is
        /// there.
        func serve(waitingNanoseconds: UInt64) throws(ZeroMQError) {
            while true {
                if let end {
                    guard Clock.nanoseconds >= end else { return }
                    self.end = nil
                    try answer()
                }
                guard try socket.receive(into: &envelope) else { return }
                end = waitingNanoseconds == 0 ? 0 : Clock.nanoseconds + waitingNanoseconds
            }
        }

        /// Sends back the frames that came.
        private func answer() throws(ZeroMQError) {
            var frame = Message()
            swap(&frame, &envelope.payload)
            var payload: Message? = frame.byteCount > 0 ? consume frame : nil
            let header = envelope.header.copiedBytes
            while try socket.send(header: header.span, payload: &payload) != .sent {
                try room.wait(.milliseconds(1))
            }
        }
    }

    private let waitingNanoseconds: UInt64
    private var poller = Poller()
    private let lifelineItem: Poller.Item
    private var lines: [Line] = []

    init(lifeline: Int32, waitingNanoseconds: UInt64) {
        self.waitingNanoseconds = waitingNanoseconds
        lifelineItem = poller.add(fileDescriptor: lifeline)
    }

    /// Connects that many sockets, which show the token first.
    func connect(
        _ endpoint: String,
        sockets count: Int,
        token: [UInt8]
    ) throws(ZeroMQError) {
        let context = try Context(maximumSockets: max(64, 2 * count))
        for _ in 0..<count {
            let line = try Line(context, endpoint, &poller)
            try line.show(token)
            lines.append(line)
        }
    }

    /// Answers until the lifeline ends.
    func run() throws(ZeroMQError) {
        while true {
            for line in lines { try line.serve(waitingNanoseconds: waitingNanoseconds) }
            let next = lines.compactMap(\.end).min()
            if let next, lines.allSatisfy({ $0.end != nil }) {
                Clock.sleep(until: next)
                continue
            }
            for line in lines { poller.change(line.item, toNews: line.end == nil) }
            try poller.wait(nanoseconds: 60_000_000_000, orUntil: next ?? .max)
            if poller.isReady(lifelineItem) { return }
        }
    }
}
