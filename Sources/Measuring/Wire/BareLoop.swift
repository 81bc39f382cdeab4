import Platform
import Wire
import Work
import ZeroMQ

/// Messages to other processes and back, over ZeroMQ's ROUTER and DEALER alone: what a cluster of as
/// many workers can reach at most.
///
/// No coordinator, worker, plane or protocol of ours is in between. Each message has two frames as
/// ours have, and at most 1 MiB, with which ZeroMQ is fastest.
///
/// A class, since its processes must end exactly once.
final class BareLoop {
    private let folder: SocketFolder?
    private let context: Context
    private let socket: Socket
    private var poller = Poller()
    private var envelope = Envelope()
    private let interruption: Interruption
    private let interruptionItem: Poller.Item
    private var processes: [ChildProcess] = []
    private var peers: [RoutingID] = []
    private let token = RunToken.random().hexadecimal
    /// When a message came last, or was last sent after none was missing.
    private var heardNanoseconds = Clock.nanoseconds
    /// A peer that is silent for so long answers no more: it is stopped, for example.
    private static let longestSilence: UInt64 = 20_000_000_000

    static let mostMessageBytes = 1 << 20
    /// As many as a header of ours has.
    static let headerBytes = 64
    private static let header = [UInt8](repeating: 1, count: headerBytes)

    /// Starts the peers, which wait for `waitingNanoseconds` before each answer; each has a socket, and as
    /// many share a process as workers would.
    init(
        _ transport: Transport,
        peers: WorkerProcesses,
        waitingNanoseconds: UInt64,
        pinning: Pinning,
        interruption: Interruption
    ) throws(RunError) {
        let folder: SocketFolder?
        let wanted: String
        switch transport {
        case .ipc:
            let made = try SocketFolder()
            wanted = "ipc://\(made.socketPath)"
            folder = consume made
        case .tcp:
            wanted = "tcp://127.0.0.1:*"
            folder = nil
        }
        let ioThreads = Affinity.ioThreads(forWorkers: peers.workers)
        try ThreadRoom.require(ioThreads + 1)
        let context = try RunError.environment { () throws(ZeroMQError) in
            try Context(ioThreads: ioThreads)
        }
        let socket = try RunError.environment { () throws(ZeroMQError) in
            try Socket(context, kind: .router, options: Self.options)
        }
        let endpoint = try RunError.environment { () throws(ZeroMQError) in
            try socket.bind(wanted)
        }
        var poller = Poller()
        _ = poller.add(socket, for: .news)
        interruptionItem = poller.add(fileDescriptor: interruption.descriptor)
        self.folder = folder
        self.context = context
        self.socket = socket
        self.poller = poller
        self.interruption = interruption
        for ranks in peers.ranks {
            let processors = ranks.flatMap {
                pinning.processors(ofWorker: $0, workerCount: peers.workers, threads: 1)
            }
            processes.append(
                try WirePeer.start(
                    .messages(
                        endpoint: endpoint,
                        sockets: ranks.count,
                        waitingNanoseconds: waitingNanoseconds
                    ),
                    token: token,
                    processors: processors
                )
            )
        }
        try join(peers.workers)
    }

    deinit { for process in processes { process.kill() } }

    static var options: SocketOptions {
        var options = SocketOptions()
        options.heartbeatInterval = nil
        options.handshakeInterval = .seconds(30)
        return options
    }

    /// CPU time of all processes so far, this one included; nil where nobody can tell.
    var cpuNanoseconds: UInt64? { WirePeer.cpuNanoseconds(with: processes) }

    /// Each peer shows the token, so that nobody else is taken for one.
    private func join(_ count: Int) throws(RunError) {
        while peers.count < count {
            while peers.count < count, try receive() {
                guard envelope.header.copiedBytes == Array(token.utf8), let peer = envelope.sender
                else { continue }
                peers.append(peer)
            }
            if peers.count < count { try wait() }
        }
    }

    /// Sends messages to all peers and waits for their answers; returns how long it took.
    ///
    /// At most `window` messages are on the way to and from each peer. `payload` is cut in messages of
    /// at most 1 MiB; without any, `messages` headers are sent.
    @unsafe
    func run(
        messages: Int,
        window: Int,
        payload: UnsafeRawBufferPointer = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    ) throws(RunError) -> UInt64 {
        let start = Clock.nanoseconds
        heardNanoseconds = start
        var (sent, received) = (0, 0)
        for _ in 0..<window {
            for peer in peers where sent < messages {
                try unsafe send(sent, of: messages, payload, to: peer)
                sent += 1
            }
        }
        while received < messages {
            while received < messages, try receive() {
                received += 1
                guard sent < messages, let peer = envelope.sender else { continue }
                try unsafe send(sent, of: messages, payload, to: peer)
                sent += 1
            }
            if received < messages { try wait() }
        }
        return max(1, Clock.nanoseconds - start)
    }

    private func send(
        _ index: Int,
        of count: Int,
        _ payload: UnsafeRawBufferPointer,
        to peer: RoutingID
    ) throws(RunError) {
        var frame: Message?
        if payload.count > 0 {
            let size = payload.count / count
            let part = unsafe UnsafeRawBufferPointer(
                rebasing: payload[index * size..<(index + 1) * size]
            )
            frame = unsafe Message(borrowing: part)
        }
        while true {
            let outcome = try RunError.environment { () throws(ZeroMQError) in
                try socket.send(to: peer, header: Self.header.span, payload: &frame)
            }
            switch outcome {
            case .sent: return
            case .wouldBlock: try wait(atMost: .milliseconds(1))
            case .unreachable: throw lost
            }
        }
    }

    private func receive() throws(RunError) -> Bool {
        try RunError.environment { () throws(ZeroMQError) in
            try socket.receive(into: &envelope)
        }
    }

    /// Waits for a message; a peer answers within seconds, or it is gone.
    private func wait(atMost limit: Duration = .seconds(1)) throws(RunError) {
        let count = try RunError.environment { () throws(ZeroMQError) in try poller.wait(limit) }
        if poller.isReady(interruptionItem) { try interruption.check() }
        let now = Clock.nanoseconds
        guard count == 0 else {
            heardNanoseconds = now
            return
        }
        guard now - heardNanoseconds < Self.longestSilence else {
            throw RunError(
                .unfinished,
                "a process of the bare loop answers nothing, so there is nothing to compare with; repeat"
            )
        }
        let ends = try System.readable(
            processes.map(\.exitDescriptor),
            withinMilliseconds: 0
        )
        if ends.contains(true) { throw lost }
    }

    private var lost: RunError {
        // A process that lives on has no last words, and to wait for its end would take for ever.
        let ended =
            (try? System.readable(processes.map(\.exitDescriptor), withinMilliseconds: 50)) ?? []
        let last = zip(processes, ended).lazy.filter(\.1).compactMap(\.0.lastWords).first
        let words = last.map { " (\($0))" } ?? ""
        return RunError(
            .unfinished,
            "a process of the bare loop ended\(words), so there is nothing to compare with; repeat"
        )
    }
}
