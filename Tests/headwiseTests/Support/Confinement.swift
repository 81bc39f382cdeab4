import FoundationEssentials
import TestSupport

#if canImport(Glibc)
import Glibc
#endif

/// A control group of this test alone, in version 1 or 2, gone with this value.
struct ControlGroup: ~Copyable {
    private let folder: String
    private let isVersion2: Bool

    /// Why a test that needs one is skipped.
    static let isMissing = "control groups are not there, or not for us to make"

    static func isThere(_ controller: String) -> Bool {
        do {
            _ = try ControlGroup(controller)
            return true
        } catch {
            return false
        }
    }

    init(_ controller: String) throws {
        let first = "/sys/fs/cgroup/\(controller)"
        let name = "headwise-test-\(getpid())-\(UInt32.random(in: 0...(.max)))"
        // Of version 2, the root itself has no limits and no such file.
        isVersion2 = access("\(first)/cgroup.procs", W_OK) != 0
        let root = isVersion2 ? "/sys/fs/cgroup" : first
        folder = "\(root)/\(name)"
        guard mkdir(folder, 0o755) == 0 else { throw NoGroup(reason: "mkdir: error \(errno)") }
        let needed = isVersion2 ? "cgroup.controllers" : "cgroup.procs"
        let controllers = contents(of: "\(folder)/\(needed)")
        guard let controllers, !isVersion2 || controllers.contains(controller) else {
            rmdir(folder)
            throw NoGroup(reason: "\(controller) is not given on to groups")
        }
    }

    deinit { rmdir(folder) }

    /// Shell that sets a limit: by the name of the file in version 1 and in version 2.
    func limiting(_ names: (version1: String, version2: String), to value: String) -> String {
        "echo \(value) >\(folder)/\(isVersion2 ? names.version2 : names.version1)"
    }

    /// Shell that puts itself into the group.
    var entering: String { "echo $BASHPID >\(folder)/cgroup.procs" }

    private struct NoGroup: Error { var reason: String }
}

/// Shells in which something is missing, and whether this system lets a test make them.
enum Confinement {
    /// Whether a line of shell works here.
    static func works(_ line: String) -> Bool {
        guard let folder = try? TemporaryFolder() else { return false }
        return (try? Headwise.runShell(line, in: folder))?.kind == .exited(0)
    }

    /// Runs the program in a mount namespace of its own after `preparation`.
    static func withMounts(_ preparation: String, _ line: String) -> String {
        "unshare -m bash -c \"\(preparation) && \(line)\""
    }

    /// Runs a program under a filter that answers EPERM to system calls of these names.
    static let filter = """
        import ctypes, os, struct, sys
        numbers = {"pidfd_open": 434, "fsync": 74, "sched_setaffinity": 203, "pipe2": 293,
                   "sched_getaffinity": 204, "eventfd2": 290, "epoll_create1": 291, "socket": 41}
        library = ctypes.CDLL(None, use_errno=True)
        program = [(0x20, 0, 0, 0)]
        for name in sys.argv[1].split(","):
            program += [(0x15, 0, 1, numbers[name]), (0x06, 0, 0, 0x00050001)]
        program += [(0x06, 0, 0, 0x7FFF0000)]
        content = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *i) for i in program))
        class Program(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ushort), ("content", ctypes.c_void_p)]
        filter = Program(len(program), ctypes.addressof(content))
        if library.prctl(38, 1, 0, 0, 0) or library.prctl(22, 2, ctypes.byref(filter), 0, 0):
            sys.exit("no filter")
        os.execv(sys.argv[2], sys.argv[2:])
        """
}
