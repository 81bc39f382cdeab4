import Attention

/// What the workers of a cluster are to compute, again and again.
package struct ClusterWorkload: Sendable {
    /// How query, key and value reach the workers.
    package enum Plane: String, Sendable {
        /// They are there before the clock starts: made from the seed, or sent once.
        case resident
        /// They are sent inside every trial, with the tasks that need them.
        case inline
    }

    /// Where the numbers come from.
    package enum Source: Sendable, Equatable {
        /// Any process can make them.
        case generated(kind: ValueKind, seed: UInt64)
        /// Only the coordinator has them.
        case external
    }

    package var problem: AttentionProblem
    package var instructionSet: InstructionSet
    package var plane: Plane
    package var source: Source

    package init(
        problem: AttentionProblem,
        instructionSet: InstructionSet,
        plane: Plane,
        source: Source
    ) {
        self.problem = problem
        self.instructionSet = instructionSet
        self.plane = plane
        self.source = source
    }
}
