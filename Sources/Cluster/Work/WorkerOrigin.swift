import Attention

/// Where a worker computes, and with what.
package struct WorkerOrigin: Hashable, Sendable {
    package var ordinal: Int
    package var instructionSet: InstructionSet
    /// The names of its host and of its processor, as the worker says them; nil if it does not.
    package var host: String?
    package var processor: String?

    init(
        _ ordinal: Int,
        _ instructionSet: InstructionSet,
        host: String?,
        _ processor: String?
    ) {
        self.ordinal = ordinal
        self.instructionSet = instructionSet
        self.host = host
        self.processor = processor
    }
}
