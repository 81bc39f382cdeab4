import CSystem
import Glibc

/// A process that this one has started, and the handle for waiting until it ends.
///
/// This is the only place that starts and reaps programs. So their descriptors, their first signal
/// settings and the unsafe code can be read together. When this value is destroyed, the process is
/// killed and reaped.
package struct SpawnedProcess: ~Copyable {
    package let processIdentifier: Int32
    /// A pidfd: readable 1–2 ms after the process has ended.
    package let exitDescriptor: Int32
    /// How it ended; nil until it was reaped.
    package private(set) var status: ExitStatus?
    /// Whether it leads a process group, which ends with it.
    private let leadsGroup: Bool

    /// Starts `executable` with `arguments`; `descriptors` are ours, listed under the numbers that
    /// the program sees.
    ///
    /// Standard input and output are /dev/null unless they are given: output belongs to this
    /// process alone, and a worker must not keep a reader's pipe open. Standard error is ours.
    /// Signals start with their defaults, whatever this process blocks or ignores. There is one
    /// exception: if `nohup` started this process to outlive its terminal, its children outlive the
    /// terminal too.
    ///
    /// If a program `leadsGroup`, the processes that it starts end with it: a program that is not
    /// ours may be a script whose own children would live on. A Ctrl-C at a terminal does not reach
    /// such a group, so the process that waits for the group must end it then.
    package init(
        executable: String,
        named name: String? = nil,
        arguments: [String],
        descriptors: [Int32: Int32] = [:],
        leadsGroup: Bool = false
    ) throws(SystemError) {
        let words = [name ?? executable] + arguments
        let identifier = try Self.spawn(executable, words, descriptors, leadsGroup)
        let descriptor = headwise_pidfd_open(identifier)
        guard descriptor >= 0 else {
            let error = SystemError("pidfd_open", errno, "Headwise needs Linux 5.3 or later")
            Self.signal(SIGKILL, identifier, leadsGroup)
            _ = Self.wait(for: identifier, leadsGroup)
            throw error
        }
        processIdentifier = identifier
        exitDescriptor = descriptor
        self.leadsGroup = leadsGroup
    }

    deinit {
        if status == nil {
            Self.signal(SIGKILL, processIdentifier, leadsGroup)
            _ = Self.wait(for: processIdentifier, leadsGroup)
        }
        close(exitDescriptor)
    }

    /// Whether the process has ended, or ends within a time limit.
    package func ends(withinMilliseconds limit: Int32) -> Bool {
        guard status == nil else { return true }
        var item = pollfd(fd: exitDescriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let count = unsafe poll(&item, 1, limit)
            if count >= 0 { return count == 1 }
            guard errno == EINTR else { return false }
        }
    }

    /// How the process ended, if it has; its group lives on until it is reaped.
    package var ending: ExitStatus? {
        if let status { return status }
        var ending = unsafe siginfo_t()
        let options = WEXITED | WNOWAIT | WNOHANG
        guard unsafe waitid(P_PID, id_t(processIdentifier), &ending, options) == 0,
            // Where none has ended, everything is 0.
            unsafe ending.si_signo == SIGCHLD
        else { return nil }
        let value = unsafe ending._sifields._sigchld.si_status
        return unsafe ending.si_code == Int32(CLD_EXITED) ? .exited(code: value) : .signalled(value)
    }

    /// Waits for a process that has ended or is about to end, and returns how it ended.
    @discardableResult
    package mutating func reap() -> ExitStatus {
        if let status { return status }
        let ended = Self.wait(for: processIdentifier, leadsGroup)
        status = ended
        return ended
    }

    /// Ends the process at once, whatever state it is in, and waits until it is gone.
    package mutating func kill() {
        guard status == nil else { return }
        Self.signal(SIGKILL, processIdentifier, leadsGroup)
        reap()
    }

    /// Asks the process to end itself.
    package func terminate() {
        guard status == nil else { return }
        Self.signal(SIGTERM, processIdentifier, leadsGroup)
    }

    private static func signal(_ number: Int32, _ process: Int32, _ leadsGroup: Bool) {
        Glibc.kill(leadsGroup ? -process : process, number)
    }

    private static func wait(for process: Int32, _ leadsGroup: Bool) -> ExitStatus {
        if leadsGroup {
            // End the rest of its group before reaping it: after that, its number may belong to
            // another process.
            var ending = unsafe siginfo_t()
            while unsafe waitid(P_PID, id_t(process), &ending, WEXITED | WNOWAIT) < 0 {
                guard errno == EINTR else { break }
            }
            signal(SIGKILL, process, leadsGroup)
        }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return .unknown }
        }
        let signal = status & 0x7f
        return signal == 0 ? .exited(code: (status >> 8) & 0xff) : .signalled(signal)
    }

    private static func spawn(
        _ executable: String,
        _ words: [String],
        _ descriptors: [Int32: Int32],
        _ leadsGroup: Bool
    ) throws(SystemError) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if descriptors[0] == nil {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        if descriptors[1] == nil {
            unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        // Pass the descriptors on in ascending order. If one of ours has a number that another
        // needs, move it away first, so that none is overwritten before it is passed on.
        var moved: [Int32] = []
        defer { for descriptor in moved { close(descriptor) } }
        let beyond = (descriptors.keys.max() ?? 0) + 1
        for (number, descriptor) in descriptors.sorted(by: { $0.key < $1.key }) {
            var source = descriptor
            if descriptor != number, descriptors[descriptor] != nil {
                source = fcntl(descriptor, F_DUPFD_CLOEXEC, beyond)
                guard source >= 0 else { throw SystemError("fcntl", errno) }
                moved.append(source)
            }
            unsafe posix_spawn_file_actions_adddup2(&actions, source, number)
        }

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var defaults = sigset_t()
        unsafe sigfillset(&defaults)
        if headwise_is_ignored(SIGHUP) { unsafe sigdelset(&defaults, SIGHUP) }
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        if leadsGroup {
            unsafe posix_spawnattr_setpgroup(&attributes, 0)
            flags |= POSIX_SPAWN_SETPGROUP
        }
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var words = unsafe words.map { unsafe strdup($0) }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let code = unsafe posix_spawn(
            &child,
            executable,
            &actions,
            &attributes,
            words,
            headwise_environment()
        )
        guard code == 0 else { throw SystemError("starting \(executable)", code) }
        return child
    }
}
