import Glibc

/// A private folder (0700) for one run's socket file.
///
/// Binding an ipc path a second time silently takes it over, and libzmq never removes the file. A
/// fresh folder that only this user can enter solves both problems. File and folder are removed as
/// soon as every worker has joined, so that even a killed coordinator leaves nothing behind.
package struct SocketFolder: ~Copyable {
    private let path: String
    package var socketPath: String { path + "/coordinator" }

    package init() throws(RunError) {
        path = try Self.makeFolder()
    }

    deinit {
        remove()
    }

    /// Removes the socket's file and the folder; existing connections stay open.
    package func remove() {
        _ = unsafe unlink(socketPath)
        _ = unsafe rmdir(path)
    }

    private static func makeFolder() throws(RunError) -> String {
        let parent = Self.parent
        var template = Array("\(parent)/headwise-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw .system(
                "making a private folder in \(parent)",
                errno,
                "set TMPDIR to a folder that you can write to"
            )
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The first folder that can be written and leaves the socket's path within the 107 bytes that
    /// `sockaddr_un` holds.
    private static var parent: String {
        for name in ["TMPDIR", "XDG_RUNTIME_DIR"] {
            if let value = unsafe getenv(name) {
                let path = unsafe String(cString: value)
                if path.hasPrefix("/"), path.utf8.count < 80, unsafe access(path, W_OK) == 0 {
                    return path.hasSuffix("/") ? String(path.dropLast()) : path
                }
            }
        }
        return "/tmp"
    }
}
