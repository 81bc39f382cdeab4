import Files
import Plan
import Statistics
import TestSupport
import Testing
import Work

@testable import Record

struct PlaneDecisionTests {
    private typealias Cost = PlaneDecision.Cost

    /// 10 µs and 1 ns a byte.
    private static let inline = cost(.inline, 11_000, 1_010_000)
    /// 20 µs and 0.5 ns a byte.
    private static let copied = cost(.copied, 20_500, 520_000)

    private static func cost(_ plane: PlaneName, _ small: Double, _ large: Double) -> Cost {
        Cost(
            plane,
            .init(bytes: 1000, nanoseconds: small),
            .init(bytes: 1_000_000, nanoseconds: large)
        )
    }

    private static func decision(_ bytes: Int) -> PlaneDecision {
        PlaneDecision(taskBytes: bytes, costs: [inline, copied], nanoseconds: 70_000_000)
    }

    @Test(arguments: [
        (0, PlaneName.inline), (19_000, .inline), (21_000, .copied), (1 << 30, .copied),
    ])
    func `the size of a task decides`(bytes: Int, plane: PlaneName) {
        let decision = Self.decision(bytes)
        #expect(decision.plane == plane)
        let other = plane == .inline ? Self.copied : Self.inline
        #expect(abs((decision.crossoverBytes(with: other) ?? 0) - 20_000) < 1e-6)
    }

    @Test func `a plane that is cheaper at every size has no crossover`() {
        let slow = Self.cost(.inline, 31_000, 1_030_000)
        let decision = PlaneDecision(
            taskBytes: 4096,
            costs: [slow, Self.copied],
            nanoseconds: 1
        )
        #expect(decision.plane == .copied)
        #expect(decision.crossoverBytes(with: slow) == nil)
    }

    /// Noise can make the large size seem cheaper, and nothing costs less than nothing.
    @Test func `no cost is below 0`() {
        let falling = Self.cost(.inline, 5000, 4000)
        #expect(falling.byteNanoseconds == 0)
        #expect(falling.nanoseconds(bytes: 1 << 20) == 5000)
        let steep = Self.cost(.inline, 10, 1_000_000)
        #expect(steep.taskNanoseconds == 0)
    }

    @Test func `a decision is kept in its record`() throws {
        let missing = PlaneDecision(.inline, obstacle: "of a reason", taskBytes: 1, nanoseconds: 1)
        for decision in [Self.decision(0), Self.decision(1 << 20), missing] {
            var record = try sampleRecord()
            record.plan.plane = .named(decision.plane)
            record.planeDecision = decision
            let text = try JSONText.encode(record)
            let read = try JSONText.decode(RunRecord.self, from: Array(text.utf8), source: "r.json")
            #expect(read == record)
            try record.validate(source: "r.json")
        }
    }

    @Test func `an impossible decision is refused`() throws {
        let plan = PlaneChoice.named(.copied)
        var unmeasured = Self.decision(1 << 20)
        unmeasured.costs = []
        var twice = Self.decision(1 << 20)
        twice.costs.append(Self.inline)
        var negative = Self.decision(1 << 20)
        negative.costs[0].byteNanoseconds = -1
        var blocked = Self.decision(1 << 20)
        blocked.obstacle = "of a reason"
        var dear = Self.decision(1 << 20)
        dear.taskBytes = 0
        var alone = Self.decision(1 << 20)
        alone.costs.removeFirst()
        var endless = Self.decision(1 << 20)
        endless.costs[0].byteNanoseconds = 1e308
        var held = Self.decision(1 << 20)
        held.costs[0].plane = .shared
        let silent = PlaneDecision(.copied, obstacle: "", taskBytes: 1, nanoseconds: 1)
        for (decision, plan, place) in [
            (dear, plan, "costs"), (alone, plan, "costs"), (endless, plan, "costs"),
            (held, plan, "costs"), (silent, plan, "obstacle"),
            (Self.decision(0), plan, "plane"), (Self.decision(1 << 20), .auto, "plane"),
            (unmeasured, plan, "obstacle"), (blocked, plan, "obstacle"), (twice, plan, "costs"),
            (negative, plan, "costs[0].byteNanoseconds"),
        ] {
            var record = try sampleRecord()
            record.plan.plane = plan
            record.planeDecision = decision
            expectRefusal(.usage, naming: ["r.json", "planeDecision.\(place)"]) {
                try record.validate(source: "r.json")
            }
        }
    }
}
