import Attention
import Plan
import Platform
import Work

extension RunPlan {
    /// The plan with this system's output route in place of `auto`, as a record must show it.
    ///
    /// It is the same while the plane is still to be chosen.
    package var withOutputRoute: RunPlan {
        guard arrangement.plane != .auto else { return self }
        var plan = self
        plan.outputs = .init(outputRoute)
        return plan
    }

    var outputRoute: OutputRoute { outputRoute(canShare: System.isSharedMemoryUnlimited) }

    /// The batch of a problem where it is not the plan's, as a record must show it.
    func recordedBatch(_ problem: AttentionProblem) -> Int? {
        problem.shape.batch == self.batch ? nil : problem.shape.batch
    }
}
