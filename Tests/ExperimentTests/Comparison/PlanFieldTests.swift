import FoundationEssentials
import Testing

@testable import Experiment

/// What it means that two plans differ.
struct PlanFieldTests {
    /// A plan in which nothing has its default and everything is there.
    private static func otherPlan() throws -> RunPlan {
        RunPlan(
            kind: .scale,
            name: "other",
            batch: 3,
            heads: 6,
            keyValueHeads: 2,
            length: 100,
            keyLength: 90,
            headDimension: 32,
            valueDimension: 48,
            mask: try MaskSpecification("causal"),
            maskedRows: .uniform,
            scoreScale: 0.5,
            softCap: 20,
            alibi: .standard,
            seed: 9,
            values: "large",
            input: "in.npz",
            layout: .blhd,
            output: "out.npy",
            weights: "w.npy",
            workers: [1, 3],
            threads: 2,
            split: .rows,
            schedule: .static,
            plane: .inline,
            transport: .tcp,
            outputs: .messages,
            credit: 5,
            mode: .weak,
            trials: 7,
            warmup: 1,
            targetInterval: 0.05,
            budgetSeconds: 3,
            replicates: 4,
            audit: true,
            requireQuiet: true,
            instructionSet: .baseline,
            verify: "full"
        )
    }

    @Test func `every key of a plan is a field, and no field is missed`() throws {
        let text = try JSONText.encode(try Self.otherPlan())
        let keys = try JSONDecoder().decode([String: AnyJSON].self, from: Data(text.utf8)).keys
        let known = Set(PlanField.allCases.map(\.rawValue))
        #expect(Set(keys).subtracting(["schema"]) == known)
    }

    /// Takes any value, to look at keys alone.
    private struct AnyJSON: Decodable {
        init(from decoder: any Decoder) {}
    }

    @Test func `every field has another text in another plan`() throws {
        let (plan, other) = (RunPlan(), try Self.otherPlan())
        for field in PlanField.allCases {
            #expect(field.text(in: plan) != field.text(in: other), "\(field)")
        }
        let differences = PlanDifference.between(plan, other)
        let expected = PlanField.allCases.filter { $0.role != .procedure }
        #expect(differences.map(\.field) == expected)
        #expect(differences.first?.description == "batch 8 and 3")
    }

    @Test func `how often is measured is no difference`() {
        var other = RunPlan(workers: [1, 2])
        other.trials = 99
        other.replicates = 7
        other.name = "x"
        other.verify = "full"
        #expect(PlanDifference.between(RunPlan(), other).isEmpty)
    }

    @Test func `the digest tells work and workers apart, and nothing else`() throws {
        let plan = RunPlan()
        #expect(plan.digest.count == 16)
        #expect(plan.digest.allSatisfy { $0.isHexDigit })
        var sampled = plan
        sampled.trials = 3
        sampled.output = "o.npy"
        #expect(sampled.digest == plan.digest)
        var longer = plan
        longer.length = 2048
        var wider = plan
        wider.workers = [1, 2]
        var rows = plan
        rows.split = .rows
        #expect(Set([plan, longer, wider, rows].map(\.digest)).count == 4)
        // Files are called so: other digits would lose them.
        #expect(plan.digest == "cbf29ce484222325")
    }

    @Test(arguments: RunPlan.Plane.allCases, RunPlan.Transport.allCases)
    func `how outputs travel anyway changes no digit`(
        plane: RunPlan.Plane,
        transport: RunPlan.Transport
    ) {
        let digests = RunPlan.Outputs.allCases.map {
            RunPlan(plane: plane, transport: transport, outputs: $0).digest
        }
        #expect(Set(digests).count == 2)
        let usual = RunPlan(plane: plane, transport: transport).outputRoute(canShare: true)
        #expect(
            RunPlan(plane: plane, transport: transport, outputs: usual).digest == digests[0]
        )
    }
}
