/// How the output comes back to the coordinator.
package enum OutputRoute: String, Hashable, Sendable, Codable, CaseIterable {
    /// In memory that each worker shares with the coordinator, which copies it from there.
    case shared
    /// In OUTPUT messages.
    case messages
}
