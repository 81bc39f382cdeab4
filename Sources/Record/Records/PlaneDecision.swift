import Files
import Plan
import Work

/// Why inputs took the plane that they took, where the plan left that to be chosen.
package struct PlaneDecision: Codable, Equatable, Sendable {
    /// The plane that was taken.
    package var plane: PlaneName
    /// The inputs that a task of the plan brings, roughly: all of them, dealt to as many tasks as workers
    /// usually get.
    package var taskBytes: Int
    /// What the planes cost; empty where only one can be used.
    package var costs: [Cost]
    /// How long measuring them took.
    package var nanoseconds: UInt64
    /// Why another plane cannot be used; absent where planes were measured.
    package var obstacle: String?

    /// What a task takes on a plane, there and back: a part that every task takes, and one that grows with
    /// its bytes.
    package struct Cost: Codable, Equatable, Sendable {
        package var plane: PlaneName
        package var taskNanoseconds: Double
        package var byteNanoseconds: Double

        /// The line through two measured sizes; one that falls, or begins below 0, is level there.
        package init(_ plane: PlaneName, _ small: Measured, _ large: Measured) {
            let slope = (large.nanoseconds - small.nanoseconds) / Double(large.bytes - small.bytes)
            self.plane = plane
            byteNanoseconds = max(0, slope)
            taskNanoseconds = max(0, small.nanoseconds - byteNanoseconds * Double(small.bytes))
        }

        package func nanoseconds(bytes: Int) -> Double {
            taskNanoseconds + byteNanoseconds * Double(bytes)
        }
    }

    /// What a task of a size took.
    package struct Measured {
        package var bytes: Int
        package var nanoseconds: Double

        package init(bytes: Int, nanoseconds: Double) {
            self.bytes = bytes
            self.nanoseconds = nanoseconds
        }
    }

    /// Takes the cheapest plane for tasks of `taskBytes` bytes; of equal ones the first.
    ///
    /// - Precondition: There are costs.
    package init(taskBytes: Int, costs: [Cost], nanoseconds: UInt64) {
        let least = costs.min {
            $0.nanoseconds(bytes: taskBytes) < $1.nanoseconds(bytes: taskBytes)
        }
        guard let least else { preconditionFailure("a decision needs what it is made of") }
        self.init(least.plane, taskBytes: taskBytes, costs: costs, nanoseconds: nanoseconds)
    }

    /// Takes the only plane that can be used.
    package init(_ plane: PlaneName, obstacle: String, taskBytes: Int, nanoseconds: UInt64) {
        self.init(plane, taskBytes: taskBytes, costs: [], nanoseconds: nanoseconds)
        self.obstacle = obstacle
    }

    private init(_ plane: PlaneName, taskBytes: Int, costs: [Cost], nanoseconds: UInt64) {
        self.plane = plane
        self.taskBytes = taskBytes
        self.costs = costs
        self.nanoseconds = nanoseconds
    }

    /// The task size at which this plane and the one that was taken cost the same; nil where one of them is
    /// cheaper at every size.
    package func crossoverBytes(with other: Cost) -> Double? {
        guard let own = costs.first(where: { $0.plane == plane }) else { return nil }
        let bytes =
            (other.taskNanoseconds - own.taskNanoseconds)
            / (own.byteNanoseconds - other.byteNanoseconds)
        return bytes.isFinite && bytes > 0 ? bytes : nil
    }
}

extension PlaneDecision {
    func validate(_ place: RecordPlace, _ plan: RunPlan) throws(ExperimentError) {
        try place.key("plane").require(
            plan.plane == .named(plane),
            "is \(plane.rawValue), but the plan's plane is \(plan.plane.rawValue)",
            expected: "the plane of the plan"
        )
        try place.requireCount(taskBytes, "taskBytes", in: 0...Int.max)
        try place.requireEachOnce(costs.map(\.plane), "costs", "plane")
        for (index, cost) in costs.enumerated() {
            let place = place.item("costs", index)
            try place.requireNotNegative(cost.taskNanoseconds, "taskNanoseconds")
            try place.requireNotNegative(cost.byteNanoseconds, "byteNanoseconds")
        }
        try place.key("costs").require(
            costs.isEmpty
                || costs.count > 1 && costs.allSatisfy { !$0.plane.holdsInputs }
                    && costs.allSatisfy { cost in
                        cost.nanoseconds(bytes: taskBytes).isFinite
                    }
                    && PlaneDecision(taskBytes: taskBytes, costs: costs, nanoseconds: 0).plane
                        == plane,
            "do not make \(plane.rawValue) the cheapest of several planes",
            expected:
                "costs of planes that move inputs inside a trial, the least of them for this plane"
        )
        try place.key("obstacle").require(
            obstacle?.isEmpty != true,
            "is empty",
            expected: "a reason"
        )
        try place.key("obstacle").require(
            (obstacle == nil) == costs.contains { $0.plane == plane },
            obstacle == nil
                ? "is missing, although nothing was measured"
                : "is there, although planes were measured",
            expected: "a reason exactly where the plane was not measured"
        )
    }
}
