/// How the output comes back to the coordinator.
package enum OutputRoute: String, Hashable, Sendable, Codable, CaseIterable {
    /// Through memory that each worker shares with the coordinator, which copies the output from
    /// there.
    case shared
    /// In OUTPUT messages.
    case messages
}
