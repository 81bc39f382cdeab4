import CSystem

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs a program on a text and takes what it prints, within a bounded time.
///
/// The one place of this module that calls the operating system. Standard input is one end of a
/// socket pair and no pipe, because writing to a pipe whose reader has died raises a signal.
package enum PipedProcess {
    /// What a program left.
    struct Outcome {
        var output: [UInt8]
        /// The beginning of what it complained about.
        var errors: [UInt8]
        var ending: Ending
    }

    enum Ending: Equatable {
        case exited(Int32)
        case killed(signal: Int32)
        /// It was killed, since it was not done in time or printed without end.
        case overran
    }

    /// Nothing that is drawn here comes near it.
    static let largestOutputBytes = 32 << 20

    /// The first executable of that name on the path; nil when there is none.
    static func find(_ name: String, path: String?) -> String? {
        for folder in (path ?? "").split(separator: ":") {
            let candidate = "\(folder)/\(name)"
            var status = stat()
            guard unsafe stat(candidate, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                unsafe access(candidate, X_OK) == 0
            else { continue }
            return candidate
        }
        return nil
    }

    /// What the system says of a program that could not be started.
    struct StartFailure: Error {
        var reason: String

        /// Of the call before, whose number still stands.
        init() {
            reason = unsafe String(cString: strerror(errno))
        }
    }

    /// The folders in which programs are looked for.
    package static var environmentPath: String? {
        guard let path = unsafe getenv("PATH") else { return nil }
        return unsafe String(cString: path)
    }

    static func run(
        _ executable: String,
        _ arguments: [String],
        input: [UInt8],
        milliseconds: Int
    ) -> Result<Outcome, StartFailure> {
        var inputs: [Int32] = [-1, -1]
        var outputs: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        let socketType = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, socketType, 0, &inputs) == 0 else {
            return .failure(StartFailure())
        }
        defer { inputs.forEach { if $0 >= 0 { close($0) } } }
        guard unsafe pipe2(&outputs, O_CLOEXEC) == 0 else { return .failure(StartFailure()) }
        defer { outputs.forEach { if $0 >= 0 { close($0) } } }
        guard unsafe pipe2(&errors, O_CLOEXEC) == 0 else { return .failure(StartFailure()) }
        defer { errors.forEach { if $0 >= 0 { close($0) } } }

        guard
            let child = spawn(
                executable,
                arguments,
                standard: [inputs[1], outputs[1], errors[1]]
            )
        else { return .failure(StartFailure()) }
        // Only the child may hold its ends, or the streams would never end.
        for ends in [inputs[1], outputs[1], errors[1]] { close(ends) }
        (inputs[1], outputs[1], errors[1]) = (-1, -1, -1)

        var transfer = Transfer(
            input: inputs[0],
            output: outputs[0],
            errors: errors[0],
            rest: input[...]
        )
        let deadline = now() + milliseconds
        // A program may close its outputs and go on.
        let isComplete = transfer.run(until: deadline) && hasEnded(child, until: deadline)
        inputs[0] = transfer.input
        if !isComplete { kill(child, SIGKILL) }
        let ending = reap(child)
        return .success(
            Outcome(
                output: transfer.outputBytes,
                errors: transfer.errorBytes,
                ending: isComplete ? ending : .overran
            )
        )
    }

    private static func spawn(
        _ executable: String,
        _ arguments: [String],
        standard: [Int32]
    ) -> pid_t? {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (place, descriptor) in standard.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(place))
        }
        // A program that we ignore signals for must not ignore them itself.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )
        var words = unsafe ([executable] + arguments).map { unsafe strdup($0) }
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
        guard code == 0 else {
            errno = code
            return nil
        }
        return child
    }

    private static func hasEnded(_ child: pid_t, until deadline: Int) -> Bool {
        let descriptor = headwise_pidfd_open(child)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let count = unsafe poll(&item, 1, Int32(clamping: max(deadline - now(), 0)))
            if count >= 0 { return count == 1 }
            guard errno == EINTR else { return false }
        }
    }

    private static func reap(_ child: pid_t) -> Ending {
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return .exited(-1) }
        }
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal)
    }

    /// Milliseconds of a clock that nobody sets.
    fileprivate static func now() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}

/// The three streams of a running child; they are served together, since one that is full would
/// stop the others.
private struct Transfer {
    var input: Int32
    let output: Int32
    let errors: Int32
    var rest: ArraySlice<UInt8>
    var outputBytes: [UInt8] = []
    var errorBytes: [UInt8] = []

    private static let largestErrorBytes = 4096

    /// Whether both outputs ended before the deadline.
    mutating func run(until deadline: Int) -> Bool {
        var isOutputOpen = true
        var areErrorsOpen = true
        if rest.isEmpty { closeInput() }
        while isOutputOpen || areErrorsOpen {
            let left = deadline - PipedProcess.now()
            guard left > 0, outputBytes.count <= PipedProcess.largestOutputBytes else {
                return false
            }
            // A negative descriptor is not looked at.
            var items = [
                pollfd(fd: input, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: isOutputOpen ? output : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: areErrorsOpen ? errors : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&items, nfds_t(items.count), Int32(clamping: left)) >= 0 else {
                if errno == EINTR { continue }
                return false
            }
            if items[0].revents != 0 { feed() }
            if items[1].revents != 0 {
                isOutputOpen = take(output, into: &outputBytes, limit: .max)
            }
            if items[2].revents != 0 {
                areErrorsOpen = take(errors, into: &errorBytes, limit: Self.largestErrorBytes)
            }
        }
        closeInput()
        return true
    }

    private mutating func feed() {
        let count = unsafe rest.withUnsafeBytes { bytes in
            unsafe send(
                input,
                bytes.baseAddress,
                bytes.count,
                Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            )
        }
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        rest = count > 0 ? rest.dropFirst(count) : []
        if rest.isEmpty { closeInput() }
    }

    private mutating func closeInput() {
        guard input >= 0 else { return }
        close(input)
        input = -1
    }

    private func take(_ descriptor: Int32, into bytes: inout [UInt8], limit: Int) -> Bool {
        var part = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe read(descriptor, &part, part.count)
        if count < 0, errno == EINTR { return true }
        guard count > 0 else { return false }
        bytes += part[..<min(count, max(limit - bytes.count, 0))]
        return true
    }
}
