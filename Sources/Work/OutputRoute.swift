/// What limits how fast tensors travel.
package enum TransferRoof: Sendable { case copying, link }

/// How the output comes back to the coordinator.
package enum OutputRoute: String, Hashable, Sendable, Codable, CaseIterable {
    /// The workers write it to its place in memory that all processes share.
    case shared
    /// In OUTPUT messages.
    case messages

    /// What limits how fast output comes back; nil where it is written in its place.
    package var roof: TransferRoof? {
        switch self {
        case .shared: nil
        case .messages: .link
        }
    }

    /// Whether processes must share memory.
    package var sharesMemory: Bool {
        switch self {
        case .shared: true
        case .messages: false
        }
    }

    /// Where the output is, as in "outputs in messages".
    package var place: String {
        switch self {
        case .shared: "shared memory"
        case .messages: "messages"
        }
    }
}
