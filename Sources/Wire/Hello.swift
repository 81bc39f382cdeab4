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

    package init(rank: Int?, credit: Int, instructionSets: [InstructionSet]) {
        self.rank = rank
        self.credit = credit
        self.instructionSets = instructionSets.map(\.rawValue)
        takesBatches = true
    }

    package func check() throws(WireError) {
        guard (1...1024).contains(credit) else { throw field("credit", credit) }
        if let rank, !(0...1 << 20).contains(rank) { throw field("rank", rank) }
    }
}
