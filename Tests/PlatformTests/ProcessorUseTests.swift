import Testing

@testable import Platform

@Suite struct ProcessorUseTests {
    private static func status(_ name: String, _ voluntary: String, _ involuntary: String) -> String
    {
        """
        Name:\t\(name)
        Umask:\t0022
        voluntary_ctxt_switches:\t\(voluntary)
        nonvoluntary_ctxt_switches:\t\(involuntary)
        """
    }

    @Test func `threads are added up, and those that compute are known by their name`() {
        let files = [
            "/t/1/status": Self.status("headwise", "10", "1"), "/t/1/schedstat": "500 7 8\n",
            "/t/2/status": Self.status("compute", "20", "2"), "/t/2/schedstat": "3000 9 9\n",
            "/t/3/status": Self.status("compute", "40", "4"), "/t/3/schedstat": "70000 9 9\n",
            // It ended between two readings.
            "/t/5/schedstat": "1 1 1\n",
        ]
        let use = ProcessorUse(
            threads: (1...5).map { "/t/\($0)" },
            files: SystemFiles { files[$0] }
        )
        #expect(
            use
                == ProcessorUse(
                    computeNanoseconds: 73_000,
                    voluntarySwitches: 70,
                    involuntarySwitches: 7
                )
        )
    }

    @Test func `what the kernel does not tell is absent, not zero`() {
        let status = "Name:\tcompute\nvoluntary_ctxt_switches:\tmany\n"
        let use = ProcessorUse(
            threads: ["/t/1"],
            files: SystemFiles { $0.hasSuffix("status") ? status : nil }
        )
        #expect(use == ProcessorUse())
    }

    @Test func `a number that either reading lacks, or that shrinks, is left out`() {
        let before = ProcessorUse(
            cpuNanoseconds: 5,
            computeNanoseconds: nil,
            voluntarySwitches: 7,
            involuntarySwitches: 3
        )
        let after = ProcessorUse(
            cpuNanoseconds: 9,
            computeNanoseconds: 2,
            voluntarySwitches: nil,
            involuntarySwitches: 2
        )
        #expect(after.since(before) == ProcessorUse(cpuNanoseconds: 4))
        #expect(ProcessorUse().since(ProcessorUse()) == ProcessorUse())
    }

    @Test func `the shares of workers in one process add up to its use, and grow with it`() {
        for count in 1...7 {
            var before = [UInt64](repeating: 0, count: count)
            for number in UInt64(0)...30 {
                let use = ProcessorUse(cpuNanoseconds: number, voluntarySwitches: 2 * number)
                let shares = (0..<count).map { use.share($0, of: count) }
                let times = shares.compactMap(\.cpuNanoseconds)
                #expect(times.count == count && times.reduce(0, +) == number)
                #expect(shares.compactMap(\.voluntarySwitches).reduce(0, +) == 2 * number)
                #expect(shares.allSatisfy { $0.computeNanoseconds == nil })
                #expect(zip(before, times).allSatisfy { $0 <= $1 })
                before = times
            }
        }
    }

    @Test func `the kernel counts waits, and sees a thread's name from outside`() throws {
        let (never, asked, told) = (
            try System.eventDescriptor(), try System.eventDescriptor(), try System.eventDescriptor()
        )
        defer { for descriptor in [never, asked, told] { System.close(descriptor) } }
        let thread = try PlainThread {
            System.nameThread(ProcessorUse.computeThreadName)
            System.signal(eventDescriptor: told)
            System.wait(eventDescriptor: asked)
        }
        System.wait(eventDescriptor: told)
        let (before, own) = (
            ProcessorUse.ofThisProcess, ProcessorUse(ofProcess: System.processIdentifier)
        )
        #expect(own.computeNanoseconds ?? 0 > 0)
        // Nothing comes, so each of these is a wait.
        for _ in 0..<5 { #expect(!System.isReadable(never, withinMilliseconds: 1)) }
        #expect(ProcessorUse.ofThisProcess.since(before).voluntarySwitches ?? 0 >= 5)
        System.signal(eventDescriptor: asked)
        thread.join()
        // No process has this number: it is the system's limit.
        #expect(ProcessorUse(ofProcess: 1 << 22) == ProcessorUse())
    }
}
