import Attention
import Work

/// The problem that the workers of a cluster compute in every trial.
package struct ClusterWorkload: Sendable {
    /// Where the numbers come from.
    package enum Source: Sendable, Equatable {
        /// Any process can make them.
        case generated(kind: ValueKind, seed: UInt64)
        /// Only the coordinator has them.
        case external
    }

    package var problem: AttentionProblem
    package var instructionSets: InstructionSetChoice
    package var plane: PlaneName
    package var source: Source
    package var outputs: OutputRoute
    /// What workers do with tasks instead of computing them; nil to compute.
    package var standIn: StandIn?

    package init(
        problem: AttentionProblem,
        instructionSets: InstructionSetChoice,
        plane: PlaneName,
        source: Source,
        outputs: OutputRoute = .messages,
        standIn: StandIn? = nil
    ) {
        self.problem = problem
        self.instructionSets = instructionSets
        self.plane = plane
        self.source = source
        self.outputs = outputs
        self.standIn = standIn
    }
}
