import Glibc
import Platform
import TestSupport
import Testing

/// Programs of somebody else that this process starts and listens to.
struct HeardProcessTests {
    private static func start(_ script: String) throws -> HeardProcess {
        try HeardProcess(["sh", "-c", script], remedy: "install it")
    }

    @Test func `what a program says on either stream is kept, and how it ended`() throws {
        let process = try Self.start("echo one; echo two >&2; exit 7")
        try #require(waitUntilReadable(process.exitDescriptor))
        process.hear()
        #expect(process.lines == ["one", "two"])
        #expect(process.ending == .exited(code: 7))
        #expect(!process.hear() && process.stream == nil)
    }

    @Test func `of much that it says, the end is kept`() throws {
        let process = try Self.start("yes 0123456789 | head -n 20000; echo last")
        while let stream = process.stream, waitUntilReadable(stream), process.hear() {}
        try #require(waitUntilReadable(process.exitDescriptor))
        process.hear()
        #expect(process.lines.last == "last")
        #expect(process.lines.count < 500)
    }

    @Test func `a program that does not end is ended with all that it started`() throws {
        // A child that ignores what its parent heeds.
        let process = try Self.start("trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000")
        try #require(waitUntilReadable(try #require(process.stream)))
        process.hear()
        let child = try #require(process.lines.first.flatMap { Int32($0) })
        HeardProcess.end([process], withinMilliseconds: 20, thenMilliseconds: 20)
        #expect(process.ending == .signalled(SIGKILL))
        // It is gone, or waits to be reaped by whoever has it now; the signal may take a moment to reach it.
        func isGone() -> Bool {
            let state = SystemFiles.live.contents("/proc/\(child)/stat")?.split(separator: ")").last
            return state == nil || trimmed(state ?? "").first == "Z" || kill(child, 0) != 0
        }
        let limit = ContinuousClock.now + patience
        while !isGone(), ContinuousClock.now < limit { sched_yield() }
        #expect(isGone())
    }

    @Test func `a program that ends by itself is not ended`() throws {
        let process = try Self.start("exit 3")
        HeardProcess.end([process], withinMilliseconds: 20_000, thenMilliseconds: 20)
        #expect(process.ending == .exited(code: 3))
    }

    @Test(arguments: ["no-such-program-here", "./no-such-file"])
    func `a program that is not there is named`(name: String) {
        let error = #expect(throws: RunError.self) {
            try HeardProcess([name], remedy: "install it")
        }
        #expect(error?.kind == .environment)
        #expect(error?.description.contains(name) == true)
        #expect(error?.description.contains("install it") == true)
    }
}
