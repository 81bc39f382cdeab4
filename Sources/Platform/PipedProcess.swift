import CSystem
import Glibc

/// Runs a program with a text as its input and returns what the program prints, within a bounded
/// time.
///
/// Standard input is one end of a socket pair, not a pipe: writing to a pipe whose reader has died
/// raises a signal.
package enum PipedProcess {
    /// The result of a program's run.
    package struct Outcome {
        package var output: [UInt8]
        /// The beginning of what it wrote to standard error.
        package var errors: [UInt8]
        package var ending: Ending
    }

    package enum Ending: Equatable, Sendable {
        case ended(ExitStatus)
        /// It was killed, since it ran past the time limit.
        case overran
        /// It was killed, since it printed more than `largestOutputBytes`.
        case printedTooMuch
        /// It was killed, since its caller no longer waits for it.
        case interrupted
    }

    /// Far more than any program prints that is run here.
    package static let largestOutputBytes = 32 << 20

    /// The first executable of that name on the path; nil when there is none.
    package static func find(_ name: String, path: String?) -> String? {
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

    /// The folders in which programs are looked for.
    package static var environmentPath: String? {
        guard let path = unsafe getenv("PATH") else { return nil }
        return unsafe String(cString: path)
    }

    /// Runs a program to its end, or until the descriptor `interruption` becomes readable.
    ///
    /// Processes that the program has started and that still run end with it.
    package static func run(
        _ executable: String,
        _ arguments: [String],
        input: [UInt8],
        milliseconds: Int,
        interruption: Int32? = nil
    ) throws(SystemError) -> Outcome {
        var inputs: [Int32] = [-1, -1]
        var outputs: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        let socketType = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, socketType, 0, &inputs) == 0 else {
            throw SystemError("socketpair", errno)
        }
        defer { inputs.forEach { if $0 >= 0 { close($0) } } }
        guard unsafe pipe2(&outputs, O_CLOEXEC) == 0 else { throw SystemError("pipe2", errno) }
        defer { outputs.forEach { if $0 >= 0 { close($0) } } }
        guard unsafe pipe2(&errors, O_CLOEXEC) == 0 else { throw SystemError("pipe2", errno) }
        defer { errors.forEach { if $0 >= 0 { close($0) } } }

        var child = try SpawnedProcess(
            executable: executable,
            arguments: arguments,
            descriptors: [0: inputs[1], 1: outputs[1], 2: errors[1]],
            leadsGroup: true
        )
        // Only the child may hold its ends; otherwise the streams would never end.
        for ends in [inputs[1], outputs[1], errors[1]] { close(ends) }
        (inputs[1], outputs[1], errors[1]) = (-1, -1, -1)

        var transfer = Transfer(
            input: inputs[0],
            output: outputs[0],
            errors: errors[0],
            exit: child.exitDescriptor,
            interruption: interruption ?? -1,
            rest: input[...]
        )
        let obstacle = transfer.run(until: now() + milliseconds)
        inputs[0] = transfer.input
        if obstacle != nil { child.kill() }
        let status = child.reap()
        return Outcome(
            output: transfer.outputBytes,
            errors: transfer.errorBytes,
            ending: obstacle ?? .ended(status)
        )
    }

    /// Milliseconds of a monotonic clock.
    fileprivate static func now() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}

/// The three streams of a running child and its end.
///
/// They are served together, since a full stream would block the others.
private struct Transfer {
    var input: Int32
    let output: Int32
    let errors: Int32
    /// Readable when the child has ended.
    let exit: Int32
    /// Readable when all waiting is to end; negative for never.
    let interruption: Int32
    var rest: ArraySlice<UInt8>
    package var outputBytes: [UInt8] = []
    var errorBytes: [UInt8] = []

    private static let largestErrorBytes = 4096

    /// Serves the streams until the child and both of its outputs have ended.
    ///
    /// Returns early with the reason if something else ends the run first.
    mutating func run(until deadline: Int) -> PipedProcess.Ending? {
        var isOutputOpen = true
        var areErrorsOpen = true
        var isRunning = true
        if rest.isEmpty { closeInput() }
        // A program may close its outputs and keep running.
        while isOutputOpen || areErrorsOpen || isRunning {
            let left = deadline - PipedProcess.now()
            guard left > 0 else { return .overran }
            guard outputBytes.count <= PipedProcess.largestOutputBytes else {
                return .printedTooMuch
            }
            // `poll` ignores a negative descriptor.
            var items = [
                pollfd(fd: input, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: isOutputOpen ? output : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: areErrorsOpen ? errors : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isRunning ? exit : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: interruption, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&items, nfds_t(items.count), Int32(clamping: left)) >= 0 else {
                if errno == EINTR { continue }
                return .overran
            }
            if items[4].revents != 0 { return .interrupted }
            if items[0].revents != 0 { feed() }
            if items[1].revents != 0 {
                isOutputOpen = take(output, into: &outputBytes, limit: .max)
            }
            if items[2].revents != 0 {
                areErrorsOpen = take(errors, into: &errorBytes, limit: Self.largestErrorBytes)
            }
            if items[3].revents != 0 { isRunning = false }
        }
        closeInput()
        return nil
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
