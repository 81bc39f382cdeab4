import Attention
import TestSupport
import Testing

@testable import Experiment

struct RunPlanTests {
    private func read(_ text: String) throws -> RunPlan {
        let folder = try TemporaryFolder()
        return try RunPlan.read(folder.write("plan.json", text))
    }

    @Test func `a plan survives being written and read`() throws {
        let plans = [
            RunPlan(),
            RunPlan(
                kind: .scale,
                name: "nightly",
                batch: 3,
                heads: 12,
                keyValueHeads: 4,
                length: 33,
                keyLength: 65,
                headDimension: 80,
                valueDimension: 96,
                mask: try MaskSpecification("causal+lengths:1,2,65"),
                maskedRows: .uniform,
                scoreScale: 0.1,
                seed: .max,
                values: "large",
                input: "in.npz",
                layout: .blhd,
                output: "out.npy",
                weights: "w.safetensors",
                workers: [1, 2, 8],
                threads: 2,
                split: .rows,
                schedule: .static,
                plane: .inline,
                transport: .tcp,
                outputs: .shared,
                credit: 3,
                trials: 5,
                warmup: 0,
                instructionSet: .avx2,
                verify: "full"
            ),
        ]
        for plan in plans {
            #expect(try read(JSONText.encode(plan)) == plan)
        }
    }

    @Test(arguments: [
        (
            RunPlan.Outputs.auto, RunPlan.Plane.resident, RunPlan.Transport.ipc,
            RunPlan.Outputs.shared
        ),
        (.auto, .resident, .tcp, .messages), (.auto, .inline, .ipc, .messages),
        (.shared, .inline, .tcp, .shared), (.messages, .resident, .ipc, .messages),
    ])
    func `outputs are shared where asked for, or where nothing else should travel`(
        outputs: RunPlan.Outputs,
        plane: RunPlan.Plane,
        transport: RunPlan.Transport,
        route: RunPlan.Outputs
    ) {
        let plan = RunPlan(plane: plane, transport: transport, outputs: outputs)
        #expect(plan.outputRoute(canShare: true) == route)
        let other: RunPlan.Outputs = outputs == .shared ? .shared : .messages
        #expect(plan.outputRoute(canShare: false) == other)
    }

    @Test func `a key left out of a plan has its default`() throws {
        #expect(try read(#"{"schema": "headwise.plan/1"}"#) == RunPlan())
        let partial = #"{"schema": "headwise.plan/1", "heads": 6, "length": 7, "headDimension": 9}"#
        let plan = try read(partial)
        #expect(plan == RunPlan(heads: 6, length: 7, headDimension: 9))
        #expect(plan.keyValueHeads == 6)
        #expect(plan.keyLength == 7)
        #expect(plan.valueDimension == 9)
    }

    @Test func `the plan inside a record is read as a plan`() throws {
        var plan = RunPlan(kind: .scale, workers: [1, 2], outputs: .shared)
        var text = try JSONText.encode(plan)
        #expect(
            try read(#"{"points": [], "plan": \#(text), "schema": "headwise.scale/1"}"#) == plan
        )
        #expect(try read(#"{"plan": \#(text), "schema": "headwise.run/1"}"#) == plan)
        // An older record does not say how outputs travelled, for there was one way.
        plan.outputs = .auto
        text = try JSONText.encode(plan)
        #expect(!text.contains("outputs"))
        #expect(try read(text) == plan)
        plan.outputs = .messages
        #expect(try read(#"{"plan": \#(text), "schema": "headwise.run/1"}"#) == plan)
    }

    @Test(arguments: [
        (#"{"schema": "headwise.plan/2"}"#, "headwise.plan/2"),
        (#"{"schema": "headwise.kernel/1", "rows": []}"#, "headwise.kernel/1"),
        (#"{"schema": "headwise.run/1"}"#, "“plan”"),
        (#"{"schema": "headwise.run/1", "plan": {"schema": "x/1"}}"#, "x/1"),
        (#"{"heads": 4}"#, "“schema”"),
        (#"{"schema": "headwise.plan/1", "head": 4}"#, "“head”"),
        (#"{"schema": "headwise.plan/1", "heads": "4"}"#, "“heads”"),
        (#"{"schema": "headwise.plan/1", "heads": 4.5}"#, "“heads” is 4.5"),
        (#"{"schema": "headwise.plan/1", "workers": [1, null]}"#, "“workers[1]”"),
        (#"{"schema": "headwise.plan/1", "split": "keys"}"#, "auto, batch, head, rows"),
        (#"{"schema": "headwise.plan/1", "plane": "air"}"#, "inline, resident"),
        (#"{"schema": "headwise.plan/1", "instructionSet": "mmx"}"#, "baseline, avx2, avx512"),
        (#"{"schema": "headwise.plan/1", "mask": "casual"}"#, "casual"),
        (#"{"schema": "headwise.plan/1""#, "JSON"),
        ("[]", "is a list"),
        ("", "is empty"),
    ])
    func `a plan that cannot be read is refused by file and key`(text: String, part: String) {
        expectRefusal(.usage, naming: "plan.json", part) { _ = try read(text) }
    }

    @Test func `a missing plan or a folder in its place is refused`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        expectRefusal(.environment, naming: "\(path)/none.json", "No such file") {
            _ = try RunPlan.read("\(path)/none.json")
        }
        expectRefusal(.environment, naming: path, "no regular file") {
            _ = try RunPlan.read(path)
        }
    }

    @Test func `the problem of a plan has its shape, its mask and its scale`() throws {
        var plan = RunPlan(batch: 2, mask: try MaskSpecification("causal+lengths:5,6"))
        #expect(plan.problem().mask == Mask(band: .causal, lengths: .perBatch))
        #expect(plan.problem().scoreScale == 0.125)
        #expect(plan.statedLengths == [5, 6])
        let file = Mask(lengths: .perRow, visibility: .perSlice)
        plan.mask = try MaskSpecification("causal")
        #expect(plan.problem(input: file).mask == Mask(band: .causal))
        plan.mask = try MaskSpecification("causal+input")
        #expect(
            plan.problem(input: file).mask
                == Mask(band: .causal, lengths: .perRow, visibility: .perSlice)
        )
        #expect(plan.statedLengths == nil)
    }

    @Test(arguments: [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (4, [1, 2, 4]), (6, [1, 2, 4, 6])])
    func `a sweep ends at the number of cores`(cores: Int, counts: [Int]) {
        #expect(RunPlan.sweep(coreCount: cores) == counts)
    }
}
