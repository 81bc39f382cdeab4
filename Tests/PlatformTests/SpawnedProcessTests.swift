import CSystem
import Glibc
import Platform
import Testing

// Testing has one, too.

/// Programs that are started, waited for and ended.
///
/// They run one after the other: a signal is ignored by a whole process, not by a thread.
@Suite(.serialized) struct SpawnedProcessTests {
    private func shell(_ script: String) throws -> SpawnedProcess {
        try SpawnedProcess(executable: "/bin/sh", arguments: ["-c", script])
    }

    @Test func `the exit status of a process can be read again`() throws {
        var process = try shell("exit 7")
        let hasEnded = process.ends(withinMilliseconds: 60_000)
        #expect(hasEnded)
        let before = process.status
        #expect(before == nil)
        let statuses = [process.reap(), process.reap(), process.status]
        #expect(statuses == [.exited(code: 7), .exited(code: 7), .exited(code: 7)])
    }

    @Test func `a running process is seen as running, and can be ended`() throws {
        var process = try shell("trap '' TERM; while :; do :; done")
        let endsBefore = process.ends(withinMilliseconds: 1)
        #expect(!endsBefore)
        process.kill()
        let status = process.status
        #expect(status == .signalled(SIGKILL))
        let endsAfter = process.ends(withinMilliseconds: 0)
        #expect(endsAfter)
    }

    @Test func `a released process is killed and reaped`() throws {
        let identifier: Int32
        do {
            let process = try shell("while :; do :; done")
            identifier = process.processIdentifier
        }
        var status: Int32 = 0
        #expect(waitpid(identifier, &status, WNOHANG) < 0)
    }

    @Test func `children ignore no signal that this process ignores, except a hang-up`() throws {
        let before = signal(SIGXFSZ, SIG_IGN)
        defer { signal(SIGXFSZ, before) }
        var child = try shell("ulimit -c 0; kill -XFSZ $$; exit 7")
        let status = child.reap()
        #expect(status == .signalled(SIGXFSZ))
    }

    @Test(arguments: [EMFILE, ENFILE, ENOSYS])
    func `a shortage of descriptors and an old system get different advice`(_ code: Int32) {
        let sentence = SystemError("pidfd_open", code, "use a newer one").description
        #expect(sentence.contains("newer") == (code == ENOSYS))
        #expect(sentence.contains("ulimit -n") == (code == EMFILE))
        #expect(sentence.contains("; "))
    }

    /// Each descriptor gets a number that another of ours already has.
    @Test func `a program gets descriptors under the given numbers, in any order`() throws {
        var numbers: [Int32] = []
        for text in ["first", "second", "third"] {
            var ends: [Int32] = [0, 0]
            try #require(pipe2(&ends, O_CLOEXEC) == 0)
            try #require(write(ends[1], text, text.utf8.count) == text.utf8.count)
            close(ends[1])
            numbers.append(ends[0])
        }
        defer { for number in numbers { close(number) } }
        let given = [numbers[0]: numbers[1], numbers[1]: numbers[2], numbers[2]: numbers[0]]
        let wanted = ["second", "third", "first"]
        let checks = zip(numbers, wanted).map { "[ $(cat <&\($0)) = \($1) ]" }
        var child = try SpawnedProcess(
            executable: "/bin/bash",
            arguments: ["-c", checks.joined(separator: " && ")],
            descriptors: given
        )
        let status = child.reap()
        #expect(status == .exited(code: 0))
    }

    @Test func `children ignore a hang-up that this process ignores`() throws {
        let before = signal(SIGHUP, SIG_IGN)
        defer { signal(SIGHUP, before) }
        #expect(headwise_is_ignored(SIGHUP))
        var child = try shell("kill -HUP $$; exit 7")
        let deaf = child.reap()
        #expect(deaf == .exited(code: 7))
        signal(SIGHUP, SIG_DFL)
        #expect(!headwise_is_ignored(SIGHUP))
        child = try shell("kill -HUP $$; exit 7")
        let hearing = child.reap()
        #expect(hearing == .signalled(SIGHUP))
    }
}
