import Attention
import Platform
import Record

/// What a row of the table times: a computation, its sizes, and how its output is checked.
///
/// A new kind is one file with two types: the case, and what a visit made of it.
package protocol KernelCase: Sendable {
    /// The case in a progress line, without the instruction set: `N 1024, D 64, causal`.
    var title: String { get }
    /// The bytes that must at least be read and written once.
    var tensorBytes: Int { get }

    /// Makes the tensors of one visit.
    func prepare(
        _ kernel: AttentionKernel,
        _ team: ThreadTeam,
        seed: UInt64
    ) throws(RunError) -> any PreparedCase

    /// Writes to a row what it is about: sizes, name, and all else that the numbers do not say.
    func describe(_ row: inout KernelRow)
}

/// A case with its tensors.
package protocol PreparedCase {
    /// Useful floating-point operations of a run.
    var operations: Double { get }
    /// The tanh among them.
    var tanhs: Double { get }

    /// Computes the output once: what is timed.
    func run()

    /// Compares a sample of the last run's output with float64.
    func verify() -> VerificationReport
}
