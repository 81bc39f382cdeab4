import Attention
import Files
import TestSupport
import Testing
import Work

@testable import Plan

struct PlanValidationTests {
    /// A plan with one fault, and what the refusal must name.
    struct Fault: Sendable, CustomStringConvertible {
        var names: [String]
        var change: @Sendable (inout RunPlan) -> Void

        init(_ names: String..., change: @escaping @Sendable (inout RunPlan) -> Void) {
            self.names = names
            self.change = change
        }

        var description: String { names.joined(separator: " ") }
    }

    @Test(arguments: [false, true])
    func `a refused mask is said to be the flag's or the file's`(usesInput: Bool) throws {
        let plan = RunPlan {
            $0.operation = .decodeSteps
            $0.input = "t"
            $0.mask = MaskSpecification(band: .causal, usesInput: usesInput)
        }
        let error = try #require(throws: ExperimentError.self) {
            try plan.validate(availableMemoryBytes: nil)
        }
        #expect("\(error)".contains("--mask"))
        #expect("\(error)".contains("--input t") == usesInput)
    }

    @Test func `the default plan is sound`() throws {
        try RunPlan().validate(availableMemoryBytes: 1 << 30)
        try RunPlan {
            $0.kind = .scale; $0.workers = [1, 2]
        }.validate(availableMemoryBytes: nil)
    }

    @Test(arguments: [
        Fault("--batch 0") { $0.batch = 0 },
        Fault("--heads -8") { $0.heads = -8 },
        Fault("--kv-heads 0") { $0.keyValueHeads = 0 },
        Fault("--length 0") { $0.length = 0 },
        Fault("--key-length -1") { $0.keyLength = -1 },
        Fault("--head-dimension 0") { $0.headDimension = 0 },
        Fault("--head-dimension 513") { $0.headDimension = 513 },
        Fault("--value-dimension 513") { $0.valueDimension = 513 },
        Fault("--heads 12", "--kv-heads 5") {
            $0.heads = 12
            $0.keyValueHeads = 5
        },
        Fault("--heads 4", "--kv-heads 8") {
            $0.heads = 4
            $0.keyValueHeads = 8
        },
        Fault("--mask lengths:1,2", "--batch 8") { $0.mask.lengths = .given([1, 2]) },
        Fault("--mask lengths:1024,1025", "--key-length 1024") {
            $0.batch = 2
            $0.mask.lengths = .given([1024, 1025])
        },
        Fault("--mask input") { $0.mask.usesInput = true },
        Fault("--score-scale nan") { $0.scoreScale = .nan },
        Fault("--score-scale inf") { $0.scoreScale = .infinity },
        Fault("--score-scale -3e+38") { $0.scoreScale = -3e38 },
        Fault("--soft-cap 3e+38") { $0.softCap = 3e38 },
        Fault("--soft-cap nan") { $0.softCap = .nan },
        Fault("--alibi 1.0,2e+28", "2e+28") {
            $0.heads = 2
            $0.alibi = .slopes([1, 2e28])
        },
        Fault("--tensors a.") { $0.problem.tensors = "a." },
        Fault("--workers") { $0.workers = [] },
        Fault("--workers 0") { $0.workers = [0] },
        Fault("--workers 1025") { $0.workers = [1025] },
        Fault("--workers 2,4") { $0.workers = [2, 4] },
        Fault("--workers 2,2") {
            $0.kind = .scale
            $0.workers = [2, 2]
        },
        Fault("--threads 0") { $0.threads = 0 },
        Fault("--credit 0") { $0.credit = 0 },
        Fault("--trials 0") { $0.trials = 0 },
        Fault("--warmup -1") { $0.warmup = -1 },
        Fault("--replicates 0") { $0.replicates = 0 },
        Fault("--target-interval 0.0") { $0.targetInterval = 0 },
        Fault("--target-interval nan") { $0.targetInterval = .nan },
        Fault("--target-interval 101") { $0.targetInterval = 1.01 },
        Fault("--budget 0.0") { $0.budgetSeconds = 0 },
        Fault("--budget inf") { $0.budgetSeconds = .infinity },
        Fault("--mode weak", "headwise scale") { $0.mode = .weak },
        Fault("--mask lengths:1", "--mode weak", "lengths:random") {
            $0.kind = .scale
            $0.mode = .weak
            $0.batch = 1
            $0.mask.lengths = .given([1])
        },
        Fault("--mode weak", "--input q.npz") {
            $0.kind = .scale
            $0.mode = .weak
            $0.input = "q.npz"
        },
        Fault("--audit", "--input q.npz") {
            $0.audit = true
            $0.input = "q.npz"
        },
        Fault("“a/b”") { $0.name = "a/b" },
        Fault("“..”") { $0.name = ".." },
        Fault("“”") { $0.name = "" },
    ])
    func `a plan that contradicts itself is refused by its flag`(fault: Fault) {
        var plan = RunPlan()
        fault.change(&plan)
        expectRefusal(.usage, naming: fault.names) {
            try plan.validate(availableMemoryBytes: nil)
        }
    }

    @Test func `the widest heads and the whole key length are allowed`() throws {
        var plan = RunPlan {
            $0.batch = 2
            $0.heads = 12
            $0.keyValueHeads = 1
            $0.headDimension = 512
        }
        plan.mask.lengths = .given([0, plan.keyLength])
        try plan.validate(availableMemoryBytes: nil)
    }

    @Test func `memory is counted for the coordinator, its reference and every worker`() throws {
        // 120, 140, 168 and 144 floats.
        var plan = RunPlan {
            $0.batch = 2
            $0.heads = 4
            $0.keyValueHeads = 2
            $0.length = 3
            $0.keyLength = 7
            $0.headDimension = 5
            $0.valueDimension = 6
            $0.workers = [3]
        }
        let inputs: Int = 428 * 4
        let output: Int = 144 * 4
        // The coordinator, three workers, and base cases of one and three threads.
        let all = (inputs + output) * 6 + output
        // The other queries, here and at the workers, and the right output for them.
        let others: Int = 120 * 4 * 2 + output
        #expect(plan.memoryEstimateBytes() == all + others)
        plan.output = "o.npy"
        #expect(plan.memoryEstimateBytes() == all + output + others)
        plan.audit = true
        #expect(plan.memoryEstimateBytes() == all + output)
        (plan.audit, plan.output, plan.plane) = (false, nil, .named(.inline))
        #expect(plan.memoryEstimateBytes() == all + output + 120 * 4)
        // Inputs in shared memory are there once for the three workers.
        plan.plane = .named(.copied)
        #expect(plan.memoryEstimateBytes() == all - 2 * inputs + output + 120 * 4)
        // A plane is chosen that fits.
        plan.plane = .auto
        #expect(plan.memoryEstimateBytes() == all - 2 * inputs + output + 120 * 4)
        plan.plane = .named(.shared)
        #expect(plan.memoryEstimateBytes() == all - 2 * inputs + others)
        plan.plane = .named(.resident)
        plan.mask = try MaskSpecification("input")
        let hiding = Mask(lengths: .perRow, visibility: .perSlice)
        // Lengths [2,3] of four bytes and a mask [2,4,3,7] of one.
        let maskBytes: Int = 24 + 168
        let whole = inputs + maskBytes + output
        // Under a mask, other values too go to all workers.
        let values: Int = 168 * 4 * (1 + 3)
        #expect(plan.memoryEstimateBytes(input: hiding) == whole * 6 + output + others + values)
    }

    @Test func `a softmax has scores and an output, and neither keys nor values`() throws {
        let plan = RunPlan {
            $0.operation = .maskedSoftmax
            $0.batch = 2
            $0.heads = 3
            $0.length = 5
            $0.keyLength = 7
            $0.mask = .init(band: .causal)
            $0.workers = [1]
        }
        let scores = 2 * 3 * 5 * 7 * 4
        // Three times, and an output; other scores, here and at the worker, and the output for them.
        #expect(plan.memoryEstimateBytes() == 2 * scores * 3 + scores + 2 * scores + scores)
    }

    @Test func `another operation leaves out what it does not read`() throws {
        var problem = RunPlan {
            $0.operation = .multiHead
            $0.embedding = 48
            $0.heads = 4
            $0.source = .memory
            $0.layer = "weights.safetensors"
            $0.module = "encoder"
            $0.softCap = 30
        }.problem
        problem.change(to: .attention)
        #expect(problem.operation == .attention)
        #expect(problem.embedding == nil && problem.source == nil)
        #expect(problem.layer == nil && problem.module == nil)
        #expect(problem.softCap == 30 && problem.heads == 4)
        problem.linformer = 16
        problem.change(to: .attention)
        #expect(problem.linformer == 16)
        problem.softCap = nil
        problem.headDimension = 32
        problem.change(to: .kernelRegression)
        #expect(problem.linformer == nil && problem.headDimension == 64)
        (problem.pooling, problem.epochs, problem.rate) = (.learned, 3, 0.1)
        problem.change(to: .maskedSoftmax)
        #expect(problem.epochs == nil && problem.rate == nil)
        try RunPlan { $0.problem = problem }.validate(availableMemoryBytes: nil)
    }

    @Test(arguments: OperationName.allCases)
    func `what only attention has goes with it`(_ operation: OperationName) throws {
        var problem = RunPlan {
            $0.heads = 4
            $0.keyValueHeads = 2
            $0.keyDimension = 48
            $0.scoring = .additive
            $0.hidden = 9
            $0.scoreScale = 2
            $0.softCap = 30
            $0.values = .exactMean
        }.problem
        problem.change(to: operation)
        if operation != .attention {
            #expect(problem.keyValueHeads == (operation == .decodeSteps ? 2 : 4))
            #expect(problem.scoring == .scaledDot)
            try RunPlan { $0.problem = problem }.validate(availableMemoryBytes: nil)
        } else {
            #expect(problem.keyValueHeads == 2 && problem.scoring == .additive)
        }
    }

    @Test func `memory grows with the batch of weak scaling`() throws {
        // 6, 10, 15 and 9 floats a batch element.
        var plan = RunPlan {
            $0.kind = .scale
            $0.batch = 1
            $0.heads = 1
            $0.length = 3
            $0.keyLength = 5
            $0.headDimension = 2
            $0.valueDimension = 3
            $0.workers = [1, 4]
        }
        let whole = (6 + 10 + 15 + 9) * 4
        let others = (6 * 2 + 9) * 4
        #expect(plan.memoryEstimateBytes() == whole * (1 + 2 + 1 + 4) + 9 * 4 + others)
        plan.mode = .weak
        #expect(plan.largest.batch == 4)
        #expect(plan.forPoint(workers: 1).batch == 1)
        #expect(
            plan.memoryEstimateBytes()
                == whole * (4 + 1 + 4 + 1 + 4 * 4) + 4 * 9 * 4 + 4 * others
        )
        plan.batch = .max / 2
        expectRefusal(.environment, naming: "8 EiB") {
            try plan.validate(availableMemoryBytes: nil)
        }
    }

    @Test func `a plan beyond the memory is refused with both sizes`() throws {
        let plan = RunPlan {
            $0.batch = 64
            $0.heads = 64
            $0.length = 4096
            $0.workers = [1]
        }
        // (3 + 1) tensors of 4 GiB, three times, and the reference; other queries, twice, and theirs.
        let needed: Int = 64 << 30
        #expect(plan.memoryEstimateBytes() == needed)
        // The coordinator, a worker, and the base case have memory beside the tensors.
        let whole = needed + 3 * (14 << 20)
        try plan.validate(availableMemoryBytes: whole)
        expectRefusal(
            .environment,
            naming: amount(whole, .up),
            amount(whole - 1, .down),
            "--length 4096"
        ) {
            try plan.validate(availableMemoryBytes: whole - 1)
        }
    }

    @Test(arguments: [
        RunPlan { $0.batch = .max }, RunPlan { $0.length = 1 << 62 },
        RunPlan {
            $0.keyLength = .max
        },
        RunPlan {
            $0.batch = 1 << 31; $0.heads = 1 << 31
        },
        RunPlan {
            $0.length = 1 << 45
            $0.workers = [1024]
        },
    ])
    func `sizes that overflow 64 bits are refused`(plan: RunPlan) {
        expectRefusal(.environment, naming: "--batch", "8 EiB") {
            try plan.validate(availableMemoryBytes: nil)
        }
    }

    @Test func `an instruction set that the processor lacks is refused`() throws {
        for set in InstructionSet.allCases {
            let plan = RunPlan { $0.instructionSet = .one(set) }
            if set.isAvailable {
                try plan.validate(availableMemoryBytes: nil)
            } else {
                expectRefusal(.environment, naming: "--isa \(set.rawValue)") {
                    try plan.validate(availableMemoryBytes: nil)
                }
            }
        }
    }

    @Test func `more threads than cores are allowed with a warning`() throws {
        let plan = RunPlan {
            $0.kind = .scale
            $0.workers = [1, 4]
            $0.threads = 2
        }
        #expect(plan.oversubscription(coreCount: 8) == nil)
        #expect(plan.oversubscription(coreCount: 7)?.contains("7 cores") == true)
        #expect(plan.oversubscription(coreCount: 7.5)?.contains("7.5 CPUs") == true)
        #expect(plan.oversubscription(coreCount: 0.5)?.contains("0.5 CPUs") == true)
        try plan.validate(availableMemoryBytes: nil)
    }

    @Test func `a layout without an input is refused`() throws {
        var plan = RunPlan { $0.layout = .blhd }
        expectRefusal(.usage, naming: "--layout blhd", "--input") {
            try plan.validate(availableMemoryBytes: nil)
        }
        plan.input = "q.npz"
        try plan.validate(availableMemoryBytes: nil)
    }
}
