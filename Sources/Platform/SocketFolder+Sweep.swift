import CSystem
import Glibc

extension SocketFolder {
    /// Removes the folders in `parent` that runs of this user have left, whose process is dead.
    package static func sweep(_ parent: String) {
        guard let entries = unsafe opendir(parent) else { return }
        defer { unsafe closedir(entries) }
        // A bound, in case others make files faster than this loop reads them.
        for _ in 0..<65_536 {
            guard let entry = unsafe readdir(entries) else { return }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            guard name.hasPrefix(prefix), name.utf8.count == prefix.utf8.count + 6 else { continue }
            sweepFolder("\(parent)/\(name)")
        }
    }

    /// Locks a folder for this process; nil where another has it, or nobody can.
    static func lock(_ path: String) -> Int32? {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Removes a folder that is like one of ours, unless its owner lives.
    private static func sweepFolder(_ path: String) {
        guard isPrivate(path), let lock = lock(path) else { return }
        defer { close(lock) }
        let socket = path + "/coordinator"
        // An owner that could not lock its folder answers at its socket.
        guard !isAnswered(socket) else { return }
        var status = stat()
        if unsafe lstat(socket, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK {
            unsafe unlink(socket)
        }
        let join = "\(path)/\(joinFile)"
        if unsafe lstat(join, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            unsafe unlink(join)
        }
        // A folder with other files in it is not ours, and stays.
        unsafe rmdir(path)
    }

    /// Whether only this user may enter the folder.
    private static func isPrivate(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && status.st_mode & 0o777 == 0o700 && status.st_uid == geteuid()
    }

    /// Whether a process listens at a socket's path.
    private static func isAnswered(_ path: String) -> Bool {
        let type =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return true }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return code == 0 || (errno != ECONNREFUSED && errno != ENOENT)
    }
}
