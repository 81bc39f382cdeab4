import TestSupport

extension TemporaryFolder {
    /// The socket folders in it, which a run must take away.
    var socketFolders: [String] {
        get throws { try names.filter { $0.hasPrefix("headwise-") } }
    }
}
