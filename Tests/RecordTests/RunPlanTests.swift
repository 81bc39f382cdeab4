import Attention
import TestSupport
import Testing
import Work

@testable import Files
@testable import Plan
@testable import Record

struct RunPlanTests {
    private func read(_ text: String) throws -> RunPlan {
        let folder = try TemporaryFolder()
        return try RunPlan.read(folder.write("plan.json", text))
    }

    @Test func `a plan survives being written and read`() throws {
        let plans = [
            RunPlan(),
            try RunPlan {
                $0.kind = .scale
                $0.name = "nightly"
                $0.batch = 3
                $0.heads = 12
                $0.keyValueHeads = 4
                $0.length = 33
                $0.keyLength = 65
                $0.headDimension = 80
                $0.valueDimension = 96
                $0.mask = try MaskSpecification("causal+lengths:1,2,65")
                $0.maskedRows = .uniform
                $0.scoreScale = 0.1
                $0.seed = .max
                $0.values = .large
                $0.input = "in.npz"
                $0.layout = .blhd
                $0.output = "out.npy"
                $0.weights = "w.safetensors"
                $0.workers = [1, 2, 8]
                $0.threads = 2
                $0.split = .rows
                $0.schedule = .fixed
                $0.plane = .named(.inline)
                $0.transport = .tcp
                $0.outputs = .shared
                $0.credit = 3
                $0.trials = 5
                $0.warmup = 0
                $0.instructionSet = .one(.avx2)
                $0.verify = .full
            },
        ]
        for plan in plans {
            #expect(try read(JSONText.encode(plan)) == plan)
        }
    }

    @Test(arguments: [
        (
            RunPlan.Outputs.auto, PlaneChoice.named(.resident), Transport.ipc,
            OutputRoute.shared
        ),
        (.auto, .named(.resident), .tcp, .messages), (.auto, .named(.inline), .ipc, .messages),
        (.shared, .named(.inline), .tcp, .shared), (.messages, .named(.resident), .ipc, .messages),
        (.auto, .named(.shared), .tcp, .shared), (.auto, .named(.copied), .ipc, .shared),
        (.auto, .auto, .tcp, .shared),
    ])
    func `outputs are shared where asked for, or where nothing else should travel`(
        outputs: RunPlan.Outputs,
        plane: PlaneChoice,
        transport: Transport,
        route: OutputRoute
    ) {
        let plan = RunPlan {
            $0.plane = plane
            $0.transport = transport
            $0.outputs = outputs
        }
        #expect(plan.outputRoute(canShare: true) == route)
        let other: OutputRoute = outputs == .shared ? .shared : .messages
        #expect(plan.outputRoute(canShare: false) == other)
    }

    @Test func `a key missing from a plan has its default`() throws {
        #expect(try read(#"{"schema": "headwise.plan/1"}"#) == RunPlan())
        let partial = #"{"schema": "headwise.plan/1", "heads": 6, "length": 7, "headDimension": 9}"#
        let plan = try read(partial)
        #expect(
            plan
                == RunPlan {
                    $0.heads = 6
                    $0.length = 7
                    $0.headDimension = 9
                }
        )
        #expect(plan.keyValueHeads == 6)
        #expect(plan.keyLength == 7)
        #expect(plan.valueDimension == 9)
    }

    @Test func `the plan inside a record is read as a plan`() throws {
        var plan = RunPlan {
            $0.kind = .scale
            $0.workers = [1, 2]
            $0.outputs = .shared
        }
        var text = try JSONText.encode(plan)
        #expect(
            try read(#"{"points": [], "plan": \#(text), "schema": "headwise.scale/1"}"#) == plan
        )
        #expect(try read(#"{"plan": \#(text), "schema": "headwise.run/1"}"#) == plan)
        // Older records do not say how outputs travelled: there was one way.
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
        (#"{"schema": "headwise.plan/1", "heads": 4.5}"#, "4.5"),
        (#"{"schema": "headwise.plan/1", "workers": [1, null]}"#, "“workers[1]”"),
        (#"{"schema": "headwise.plan/1", "split": "columns"}"#, "auto, batch, head, rows, keys"),
        (#"{"schema": "headwise.plan/1", "plane": "air"}"#, "inline, resident"),
        (#"{"schema": "headwise.plan/1", "values": "zeros"}"#, "uniform, large, constant"),
        (#"{"schema": "headwise.plan/1", "verify": "all"}"#, "full, sampled, none"),
        (#"{"schema": "headwise.plan/1", "instructionSet": "mmx"}"#, "baseline, avx2, avx512"),
        (#"{"schema": "headwise.plan/1", "mask": "casual"}"#, "casual"),
        (#"{"schema": "headwise.plan/1""#, "JSON"),
    ])
    func `a plan that cannot be read is refused by file and key`(text: String, part: String) {
        expectRefusal(.usage, naming: "plan.json", part) { _ = try read(text) }
    }

    @Test func `a list, an empty file and half a plan are refused for different reasons`() {
        let problems = ["[]", "", "{"].map { text in
            expectRefusal(.usage, naming: "plan.json") { _ = try read(text) }?.problem ?? text
        }
        #expect(Set(problems).count == problems.count, "\(problems)")
    }

    @Test func `a missing plan or a folder in its place is refused`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        expectRefusal(.environment, naming: "\(path)/none.json", "No such file") {
            _ = try RunPlan.read("\(path)/none.json")
        }
        expectRefusal(.environment, of: path) {
            _ = try RunPlan.read(path)
        }
    }

    @Test func `the problem of a plan has its shape, mask and scale`() throws {
        var plan = try RunPlan {
            $0.batch = 2
            $0.mask = try MaskSpecification("causal+lengths:5,6")
        }
        #expect(plan.problem.attentionProblem().mask == Mask(band: .causal, lengths: .perBatch))
        #expect(plan.problem.attentionProblem().score.scale == 0.125)
        #expect(plan.problem.statedLengths == [5, 6])
        let file = Mask(lengths: .perRow, visibility: .perSlice)
        plan.mask = try MaskSpecification("causal")
        #expect(plan.problem.attentionProblem(input: file).mask == Mask(band: .causal))
        plan.mask = try MaskSpecification("causal+input")
        #expect(
            plan.problem.attentionProblem(input: file).mask
                == Mask(band: .causal, lengths: .perRow, visibility: .perSlice)
        )
        #expect(plan.problem.statedLengths == nil)
    }

    @Test(arguments: [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (4, [1, 2, 4]), (6, [1, 2, 4, 6])])
    func `a sweep ends at the number of cores`(cores: Int, counts: [Int]) {
        #expect(RunPlan.sweep(coreCount: cores) == counts)
    }
}
