import Platform

/// The workers for which messages wait, so that hundreds of others are not asked at every turn.
struct SendingLinks {
    /// All those for which messages wait, and no others after `pump`.
    private var links: [WorkerLink] = []

    init() {}

    init(of links: [WorkerLink]) { self.links = links.filter(\.hasWaiting) }

    /// Adds a worker that is about to get a message.
    mutating func add(_ link: WorkerLink) {
        if !link.hasWaiting { links.append(link) }
    }

    /// Sends to all what may be sent, in turns where inputs are copied; returns those whose peer is gone.
    mutating func pump(_ socket: borrowing CoordinatorSocket) throws(RunError) -> [WorkerLink] {
        guard !links.isEmpty else { return [] }
        var (waiting, gone) = (links.filter(\.hasWaiting), [WorkerLink]())
        while !waiting.isEmpty {
            var yielding: [WorkerLink] = []
            for link in waiting {
                switch try link.pump(socket) {
                case .done: break
                case .yielding: yielding.append(link)
                case .peerIsGone: gone.append(link)
                }
            }
            waiting = yielding
        }
        links.removeAll { !$0.hasWaiting }
        return gone
    }
}
