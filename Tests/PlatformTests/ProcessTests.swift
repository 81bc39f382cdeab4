import Glibc
import TestSupport
// Testing has one, too.
import enum Platform.ExitStatus
import Testing

@testable import Platform

/// Everything that starts processes, one test after the other: they share few processors, and
/// their limits are short.
@Suite(.serialized) struct ProcessTests {
    private static let token = "00112233445566778899aabbccddeeff"

    /// A shell that runs `script`; the words after it are its arguments.
    private func shell(_ script: String, _ words: String...) throws -> ChildProcess {
        try ChildProcess(
            executable: "/bin/sh",
            arguments: ["-c", script, "sh"] + words,
            token: Self.token
        )
    }

    /// How the process ended, once its exit descriptor says that it has.
    private func ending(_ process: ChildProcess) throws -> ExitStatus {
        try #require(waitUntilReadable(process.exitDescriptor), "it did not end")
        return process.reap()
    }

    /// Whether a process of ours, running or not yet reaped, has this number.
    private func exists(_ process: Int32) -> Bool {
        var status: Int32 = 0
        return waitpid(process, &status, WNOHANG) >= 0
    }

    @Test func `a process says how it ended, and only once`() throws {
        let process = try shell("exit 7")
        #expect(try ending(process) == .exited(code: 7))
        #expect(process.reap() == .exited(code: 7))
        #expect(!exists(process.processIdentifier))
    }

    @Test func `a process that was killed says by which signal`() throws {
        let process = try shell("kill -TERM $$")
        #expect(try ending(process) == .signalled(SIGTERM))
    }

    @Test func `only a process that has ended has an exit status`() throws {
        let ending = try shell("exit 7")
        try #require(waitUntilReadable(ending.exitDescriptor))
        #expect(ending.endingIfAny() == .exited(code: 7))
        #expect(ending.endingIfAny() == .exited(code: 7))
        let living = try shell("cat <&3")
        #expect(living.endingIfAny() == nil)
    }

    @Test func `a child reads the token on descriptor 3`() throws {
        let process = try shell("[ \"$(head -c 32 <&3)\" = \"$1\" ] && exit 7", Self.token)
        #expect(try ending(process) == .exited(code: 7))
    }

    @Test func `a child gets no descriptor of another process`() throws {
        // The parent of the tests may have left pipes open; they do not count.
        let count =
            "n=0; for f in /proc/$$/fd/*; do case $f in */[0-3]) ;; "
            + "*) [ -p $f ] && n=$((n+1)) ;; esac; done; exit $n"
        let alone = try ending(try shell(count))
        let others = try (0..<3).map { _ in try shell("cat <&3") }
        #expect(try ending(try shell(count)) == alone)
        for other in others { other.kill() }
    }

    @Test func `a child has no signals blocked or ignored`() throws {
        var blocked = sigset_t()
        var before = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGUSR1)
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let process = try shell("kill -USR1 $$; exit 7")
        #expect(try ending(process) == .signalled(SIGUSR1))
    }

    @Test(arguments: [false, true])
    func `a released process is killed and reaped`(isStopped: Bool) throws {
        var process: ChildProcess? = try shell("trap '' TERM INT; cat <&3")
        let identifier = try #require(process?.processIdentifier)
        if isStopped { kill(identifier, SIGSTOP) }
        #expect(exists(identifier))
        process = nil
        #expect(!exists(identifier))
    }

    @Test func `a missing program is refused by its path`() throws {
        let error = #expect(throws: RunError.self) {
            _ = try ChildProcess(executable: "/no/such/program", arguments: [], token: Self.token)
        }
        #expect(error?.kind == .environment)
        #expect(error?.description.contains("/no/such/program") == true)
    }

    @Test func `a socket folder admits its owner alone and is removed with its socket`() throws {
        var path = ""
        do {
            let folder = try SocketFolder()
            path = folder.socketPath
            let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
            var status = stat()
            try #require(stat(parent, &status) == 0)
            #expect(status.st_mode & 0o7777 == 0o700)
            #expect(status.st_uid == getuid())
            #expect(path.utf8.count <= 107)
            close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
            #expect(access(path, F_OK) == 0)
            path = parent
        }
        #expect(access(path, F_OK) != 0)
    }

    /// A folder as a run leaves it, with a socket that nobody listens at, or with none.
    private func leaveFolder(_ name: String, hasSocket: Bool) throws {
        try #require(mkdir(name, 0o700) == 0)
        guard hasSocket else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) {
            $0.copyBytes(from: Array("\(name)/coordinator".utf8))
        }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(code == 0)
    }

    @Test func `folders whose owner is dead are removed, and no others`() throws {
        let folder = try TemporaryFolder()
        for (name, hasSocket) in [("headwise-aaaaaa", true), ("headwise-bbbbbb", false)] {
            try leaveFolder(folder.file(name), hasSocket: hasSocket)
        }
        // Held by a living process; with something in it; of another name; open to others.
        for name in ["headwise-cccccc", "headwise-dddddd", "headwise-eeeeeee", "headwise-ffffff"] {
            try leaveFolder(folder.file(name), hasSocket: false)
        }
        let held = try #require(SocketFolder.lock(folder.file("headwise-cccccc")))
        try folder.write("headwise-dddddd/theirs", "")
        try #require(chmod(folder.file("headwise-ffffff"), 0o755) == 0)
        let kept = ["headwise-cccccc", "headwise-dddddd", "headwise-eeeeeee", "headwise-ffffff"]
        SocketFolder.sweep(folder.path)
        #expect(try folder.names == kept)
        close(held)
        // A process that another test starts holds it, too, until it runs its own program.
        let limit = ContinuousClock.now + patience
        repeat {
            SocketFolder.sweep(folder.path)
        } while try folder.names.count == kept.count && ContinuousClock.now < limit
        #expect(try folder.names == Array(kept.dropFirst()))
        SocketFolder.sweep(folder.file("no-such-folder"))
    }

    @Test func `the folder of a living process stays`() throws {
        let folder = try SocketFolder()
        let path = folder.socketPath.dropLast("/coordinator".count)
        let parent = String(path.prefix(through: try #require(path.lastIndex(of: "/"))).dropLast())
        SocketFolder.sweep(parent)
        #expect(access(String(path), F_OK) == 0)
        folder.remove()
    }

    @Test func `two socket folders differ`() throws {
        let first = try SocketFolder()
        let second = try SocketFolder()
        #expect(first.socketPath != second.socketPath)
    }

    @Test func `a pinned thread runs nowhere else`() throws {
        let before = Affinity.allowedProcessors
        let last = try #require(before.last)
        let thread = try PlainThread {
            Affinity.pin(to: [])
            #expect(Affinity.allowedProcessors == before)
            Affinity.pin(to: [last])
            #expect(Affinity.allowedProcessors == [last])
        }
        thread.join()
        #expect(Affinity.allowedProcessors == before)
    }
}
