import Attention

/// Worker to coordinator, the first message: who the worker is and what it can do.
package struct Hello: SetupMessage {
    package static let kind = MessageKind.hello

    /// The worker's place among the workers of the run, which it got when it was started; nil if the
    /// coordinator is to give it one.
    package var rank: Int?
    /// How many tasks the worker wants to hold at once: one computing, the rest waiting.
    package var credit: Int
    /// The instruction sets of the worker's processor, including those unknown to this program.
    package var instructionSets: [String]
    /// Whether the worker understands TASKS; absent for no.
    package var takesBatches: Bool?
    /// Whether the worker answers PROBEs; absent for no.
    package var answersProbes: Bool?
    /// Whether the worker answers USE REQUESTs; absent for no.
    package var reportsUse: Bool?
    /// The name of the worker's host, for people; absent where it is not known.
    package var host: String?
    /// The name of its processor, for people; absent where it is not known.
    package var processor: String?

    package init(
        rank: Int?,
        credit: Int,
        instructionSets: [InstructionSet],
        host: String? = nil,
        processor: String? = nil
    ) {
        self.rank = rank
        self.credit = credit
        self.instructionSets = instructionSets.map(\.rawValue)
        takesBatches = true
        answersProbes = true
        reportsUse = true
        self.host = host.flatMap(Self.cut)
        self.processor = processor.flatMap(Self.cut)
    }

    /// The longest name of a host or a processor, in bytes.
    private static let mostNameBytes = 256

    /// A name without what is too long; nil if it is empty.
    private static func cut(_ name: String) -> String? {
        var name = name
        while name.utf8.count > mostNameBytes { name.removeLast() }
        return name.isEmpty ? nil : name
    }

    package func check() throws(WireError) {
        guard (1...1024).contains(credit) else { throw field("credit", credit) }
        if let rank, !(0...1 << 20).contains(rank) { throw field("rank", rank) }
        for (key, name) in [("host", host), ("processor", processor)] {
            guard let name else { continue }
            guard (1...Self.mostNameBytes).contains(name.utf8.count) else {
                throw field(key, "\(name.utf8.count) bytes")
            }
        }
    }
}
