import Platform
import Wire
import Work
import ZeroMQ

/// The socket that the workers connect to, and everything else that the coordinator waits for.
struct CoordinatorSocket: ~Copyable {
    let endpoint: String
    /// Where workers of another program find what they need to join; nil if there are none.
    ///
    /// It is there as long as the door is open.
    let joinFolder: String?
    /// Whether another program starts the workers.
    private let isForeign: Bool
    /// Identifies this cluster in every header, so that messages of other clusters are recognised.
    let run: UInt64
    /// How many messages were dropped because they were not of our protocol, by reason.
    private(set) var refusals: [WireError.Reason: Int] = [:]
    private let context: Context
    private let entry: EntryRule
    private let doorkeeper: Doorkeeper
    private let socket: Socket
    private let socketItem: Poller.Item
    private var poller: Poller
    /// What becomes readable when a worker ends.
    private let exits: DescriptorSet
    private let exitsItem: Poller.Item
    private var envelope = Envelope()
    private var folder: SocketFolder?

    enum Arrival {
        case message(RoutingID, IncomingMessage)
        /// A message that is not of our protocol, which is counted, or of nobody who may send it.
        case refused
    }

    init(_ configuration: ClusterConfiguration, _ token: RunToken) throws(RunError) {
        let entry = try EntryRule(configuration, token)
        var options = SocketOptions()
        // These marks limit the outputs; the chunk window limits the inputs.
        options.sendHighWaterMark = 64
        options.receiveHighWaterMark = 32
        // While this process computes or verifies, it reads nothing, and a full pipe answers no
        // ping. The worker processes and our own heartbeats show which workers live.
        options.heartbeatInterval = nil
        options.security = entry.security
        // As long as many workers that start together need to connect, and no longer, because
        // strangers take as long as they are allowed.
        options.handshakeInterval = .seconds(2) + .milliseconds(20 * configuration.workerCount)
        // These are locals: if one throws, `self` is not left half initialized.
        let folder: SocketFolder?
        let isForeign = !configuration.launcher.sharesMemory
        // With keys, workers of another program need no secret of the run.
        let needsFolder = isForeign && configuration.keys == nil
        var joinFolder: String?
        let door: TCPDoor?
        let wanted: String
        switch configuration.transport {
        case .ipc:
            let made = try SocketFolder()
            wanted = "ipc://\(made.socketPath)"
            if needsFolder { joinFolder = made.path }
            folder = consume made
            door = nil
        case .tcp:
            let made = try TCPDoor(at: configuration.bind, backlog: options.backlog)
            wanted = made.address.endpoint(port: made.port)
            options.usesIPv6 = made.address.isIPv6
            options.listeningDescriptor = made.listener
            door = made
            if needsFolder {
                let made = try SocketFolder()
                joinFolder = made.path
                folder = consume made
            } else {
                folder = nil
            }
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
        let doorkeeper = try Doorkeeper(
            context,
            socket,
            entry: entry,
            door: door,
            workerCount: configuration.workerCount
        )
        let exits = try DescriptorSet()
        let endpoint = try RunError.environment { () throws(ZeroMQError) in
            try socket.bind(wanted)
        }
        if let joinFolder {
            let document = JoinDocument(
                endpoint: endpoint,
                token: token.hexadecimal,
                threads: configuration.threads,
                credit: configuration.credit
            )
            let json = try RunError.environment { () throws(WireError) in try document.json() }
            try SocketFolder.writeJoin(json, in: joinFolder)
        }
        self.joinFolder = joinFolder
        self.isForeign = isForeign
        self.endpoint = endpoint
        var generator = SystemRandomNumberGenerator()
        run = generator.next() | 1
        var poller = Poller()
        socketItem = poller.add(socket, for: .news)
        exitsItem = poller.add(fileDescriptor: exits.descriptor)
        self.exits = exits
        self.poller = poller
        self.context = context
        self.entry = entry
        self.doorkeeper = doorkeeper
        self.socket = socket
        self.folder = folder
    }

    /// Lets nobody in from now on; connections stay open.
    ///
    /// The file of an ipc endpoint is removed, and a TCP port is closed.
    mutating func closeDoor() {
        folder = nil
        doorkeeper.expectPeers(false)
    }

    /// Lets nobody in, and sends what waits, such as a BYE, before the connections end.
    mutating func closeAfterSending() {
        // What cannot be sent is not needed: a worker ends with its connection, too.
        if isForeign { try? socket.setLinger(.seconds(1)) }
        closeDoor()
    }

    /// Keeps the connection of the last message: its sender has joined.
    func keepConnection() {
        if let connection = envelope.header.connection { doorkeeper.keep(connection) }
    }

    /// Whether the sender of the last message may be the worker of that rank.
    func senderMayBe(_ rank: Int) -> Bool { entry.mayBe(rank, user: envelope.header.user) }

    /// What came to the address and was not let in, so far.
    var strangers: Strangers {
        var strangers = doorkeeper.strangers
        for (reason, count) in refusals { strangers.messages[reason.rawValue] = count }
        return strangers
    }

    // MARK: Waiting

    mutating func watch(_ descriptor: Int32) -> Poller.Item {
        poller.add(fileDescriptor: descriptor)
    }

    /// Waits for the end of a worker, too, until it is forgotten.
    func watch(exit descriptor: Int32) throws(RunError) { try exits.add(descriptor) }

    func forget(exit descriptor: Int32) { exits.remove(descriptor) }

    /// Which worker has ended, by its descriptor, if the last wait found one.
    var endedExit: Int32? { isReady(exitsItem) ? exits.firstReadable : nil }

    mutating func wait(_ limit: Duration) throws(RunError) {
        try RunError.environment { () throws(ZeroMQError) in _ = try poller.wait(limit) }
    }

    /// Whether the last wait found something at a descriptor.
    func isReady(_ item: Poller.Item) -> Bool { poller.isReady(item) }

    /// Whether the last wait may have found messages.
    var hasMessages: Bool { poller.isReady(socketItem) }

    // MARK: Messages

    /// The next message that has arrived; its payload stays until the message after it.
    ///
    /// From peers that are no workers, only a HELLO is read: nothing else of theirs is needed.
    mutating func receive(isWorker: (RoutingID) -> Bool) throws(RunError) -> Arrival? {
        let isThere = try RunError.environment { () throws(ZeroMQError) in
            try socket.receive(into: &envelope)
        }
        guard isThere else { return nil }
        guard let peer = envelope.sender else { return .refused }
        do throws(WireError) {
            if !isWorker(peer) {
                guard try envelope.isHello(ofRun: run) else { return .refused }
            }
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
            let encoded = header.encoded
            return try socket.send(to: peer, header: encoded.span, payload: &payload)
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
