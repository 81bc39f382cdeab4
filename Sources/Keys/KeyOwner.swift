/// Whose key it is: the name of its files, and of the peer that has it.
package enum KeyOwner: Hashable, Sendable, CustomStringConvertible {
    case coordinator
    case worker(rank: Int)

    /// Reads `coordinator` or `worker-N`.
    package init?(_ text: some StringProtocol) {
        if text == "coordinator" {
            self = .coordinator
            return
        }
        guard text.hasPrefix("worker-"), let rank = Int(text.dropFirst(7)), rank >= 0,
            text == "worker-\(rank)"
        else { return nil }
        self = .worker(rank: rank)
    }

    package var description: String {
        switch self {
        case .coordinator: "coordinator"
        case .worker(let rank): "worker-\(rank)"
        }
    }

    /// As a sentence names it.
    var inWords: String {
        switch self {
        case .coordinator: "the coordinator"
        case .worker(let rank): "worker \(rank)"
        }
    }
}
