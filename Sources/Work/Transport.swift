/// The socket under ZeroMQ.
package enum Transport: String, Hashable, Sendable, Codable, CaseIterable {
    /// A Unix socket in a private folder.
    case ipc
    /// A TCP connection; within one machine, over its loopback.
    case tcp
}
