import Platform
import Synchronization
import Wire
import Work
import ZeroMQ

/// Decides who may connect to the coordinator, on a thread of its own.
///
/// Peers show the run's token or their key while they connect, before they can send a message: so strangers
/// cannot fill the socket, and a storm of them keeps this thread busy instead of the one that
/// measures. Over TCP, the port is closed when no worker is to come. Until then there is room for a few
/// peers that have not joined: whoever comes makes the oldest of them leave. So strangers, each of
/// which may make libzmq hold a frame, neither fill the memory nor keep workers out.
final class Doorkeeper {
    private let book: Book
    private let desk: Desk
    private let thread: PlainThread

    /// How many may be connected that have not joined, beside one for each worker that is to come.
    static let room = DescriptorLimit.forStrangers / 2

    /// `socket` must not be bound yet; `door` is its port over TCP.
    init(
        _ context: borrowing Context,
        _ socket: borrowing Socket,
        entry: EntryRule,
        door: TCPDoor?,
        workerCount: Int
    ) throws(RunError) {
        let book = Book(stop: try System.eventDescriptor(), door: door)
        let desk = try RunError.environment { () throws(ZeroMQError) in
            try Desk(context, socket)
        }
        thread = try PlainThread { desk.serve(entry, workerCount, book) }
        self.book = book
        self.desk = desk
    }

    deinit {
        System.signal(eventDescriptor: book.stop)
        thread.join()
    }

    /// Whether a worker is to come.
    func expectPeers(_ expectsPeers: Bool) { book.door?.expectPeers(expectsPeers) }

    /// Keeps a worker's connection from now on.
    func keep(_ connection: Int32) {
        guard let peer = book.door?.peer(of: connection) else { return }
        book.tally.withLock { $0.keep(peer) }
    }

    /// What was not let in so far.
    var strangers: Strangers {
        let tally = book.tally.withLock { $0 }
        return Strangers(
            // Questions and reports come on two ways.
            refused: max(tally.accepted - tally.admitted, tally.wrongTokens),
            wrongTokens: tally.wrongTokens,
            unanswered: book.door?.unanswered ?? 0
        )
    }
}

/// What the doorkeeper's thread and its owner share.
private final class Book: Sendable {
    struct Tally {
        var accepted = 0
        var admitted = 0
        var wrongTokens = 0
        var left = 0
        /// Those that have not joined, the oldest first.
        var waiting: [(connection: Int32, peer: NetworkPeer)] = []
        /// The ends of the workers that have joined, which may be known before their connections are.
        private(set) var workers: Set<NetworkPeer> = []

        mutating func keep(_ peer: NetworkPeer) {
            workers.insert(peer)
            waiting.removeAll { $0.peer == peer }
        }

        mutating func note(_ event: MonitorEvent, _ door: TCPDoor?) {
            switch event.kind {
            case .accepted:
                accepted += 1
                // One that has left already is not waiting.
                if let peer = door?.peer(of: event.value), !workers.contains(peer) {
                    waiting.append((event.value, peer))
                }
            case .handshakeSucceeded: admitted += 1
            case .disconnected:
                left += 1
                if let index = waiting.firstIndex(where: { $0.connection == event.value }) {
                    waiting.remove(at: index)
                }
            default: break
            }
        }
    }

    let stop: Int32
    let door: TCPDoor?
    let tally = Mutex(Tally())

    init(stop: Int32, door: TCPDoor?) {
        self.stop = stop
        self.door = door
    }

    deinit { System.close(stop) }
}

/// What libzmq asks and reports.
///
/// `@unchecked Sendable`: the coordinator's thread makes and destroys it; in between only the
/// doorkeeper's thread uses it, whose start and end put the three in order.
private final class Desk: @unchecked Sendable {
    private let admission: Admission
    private let monitor: Monitor

    init(_ context: borrowing Context, _ socket: borrowing Socket) throws(ZeroMQError) {
        admission = try Admission(context)
        monitor = try Monitor(context, of: socket)
    }

    /// Answers until it is told to stop.
    func serve(_ entry: EntryRule, _ workerCount: Int, _ book: Book) {
        var poller = Poller()
        let stop = poller.add(fileDescriptor: book.stop)
        _ = poller.add(admission.socket)
        _ = poller.add(monitor.socket)
        do throws(ZeroMQError) {
            while !poller.isReady(stop) {
                try report(to: book, workerCount)
                // Up to a limit, so that a storm of questions does not keep the door open.
                for _ in 0..<16 {
                    guard try admission.answer({ Self.user($0, entry, book) }) else { break }
                }
                try poller.wait(.seconds(60))
            }
        } catch {
            // Without it nobody can join, and the coordinator reports that.
        }
    }

    private func report(to book: Book, _ workerCount: Int) throws(ZeroMQError) {
        let most = DescriptorLimit.forStrangers + workerCount
        for _ in 0..<1024 {
            guard let event = try monitor.next() else { break }
            let inside = book.tally.withLock { tally in
                tally.note(event, book.door)
                let expected = max(workerCount - tally.workers.count, 0)
                if tally.waiting.count > Doorkeeper.room + expected {
                    let (connection, peer) = tally.waiting.removeFirst()
                    book.door?.end(connection, to: peer)
                }
                return tally.accepted - tally.left
            }
            // They come faster than others leave.
            if inside >= most { book.door?.note(isFull: true) }
            // Not at once, so that it does not move with every peer.
            if inside <= most - Doorkeeper.room / 2 { book.door?.note(isFull: false) }
        }
    }

    private static func user(
        _ credentials: Credentials,
        _ entry: EntryRule,
        _ book: Book
    ) -> String? {
        let user = entry.user(credentials)
        if user == nil { book.tally.withLock { $0.wrongTokens += 1 } }
        return user
    }
}
