import Attention
import Experiment

/// What the workers of a cluster are to compute, again and again.
package struct ClusterWorkload: Sendable {
    /// How query, key and value reach the workers.
    package enum Plane: String, Sendable {
        /// They are there before the clock starts: made from the seed, or sent once.
        case resident
        /// They are sent inside every trial, with the tasks that need them.
        case inline
    }

    /// How the output comes back.
    package enum Outputs: String, Sendable, CaseIterable {
        /// In memory that each worker shares with the coordinator, which copies it from there.
        case shared
        /// In OUTPUT messages.
        case messages

        /// Those that this system has.
        package static let available = allCases.filter {
            $0 == .messages || System.isSharedMemoryUnlimited
        }
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
    package var outputs: Outputs

    package init(
        problem: AttentionProblem,
        instructionSet: InstructionSet,
        plane: Plane,
        source: Source,
        outputs: Outputs = .messages
    ) {
        self.problem = problem
        self.instructionSet = instructionSet
        self.plane = plane
        self.source = source
        self.outputs = outputs
    }
}

extension RunPlan {
    /// The plan with the way in which outputs travel on this system in place of `auto`: what a record
    /// of it has to say.
    package var withOutputRoute: RunPlan {
        var plan = self
        plan.outputs = outputRoute(canShare: System.isSharedMemoryUnlimited)
        return plan
    }
}
