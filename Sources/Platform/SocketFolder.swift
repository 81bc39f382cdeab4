import CSystem
import Glibc

/// A private folder (0700) for one run's socket file, and for the file with which workers join that
/// another program starts.
///
/// Binding an ipc path a second time silently takes it over, and libzmq never removes the file. A
/// fresh folder that only this user can enter solves both problems. File and folder are removed as
/// soon as every worker has joined; what a coordinator leaves that is killed before, the next one
/// removes.
package struct SocketFolder: ~Copyable {
    package let path: String
    /// Locked as long as this process lives, so that others see whose folder is left over.
    private let lock: Int32
    package var socketPath: String { path + "/coordinator" }

    package init() throws(RunError) {
        _ = Self.isSwept
        let (parent, made) = try Self.makeFolder()
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

    /// Removes the files and the folder; existing connections stay open.
    package func remove() {
        _ = unsafe unlink(socketPath)
        _ = unsafe unlink("\(path)/\(Self.joinFile)")
        _ = unsafe rmdir(path)
    }

    /// Makes the folder in the first place that holds a socket.
    private static func makeFolder() throws(RunError) -> (parent: String, path: String) {
        var failures: [(parent: String, error: SystemError)] = []
        for parent in parents {
            switch makeFolder(in: parent) {
            case .success(let path): return (parent, path)
            case .failure(let error): failures.append((parent, error))
            }
        }
        // Another folder would not help.
        if let first = failures.first, failures.allSatisfy(\.error.isForbidden) {
            throw RunError(.environment, "\(first.error)")
        }
        let places = failures.map { "\($0.parent): \($0.error.reason)" }
        throw RunError(
            .environment,
            "no folder holds the run's socket (\(places.joined(separator: "; "))); set TMPDIR "
                + "to a folder that you can write to, or use --transport tcp"
        )
    }

    private static func makeFolder(in parent: String) -> Result<String, SystemError> {
        var template = Array("\(parent)/.\(prefix)XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            return .failure(SystemError("mkdtemp", errno))
        }
        let path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        // Some file systems hold files but no sockets.
        if let code = obstacle(toSocketAt: path + "/probe") {
            _ = unsafe rmdir(path)
            return .failure(SystemError("making a socket", code))
        }
        return .success(path)
    }

    /// Why no socket can be at the path; nil if it can.
    private static func obstacle(toSocketAt path: String) -> Int32? {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            guard path.utf8.count < bytes.count else { return ENAMETOOLONG }
            unsafe bytes.copyBytes(from: path.utf8)
            return 0
        }
        guard code == 0 else { return code }
        let isBound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, size) == 0
            }
        }
        guard isBound else { return errno }
        _ = unsafe unlink(path)
        return nil
    }

    static let prefix = "headwise-"

    /// Sweeps once in the life of this process, however many clusters it starts.
    private static let isSwept: Bool = {
        for parent in parents { sweep(parent) }
        return true
    }()

    /// Where the folder may be, in this order: what leaves the socket's path within the 107 bytes
    /// that `sockaddr_un` holds.
    private static var parents: [String] {
        let named = ["TMPDIR", "XDG_RUNTIME_DIR"].compactMap { name -> String? in
            guard let value = unsafe getenv(name) else { return nil }
            let path = unsafe String(cString: value)
            guard path.hasPrefix("/"), path.utf8.count < 80 else { return nil }
            return path.hasSuffix("/") ? String(path.dropLast()) : path
        }
        return named + ["/tmp", "/var/tmp", "/dev/shm"]
    }
}
