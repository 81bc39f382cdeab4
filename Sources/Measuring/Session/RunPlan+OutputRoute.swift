import Plan
import Platform

extension RunPlan {
    /// The plan with this system's output route in place of `auto`, as a record must show it.
    package var withOutputRoute: RunPlan {
        var plan = self
        plan.outputs = .init(outputRoute(canShare: System.isSharedMemoryUnlimited))
        return plan
    }
}
