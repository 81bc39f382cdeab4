import Testing

@testable import Files
@testable import Plan

/// What `--compute` takes, and what does not go with it.
struct ComputeSpecificationTests {
    @Test(arguments: [
        ("kernel", ComputeSpecification.kernel, nil), ("none", .none, "EMPTY"),
        ("emulate", .emulate(nanoseconds: nil), "EMULATED"),
        ("emulate:1ms", .emulate(nanoseconds: 1_000_000), "EMULATED"),
        ("emulate:1500us", .emulate(nanoseconds: 1_500_000), "EMULATED"),
        ("emulate:1ns", .emulate(nanoseconds: 1), "EMULATED"),
        ("emulate:100s", .emulate(nanoseconds: 100_000_000_000), "EMULATED"),
    ])
    func `the text is read, written and marked`(
        text: String,
        compute: ComputeSpecification,
        mark: String?
    ) throws {
        #expect(try ComputeSpecification(text) == compute)
        #expect("\(compute)" == text)
        #expect(compute.mark == mark)
        let plan = RunPlan { $0.compute = compute }
        #expect((plan.digest == RunPlan().digest) == (compute == .kernel))
        // What is not computed is compared with no process that computes.
        #expect(plan.baseCases.isEmpty == (compute != .kernel))
    }

    @Test(arguments: [
        "", "None", "emulate:", "emulate:0ms", "emulate:1", "emulate:1.5ms", "emulate:-1ms",
        "emulate:1m", "emulate:101s", "emulate:99999999999999999999s", "empty",
    ])
    func `another text is refused`(_ text: String) {
        let error = #expect(throws: ExperimentError.self) { _ = try ComputeSpecification(text) }
        #expect(error?.exitCode == 64)
        #expect("\(error as Any)".contains("--compute"))
    }

    private static let changes: [(flag: String, change: @Sendable (inout RunPlan) -> Void)] = [
        ("--output", { $0.output = "o.npy" }), ("--weights", { $0.weights = "w.npy" }),
        ("--audit", { $0.audit = true }), ("--verify", { $0.verify = .full }),
        ("--threads", { $0.threads = 2 }), ("--operation", { $0.linformer = 16 }),
    ]

    @Test func `what needs outputs is refused`() throws {
        for (flag, change) in Self.changes {
            var plan = RunPlan {
                $0.compute = .emulate(nanoseconds: nil)
                $0.verify = .none
            }
            try plan.validate(availableMemoryBytes: nil)
            change(&plan)
            let error = #expect(throws: ExperimentError.self, "\(flag)") {
                try plan.validate(availableMemoryBytes: nil)
            }
            #expect(error?.exitCode == 64)
            #expect("\(error as Any)".contains(flag))
        }
    }

    @Test func `workers that compute nothing have no tensors`() {
        func bytes(_ change: (inout RunPlan) -> Void) -> Int {
            RunPlan {
                $0.compute = .none
                $0.workers = [64]
                change(&$0)
            }.memoryEstimateBytes() ?? .max
        }
        let empty = bytes { _ in }
        #expect(empty < bytes { $0.compute = .kernel } / 16)
        // What is sent needs room where it arrives.
        #expect(empty < bytes { $0.plane = .named(.inline) } / 16)
    }

    @Test(arguments: [
        (1, 1, 1), (64, 64, 1), (65, 33, 2), (128, 64, 2), (129, 43, 3), (256, 64, 4),
        (1024, 64, 16),
    ])
    func `above 64 emulated workers, several share a process`(
        workers: Int,
        processes: Int,
        most: Int
    ) throws {
        let waiting = RunPlan { $0.compute = .emulate(nanoseconds: 1) }.processes(workers: workers)
        #expect(waiting.count == processes && waiting.perProcess == most)
        #expect(waiting.ranks.flatMap(Array.init) == Array(0..<workers))
        #expect(waiting.ranks.allSatisfy { 1...most ~= $0.count })
        #expect(waiting.sharing == (most > 1 ? most : nil))
        for compute in [ComputeSpecification.kernel, .none] {
            let others = RunPlan { $0.compute = compute }.processes(workers: workers)
            #expect(others.count == workers && others.sharing == nil)
        }
        let far = RunPlan {
            $0.compute = .emulate(nanoseconds: 1)
            $0.launch = .slurm
        }
        #expect(far.processes(workers: workers).count == workers)
    }
}
