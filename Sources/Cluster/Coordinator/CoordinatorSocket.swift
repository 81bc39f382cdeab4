import Platform
import Wire
import Work
import ZeroMQ

/// The socket that the workers connect to, and everything else that the coordinator waits for.
struct CoordinatorSocket: ~Copyable {
    let endpoint: String
    /// Identifies this cluster in every header, so that messages of other clusters are recognised.
    let run: UInt64
    /// How many messages were dropped because they were not of our protocol, by reason.
    private(set) var refusals: [WireError.Reason: Int] = [:]
    private let context: Context
    private let socket: Socket
    private let socketItem: Poller.Item
    private var poller: Poller
    private var envelope = Envelope()
    private var folder: SocketFolder?

    enum Arrival {
        case message(RoutingID, IncomingMessage)
        /// A message that is not of our protocol; it is counted.
        case refused
    }

    init(_ configuration: ClusterConfiguration) throws(RunError) {
        var options = SocketOptions()
        // These marks limit the outputs; the chunk window limits the inputs.
        options.sendHighWaterMark = 64
        options.receiveHighWaterMark = 32
        // While this process computes or verifies, it reads nothing, and a full pipe answers no
        // ping. The worker processes and our own heartbeats show which workers live.
        options.heartbeatInterval = nil
        // These are locals: if one throws, `self` is not left half initialized.
        let folder: SocketFolder?
        let wanted: String
        switch configuration.transport {
        case .ipc:
            let made = try SocketFolder()
            wanted = "ipc://\(made.socketPath)"
            folder = consume made
        case .tcp:
            wanted = "tcp://127.0.0.1:*"
            folder = nil
        }
        let ioThreads = Affinity.ioThreads(forWorkers: configuration.workerCount)
        // One more closes sockets.
        try ThreadRoom.require(ioThreads + 1)
        let context = try RunError.environment { () throws(ZeroMQError) in
            try Context(ioThreads: ioThreads)
        }
        let socket = try RunError.environment { () throws(ZeroMQError) in
            try Socket(context, kind: .router, options: options)
        }
        endpoint = try RunError.environment { () throws(ZeroMQError) in
            try socket.bind(wanted)
        }
        var generator = SystemRandomNumberGenerator()
        run = generator.next() | 1
        var poller = Poller()
        socketItem = poller.add(socket)
        self.poller = poller
        self.context = context
        self.socket = socket
        self.folder = folder
    }

    /// Removes the file of an ipc endpoint; connections stay open.
    mutating func removeFile() { folder = nil }

    // MARK: Waiting

    mutating func watch(_ descriptor: Int32) -> Poller.Item {
        poller.add(fileDescriptor: descriptor)
    }

    mutating func forget(_ item: Poller.Item) { poller.remove(item) }

    mutating func wait(_ limit: Duration) throws(RunError) {
        try RunError.environment { () throws(ZeroMQError) in _ = try poller.wait(limit) }
    }

    /// Whether the last wait found something at a descriptor.
    func isReady(_ item: Poller.Item) -> Bool { !poller.events(of: item).isEmpty }

    /// Whether the last wait found messages.
    var hasMessages: Bool { poller.events(of: socketItem).contains(.readable) }

    // MARK: Messages

    /// The next message that has arrived; its payload stays until the message after it.
    mutating func receive() throws(RunError) -> Arrival? {
        let isThere = try RunError.environment { () throws(ZeroMQError) in
            try socket.receive(into: &envelope)
        }
        guard isThere else { return nil }
        guard let peer = envelope.sender else { return .refused }
        do throws(WireError) {
            return .message(peer, try envelope.message(ofRun: run))
        } catch {
            refuse(error.reason)
            // Another version gives the fields other meanings, but a refusal has the oldest format.
            if case .version = error { try send(Refuse(reason: "\(error)"), to: peer) }
            return .refused
        }
    }

    mutating func refuse(_ reason: WireError.Reason) { refusals[reason, default: 0] += 1 }

    /// Lets `body` look at the payload of the message that was received last.
    func withPayload<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        envelope.payload.withBytes(body)
    }

    func send(
        _ header: Header,
        payload: inout Message?,
        to peer: RoutingID
    ) throws(RunError) -> SendOutcome {
        try RunError.environment { () throws(ZeroMQError) in
            try socket.send(to: peer, header: header.bytes.span, payload: &payload)
        }
    }

    /// Sends a header and JSON.
    ///
    /// Such messages are few, so a full pipe means a dead peer.
    @discardableResult
    func send(_ body: some SetupMessage, to peer: RoutingID) throws(RunError) -> SendOutcome {
        do {
            let json = try body.payload()
            var payload: Message? = try Message(copying: json.span)
            let header = type(of: body).header(run: run, payloadBytes: json.count)
            return try send(header, payload: &payload, to: peer)
        } catch {
            throw RunError(.environment, "\(error)")
        }
    }
}
