import TestSupport

extension TemporaryFolder {
    /// Its socket folders, which a run must remove.
    var socketFolders: [String] {
        get throws { try names.filter { $0.hasPrefix("headwise-") } }
    }
}
