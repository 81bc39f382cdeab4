/// What limits how fast tensors travel.
package enum TransferRoof: Sendable { case copying, link }

/// How the output comes back to the coordinator.
package enum OutputRoute: String, Hashable, Sendable, Codable, CaseIterable {
    /// Through memory that each worker shares with the coordinator, which copies the output from
    /// there.
    case shared
    /// In OUTPUT messages.
    case messages

    /// What limits how fast output comes back.
    package var roof: TransferRoof {
        switch self {
        case .shared: .copying
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
