import CSystem
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A program that a test has started, and its child processes: its family.
///
/// It leads its own process group and reads /dev/null. Every process of the family inherits a mark
/// in its environment: as long as a process has it, one is left, even if it has another parent by
/// then. The output is collected while the test waits.
///
/// A class, because its end must kill and reap exactly once.
final class RunningProgram {
    let processIdentifier: Int32
    private var output: Stream
    private var errors: Stream
    private let mark = "HEADWISE_FAMILY=\(UInt64.random(in: 0...(.max)))"
    private var status: Int32?
    private var isFinished = false

    private struct Stream {
        let descriptor: Int32
        var bytes: [UInt8] = []
        var isOpen = true
    }

    init(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String],
        folder: String,
        inherited: Int32? = nil
    ) throws {
        let output = try Pipe()
        let errors = try Pipe()
        processIdentifier = try spawn(
            executable,
            arguments,
            settings: environment.map { "\($0)=\($1)" } + [mark],
            folder: folder,
            descriptors: [(output.writeEnd, 1), (errors.writeEnd, 2), (inherited ?? -1, 3)]
        )
        for pipe in [output, errors] { close(pipe.writeEnd) }
        self.output = Stream(descriptor: output.readEnd)
        self.errors = Stream(descriptor: errors.readEnd)
    }

    deinit {
        if !isFinished { send(SIGKILL, toFamily: true) }
        reap()
        for stream in [output, errors] { close(stream.descriptor) }
    }

    /// Sends a signal to the program, or to all of its process group, as a terminal does.
    func send(_ signal: Int32, toFamily: Bool = false) {
        // A reaped process number may belong to another process; the group exists while children do.
        guard toFamily || status == nil else { return }
        kill(toFamily ? -processIdentifier : processIdentifier, signal)
    }

    /// The processes it has started and not yet reaped.
    var children: [Int32] { Self.children(of: processIdentifier) }

    private static func children(of process: Int32) -> [Int32] {
        guard let text = contents(of: "/proc/\(process)/task/\(process)/children") else {
            return []
        }
        return text.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
    }

    /// The port to which a worker with this word among its arguments connects; the worker may be of
    /// a program that this one started.
    func port(ofWorkerWith word: String = "worker") -> UInt16? {
        var family = children
        family += family.flatMap { Self.children(of: $0) }
        for process in family {
            let words = (contents(of: "/proc/\(process)/cmdline") ?? "").split(separator: "\0")
            guard words.contains(Substring(word)) else { continue }
            let endpoint = words.first { $0.hasPrefix("tcp://127.0.0.1:") }
            if let port = endpoint?.split(separator: ":").last { return UInt16(port) }
        }
        return nil
    }

    /// The children that are workers, in the order of their start.
    var workers: [Int32] { children(of: "worker") }

    /// Those that compute base cases.
    var baseCases: [Int32] { children(of: "base") }

    /// Those of the bare loops that `wire` compares with, running.
    var peers: [Int32] { children(of: "peer") }

    private func children(of command: String) -> [Int32] {
        children.filter { child in
            let words = (contents(of: "/proc/\(child)/cmdline") ?? "").split(separator: "\0")
            return words.count > 1 && words[1] == command
        }
    }

    /// Whether it takes SIGINT when it has the time, instead of being ended by it.
    var awaitsSignals: Bool {
        let lines = (contents(of: "/proc/\(processIdentifier)/status") ?? "").split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("SigBlk:") }),
            let blocked = UInt64(line.dropFirst(7).drop(while: \.isWhitespace), radix: 16)
        else { return false }
        return blocked >> UInt64(SIGINT - 1) & 1 == 1
    }

    /// Waits until `condition` holds; false when the program ended or time ran out before.
    func wait(atMost limit: Duration, until condition: () -> Bool) -> Bool {
        let deadline = ContinuousClock.now + limit * slowness
        while !condition() {
            guard output.isOpen, ContinuousClock.now < deadline else { return condition() }
            collect(atMost: .milliseconds(2))
        }
        return true
    }

    /// Lets it run for a while; false when it has ended before.
    func run(for duration: Duration) -> Bool {
        let deadline = ContinuousClock.now + duration
        while output.isOpen, ContinuousClock.now < deadline {
            collect(atMost: deadline - ContinuousClock.now)
        }
        return output.isOpen
    }

    /// Waits for the end of the program and its family; kills what is left.
    ///
    /// Only the program holds its standard output, so the end of that is its own end.
    func finish(within limit: Duration = .seconds(60), familyWithin: Duration = .seconds(3))
        -> Ending
    {
        let deadline = ContinuousClock.now + limit * slowness
        while output.isOpen, ContinuousClock.now < deadline {
            collect(atMost: deadline - ContinuousClock.now)
        }
        let hasHung = output.isOpen
        if hasHung { send(SIGKILL, toFamily: true) }
        reap()
        let familyDeadline = ContinuousClock.now + familyWithin * slowness
        while isFamilyLeft, ContinuousClock.now < familyDeadline {
            collect(atMost: .milliseconds(5))
        }
        while errors.isOpen, ContinuousClock.now < familyDeadline {
            collect(atMost: familyDeadline - ContinuousClock.now)
        }
        let leftProcesses = isFamilyLeft || errors.isOpen
        send(SIGKILL, toFamily: true)
        isFinished = true
        return Ending(
            kind: hasHung ? .hung : kind,
            outputBytes: output.bytes,
            errorBytes: errors.bytes,
            leftProcesses: leftProcesses
        )
    }

    /// Whether any process of the family runs.
    private var isFamilyLeft: Bool {
        guard let folder = opendir("/proc") else { return false }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard Int32(name) != nil, let settings = contents(of: "/proc/\(name)/environ") else {
                continue
            }
            if settings.split(separator: "\0").contains(where: { $0 == mark }) { return true }
        }
        return false
    }

    /// Kills what `victims` finds, again and again, until the program has ended.
    func finish(killing victims: (RunningProgram) -> [Int32]) -> Ending {
        _ = wait(atMost: .seconds(60)) {
            for victim in victims(self) { kill(victim, SIGKILL) }
            return false
        }
        return finish(within: .seconds(60))
    }

    /// What it has printed and `wait` has collected.
    var outputSoFar: String { String(decoding: output.bytes, as: UTF8.self) }
    var errorsSoFar: String { String(decoding: errors.bytes, as: UTF8.self) }

    private var kind: Ending.Kind {
        let status = status ?? 0
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal)
    }

    private func reap() {
        guard status == nil else { return }
        var ended: Int32 = 0
        while waitpid(processIdentifier, &ended, 0) < 0 {
            guard errno == EINTR else { break }
        }
        status = ended
    }

    /// Takes what the streams hold, after waiting for it.
    private func collect(atMost limit: Duration) {
        // A closed stream is passed over by its negative descriptor.
        var items = [output, errors].map {
            pollfd(fd: $0.isOpen ? $0.descriptor : -1, events: Int16(POLLIN), revents: 0)
        }
        let milliseconds =
            limit.components.seconds * 1000
            + limit.components.attoseconds / 1_000_000_000_000_000
        guard poll(&items, 2, Int32(clamping: max(1, milliseconds))) > 0 else { return }
        if items[0].revents != 0 { read(&output) }
        if items[1].revents != 0 { read(&errors) }
    }

    private func read(_ stream: inout Stream) {
        var part = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(stream.descriptor, &part, part.count)
        if count < 0, errno == EINTR { return }
        // A terminal ends with an error instead of an end.
        guard count > 0 else { return stream.isOpen = false }
        stream.bytes += part[..<count]
    }
}

/// A pipe that other started programs do not inherit.
struct Pipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe2(&ends, O_CLOEXEC) == 0)
        readEnd = ends[0]
        writeEnd = ends[1]
    }
}

/// A small file as text; nil when it cannot be read.
func contents(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &part, part.count)
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes += part[..<count]
    }
}

/// Starts a program as the first of a new process group, with the given descriptors under the given
/// numbers and default signals.
private func spawn(
    _ executable: String,
    _ arguments: [String],
    settings: [String],
    folder: String,
    descriptors: [(Int32, Int32)]
) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (descriptor, number) in descriptors where descriptor >= 0 {
        posix_spawn_file_actions_adddup2(&actions, descriptor, number)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))

    // `env` changes the folder and becomes the program.
    var words = (["env", "-C", folder, executable] + arguments).map { strdup($0) }
    words.append(nil)
    var environment = settings.map { strdup($0) }
    environment.append(nil)
    defer { for text in words + environment { free(text) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, "env", &actions, &attributes, words, environment)
    try #require(code == 0, "\(executable) could not be started: error \(code)")
    return child
}
