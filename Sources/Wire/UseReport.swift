/// Coordinator to worker, between trials: to be answered with what its process has used so far.
///
/// Only to workers that the coordinator cannot look at, as those of another machine.
package struct UseRequest: HotMessage {
    package static let kind = MessageKind.useRequest

    /// Tells the requests to one worker apart.
    package var number: Int

    package init(number: Int) { self.number = number }

    package init(header: Header) throws(WireError) {
        try header.checkNoPayload()
        try header.checkEmpty("trial", header.trial)
        try header.checkEmpty("shard", header.shard)
        try header.checkEmpty("attempt", header.attempt)
        number = try header.number("number", header.a)
        try header.checkEmpty("b", header.b)
        try header.checkEmpty("c", header.c)
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run)
        header.a = UInt64(number)
        return header
    }
}

/// Worker to coordinator: the answer to a USE REQUEST.
///
/// What the worker cannot tell is left out.
package struct UseReport: SetupMessage, Equatable {
    package static let kind = MessageKind.use

    /// That of the request.
    package var number: Int
    /// CPU time of all threads.
    package var cpuNanoseconds: UInt64?
    /// CPU time of those that compute.
    package var computeNanoseconds: UInt64?
    /// How often a thread gave its processor up to wait for something.
    package var voluntarySwitches: UInt64?
    /// How often another thread took the processor of one that was not done.
    package var involuntarySwitches: UInt64?
    /// Memory of the process, shared pages too.
    package var residentBytes: UInt64?

    package init(
        number: Int,
        cpuNanoseconds: UInt64? = nil,
        computeNanoseconds: UInt64? = nil,
        voluntarySwitches: UInt64? = nil,
        involuntarySwitches: UInt64? = nil,
        residentBytes: UInt64? = nil
    ) {
        self.number = number
        self.cpuNanoseconds = cpuNanoseconds
        self.computeNanoseconds = computeNanoseconds
        self.voluntarySwitches = voluntarySwitches
        self.involuntarySwitches = involuntarySwitches
        self.residentBytes = residentBytes
    }

    /// Above it, sums of them could exceed every integer; a process uses 2⁵³ ns in a hundred days.
    private static let most: UInt64 = 1 << 53

    package func check() throws(WireError) {
        for (name, value) in [
            ("cpuNanoseconds", cpuNanoseconds), ("computeNanoseconds", computeNanoseconds),
            ("voluntarySwitches", voluntarySwitches),
            ("involuntarySwitches", involuntarySwitches), ("residentBytes", residentBytes),
        ] {
            if let value, value > Self.most { throw field(name, value) }
        }
    }
}
