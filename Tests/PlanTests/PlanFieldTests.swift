import FoundationEssentials
import Testing
import Work

@testable import Files
@testable import Plan

/// The fields of a plan, and the differences of two plans.
struct PlanFieldTests {
    /// A plan with every key, and no key at its default.
    private static func otherPlan() throws -> RunPlan {
        try RunPlan {
            $0.kind = .scale
            $0.name = "other"
            $0.batch = 3
            $0.heads = 6
            $0.keyValueHeads = 2
            $0.length = 100
            $0.keyLength = 90
            $0.headDimension = 32
            $0.valueDimension = 48
            $0.mask = try MaskSpecification("causal")
            $0.maskedRows = .uniform
            $0.scoreScale = 0.5
            $0.softCap = 20
            $0.alibi = .standard
            $0.bias = .heads
            $0.sinks = .random
            $0.linformer = 5
            $0.embedding = 60
            $0.pooling = .average
            $0.epochs = 9
            $0.rate = 0.25
            $0.steps = 3
            $0.operation = .maskedSoftmax
            $0.seed = 9
            $0.values = .large
            $0.input = "in.npz"
            $0.tensors = "self_attn."
            $0.layer = "model.npz"
            $0.module = "self_attn"
            $0.source = .separate
            $0.offset = 9
            $0.scoring = .additive
            $0.hidden = 24
            $0.keyDimension = 40
            $0.layout = .blhd
            $0.output = "out.npy"
            $0.weights = "w.npy"
            $0.workers = [1, 3]
            $0.threads = 2
            $0.split = .rows
            $0.schedule = .fixed
            $0.plane = .named(.inline)
            $0.transport = .tcp
            $0.keys = "keys"
            $0.bind = "eth0"
            $0.outputs = .messages
            $0.credit = 5
            $0.mode = .weak
            $0.trials = 7
            $0.warmup = 1
            $0.targetInterval = 0.05
            $0.budgetSeconds = 3
            $0.replicates = 4
            $0.audit = true
            $0.requireQuiet = true
            $0.instructionSet = .inTurn([.baseline, .avx2])
            $0.verify = .full
            $0.pin = .processors([0, 2])
            $0.compute = .none
            $0.launch = .slurm
            $0.minWorkers = 1
            $0.joinDeadline = 90
        }
    }

    @Test func `every key of a plan is a field, and no field is missed`() throws {
        let text = try JSONText.encode(try Self.otherPlan())
        let keys = try JSONDecoder().decode([String: AnyJSON].self, from: Data(text.utf8)).keys
        let known = Set(RunPlan.fields.map(\.key))
        #expect(Set(keys).subtracting(["schema"]) == known)
    }

    /// Takes any value: only the keys matter.
    private struct AnyJSON: Decodable {
        init(from decoder: any Decoder) {}
    }

    @Test func `every field has another text in another plan`() throws {
        let (plan, other) = (RunPlan(), try Self.otherPlan())
        for field in RunPlan.fields {
            #expect(field.text(plan) != field.text(other), "\(field.key)")
        }
        let differences = PlanDifference.between(plan, other)
        let expected = RunPlan.fields.filter { $0.role != .procedure }.map(\.key)
        #expect(differences.map(\.key) == expected)
        let batch = try #require(differences.first)
        #expect(batch.first == "8")
        #expect(batch.second == "3")
        for part in ["batch", "8", "3"] { #expect("\(batch)".contains(part), "\(batch)") }
    }

    @Test func `plans that differ in their procedure alone do not differ`() {
        var other = RunPlan { $0.workers = [1, 2] }
        other.trials = 99
        other.replicates = 7
        other.name = "x"
        other.verify = .full
        #expect(PlanDifference.between(RunPlan(), other).isEmpty)
    }

    @Test func `the digest depends on the work and the workers alone`() throws {
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
        // Baselines are stored under this name.
        #expect(plan.digest == "cbf29ce484222325")
    }

    @Test(arguments: PlaneChoice.allCases, Transport.allCases)
    func `naming the default output route changes no digit`(
        plane: PlaneChoice,
        transport: Transport
    ) {
        var plan = RunPlan {
            $0.plane = plane
            $0.transport = transport
        }
        let usual = plan.outputRoute(canShare: true)
        let digests = RunPlan.Outputs.allCases.map { outputs in
            plan.outputs = outputs
            return plan.digest
        }
        #expect(Set(digests).count == 2)
        plan.outputs = .init(usual)
        #expect(plan.digest == digests[0])
    }
}
