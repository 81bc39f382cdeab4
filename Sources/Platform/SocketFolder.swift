import Glibc

/// A private folder (0700) for one run's socket file.
///
/// Binding an ipc path a second time silently takes it over, and libzmq never removes the file. A
/// fresh folder that only this user can enter solves both problems. File and folder are removed as
/// soon as every worker has joined; what a coordinator leaves that is killed before, the next one
/// removes.
package struct SocketFolder: ~Copyable {
    private let path: String
    /// Locked as long as this process lives, so that others see whose folder is left over.
    private let lock: Int32
    package var socketPath: String { path + "/coordinator" }

    package init() throws(RunError) {
        let parent = Self.parent
        _ = Self.isSwept
        let made = try Self.makeFolder(in: parent)
        lock = Self.lock(made) ?? -1
        // Under its name, it is locked from the beginning.
        let name = made.split(separator: "/").last ?? ""
        let final = "\(parent)/\(name.dropFirst())"
        path = unsafe rename(made, final) == 0 ? final : made
    }

    deinit {
        remove()
        if lock >= 0 { close(lock) }
    }

    /// Removes the socket's file and the folder; existing connections stay open.
    package func remove() {
        _ = unsafe unlink(socketPath)
        _ = unsafe rmdir(path)
    }

    private static func makeFolder(in parent: String) throws(RunError) -> String {
        var template = Array("\(parent)/.\(prefix)XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw .system(
                "making a private folder in \(parent)",
                errno,
                "set TMPDIR to a folder that you can write to"
            )
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static let prefix = "headwise-"

    /// Sweeps once in the life of this process, however many clusters it starts.
    private static let isSwept: Bool = {
        sweep(parent)
        return true
    }()

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
