import CSystem
import Glibc
import Platform
import Testing

/// Programs that get an input and a time limit.
struct PipedProcessTests {
    private func run(
        _ script: String,
        input: [UInt8] = [],
        milliseconds: Int = 60_000
    ) throws -> PipedProcess.Outcome {
        try PipedProcess.run(
            "/bin/bash",
            ["-c", script],
            input: input,
            milliseconds: milliseconds
        )
    }

    @Test func `a program that reads nothing and prints much does not block`() throws {
        let outcome = try run(
            "for i in {1..30000}; do echo 0123456789; done; exec <&-",
            input: [UInt8](repeating: 65, count: 4 << 20)
        )
        #expect(outcome.ending == .ended(.exited(code: 0)))
        #expect(outcome.output.count == 330_000)
    }

    @Test func `a program gets its input whole`() throws {
        let input = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let outcome = try run("exec cat", input: input)
        #expect(outcome.output == input)
        #expect(outcome.ending == .ended(.exited(code: 0)))
    }

    @Test func `the end and the errors of a program are reported`() throws {
        let failed = try run("echo why >&2; exit 7")
        #expect(failed.ending == .ended(.exited(code: 7)))
        #expect(failed.errors == Array("why\n".utf8))
        #expect(try run("kill -TERM $$").ending == .ended(.signalled(SIGTERM)))
    }

    @Test(arguments: ["while :; do :; done", "exec >&- 2>&- <&-; read -t 600 <> <(:)"])
    func `a program that takes too long is ended`(_ script: String) throws {
        #expect(try run(script, milliseconds: 200).ending == .overran)
    }

    @Test func `a program that prints too much is ended, whatever time it has`() throws {
        let most = PipedProcess.largestOutputBytes
        #expect(try run("head -c \(most) /dev/zero").ending == .ended(.exited(code: 0)))
        let endless = try run("while :; do head -c \(most) /dev/zero; done")
        #expect(endless.ending == .printedTooMuch)
    }

    @Test(
        arguments: [
            // Waits for what it has started, and is ended with it.
            ("wait", 500, .overran),
            ("exit 0", 60_000, .ended(.exited(code: 0))),
        ] as [(String, Int, PipedProcess.Ending)]
    )
    func `the children of a program end with it`(
        _ end: String,
        _ milliseconds: Int,
        _ ending: PipedProcess.Ending
    ) throws {
        let child = "while :; do read -t 600 <> <(:); done <&- >&- 2>&- &"
        let outcome = try run("\(child) echo $!; \(end)", milliseconds: milliseconds)
        #expect(outcome.ending == ending)
        let words = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n")
        let identifier = try #require(words.first.flatMap { Int32($0) })
        let handle = headwise_pidfd_open(identifier)
        // There is no handle of a process that was reaped.
        guard handle >= 0 else { return }
        defer { close(handle) }
        var item = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
        let isGone = poll(&item, 1, 5_000) == 1
        #expect(isGone)
        if !isGone { kill(identifier, SIGKILL) }
    }

    @Test func `a program is ended on an interruption`() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe2(&ends, O_CLOEXEC) == 0)
        defer { ends.forEach { close($0) } }
        try #require(write(ends[1], "x", 1) == 1)
        let outcome = try PipedProcess.run(
            "/bin/bash",
            ["-c", "while :; do :; done"],
            input: [],
            milliseconds: 60_000,
            interruption: ends[0]
        )
        #expect(outcome.ending == .interrupted)
    }

    @Test func `a program that cannot be started is refused with the system's reason`() {
        let error = #expect(throws: SystemError.self) {
            try PipedProcess.run("/no/such/program", [], input: [], milliseconds: 1000)
        }
        #expect(error?.description.contains("/no/such/program") == true)
        #expect(error?.reason == "No such file or directory")
    }

    @Test func `programs are found on the path, folders are not`() {
        #expect(PipedProcess.find("sh", path: "/nowhere:/bin") == "/bin/sh")
        #expect(PipedProcess.find("bin", path: "/usr") == nil)
        #expect(PipedProcess.find("sh", path: "") == nil)
        #expect(PipedProcess.find("sh", path: nil) == nil)
    }
}
