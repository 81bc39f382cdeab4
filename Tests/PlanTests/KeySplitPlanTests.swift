import Attention
import TestSupport
import Testing
import Work

@testable import Files
@testable import Plan

/// Plans whose keys are cut.
struct KeySplitPlanTests {
    private static func plan(_ change: (inout RunPlan) -> Void = { _ in }) -> RunPlan {
        RunPlan {
            $0.batch = 1
            $0.heads = 8
            $0.keyValueHeads = 2
            $0.length = 4
            $0.keyLength = 8192
            $0.split = .keys
            $0.workers = [2]
            change(&$0)
        }
    }

    private static func memory(_ plan: RunPlan) throws -> Int {
        try #require(plan.memoryEstimateBytes())
    }

    /// 8 slices × 4 spans × 4 rows × (2 + 64) numbers.
    private static let states = 8 * 4 * 4 * 66 * 4

    @Test(arguments: [
        (RunPlan.Outputs.shared, [2], 1), (.shared, [2, 3], 2), (.messages, [2], 5),
        (.messages, [1, 3], 10),
    ])
    func `states count where they are held`(
        outputs: RunPlan.Outputs,
        workers: [Int],
        copies: Int
    ) throws {
        var plan = Self.plan {
            $0.outputs = outputs
            $0.workers = workers
        }
        let cut = try Self.memory(plan)
        plan.split = .head
        #expect(cut - (try Self.memory(plan)) == copies * Self.states)
    }

    @Test func `auto counts them where it cuts keys`() throws {
        var plan = Self.plan { $0.split = .auto }
        let few = try Self.memory(plan)
        plan.split = .head
        #expect(few == (try Self.memory(plan)))
        plan.workers = [3]
        let known = try Self.memory(plan)
        plan.split = .auto
        #expect(try Self.memory(plan) - known == Self.states)
    }

    @Test func `states that no memory holds are refused`() throws {
        let plan = Self.plan {
            $0.length = 1 << 20
            $0.keyLength = 1 << 20
        }
        let error = #expect(throws: ExperimentError.self) {
            try plan.validate(availableMemoryBytes: 64 << 30)
        }
        #expect(error?.failure == .environment)
        var rows = plan
        rows.split = .rows
        try rows.validate(availableMemoryBytes: 64 << 30)
    }

    @Test(arguments: OperationName.allCases)
    func `only attention has keys to cut`(operation: OperationName) {
        var plan = Self.plan()
        plan.problem.change(to: operation)
        guard operation != .attention, operation != .decodeSteps else {
            #expect(throws: Never.self) { try plan.validate(availableMemoryBytes: nil) }
            return
        }
        plan.problem = RunPlan.Problem()
        plan.problem.change(to: operation)
        plan.embedding = operation.isLayer ? 64 : nil
        let error = #expect(throws: ExperimentError.self) {
            try plan.validate(availableMemoryBytes: nil)
        }
        #expect(error?.failure == .usage)
        #expect(error.map { "\($0)".contains("--split keys") } == true)
    }

    @Test func `a note tells that spans are too few`() throws {
        #expect(Self.plan().fewSpans == nil)
        // 2 groups of heads with 4 spans each.
        #expect(Self.plan { $0.workers = [2, 8] }.fewSpans == nil)
        let few = try #require(Self.plan { $0.workers = [2, 9] }.fewSpans)
        for part in ["8192", "4", "8 of", "9"] { #expect(few.contains(part), "\(few)") }
        let one = try #require(Self.plan { $0.keyLength = 2048 }.fewSpans)
        for part in ["2048", "1 span"] { #expect(one.contains(part), "\(one)") }
        for split in Split.allCases where split != .keys && split != .ring {
            #expect(
                Self.plan {
                    $0.split = split; $0.workers = [900]
                }.fewSpans == nil
            )
        }
    }

    // MARK: Rings

    /// 8 slices × 3 of 4 arcs × 4 rows × (2 + 64) numbers; one worker has one arc.
    @Test(arguments: [
        (RunPlan.Outputs.shared, [2], 1), (.shared, [1, 2, 3], 2), (.messages, [2], 5),
    ])
    func `what rows carry counts where it is held`(
        outputs: RunPlan.Outputs,
        workers: [Int],
        copies: Int
    ) throws {
        var plan = Self.plan {
            $0.outputs = outputs
            $0.workers = workers
            $0.split = .ring
        }
        let ring = try Self.memory(plan)
        plan.split = .head
        #expect(ring - (try Self.memory(plan)) == copies * Self.states * 3 / 4)
    }

    @Test(arguments: OperationName.allCases)
    func `only attention has keys that rows visit`(operation: OperationName) {
        var plan = Self.plan { $0.split = .ring }
        plan.problem.change(to: operation)
        guard operation != .attention else {
            #expect(throws: Never.self) { try plan.validate(availableMemoryBytes: nil) }
            return
        }
        if operation != .decodeSteps { plan.problem = RunPlan.Problem() }
        plan.problem.change(to: operation)
        plan.embedding = operation.isLayer ? 64 : nil
        let error = #expect(throws: ExperimentError.self) {
            try plan.validate(availableMemoryBytes: nil)
        }
        #expect(error?.failure == .usage)
        #expect(error.map { "\($0)".contains("--split ring") } == true)
    }

    @Test func `rows visit no keys that are projected first`() {
        let plan = Self.plan {
            $0.split = .ring
            $0.linformer = 16
        }
        expectRefusal(.usage, naming: ["--split ring", "--linformer"]) {
            try plan.validate(availableMemoryBytes: nil)
        }
    }

    @Test(arguments: Schedule.allCases)
    func `a ring says who computes what`(schedule: Schedule) {
        let plan = Self.plan {
            $0.split = .ring
            $0.schedule = schedule
        }
        guard schedule != .dynamic, schedule != .fixed else {
            #expect(throws: Never.self) { try plan.validate(availableMemoryBytes: nil) }
            return
        }
        let error = #expect(throws: ExperimentError.self) {
            try plan.validate(availableMemoryBytes: nil)
        }
        #expect(error?.failure == .usage)
        #expect(error.map { "\($0)".contains("--schedule \(schedule.rawValue)") } == true)
    }

    @Test func `sizes that no machine has are refused in a ring, too`() {
        let plan = Self.plan {
            $0.split = .ring
            $0.length = Int.max
            $0.keyLength = Int.max
        }
        let error = #expect(throws: ExperimentError.self) {
            try plan.validate(availableMemoryBytes: 64 << 30)
        }
        #expect(error?.failure == .environment)
    }

    @Test func `a note tells that a ring leaves workers without keys`() throws {
        func note(_ keys: Int, _ workers: Int, _ mask: MaskSpecification = .none) -> String? {
            Self.plan {
                $0.split = .ring
                $0.keyLength = keys
                $0.workers = [workers]
                $0.mask = mask
            }.fewSpans
        }
        #expect(note(8192, 4) == nil)
        let few = try #require(note(8192, 5))
        for part in ["8192", "4 spans", "4 of", "5"] { #expect(few.contains(part), "\(few)") }
        let one = try #require(note(2048, 1))
        for part in ["2048", "1 span", "--split ring"] { #expect(one.contains(part), "\(one)") }
        // The few rows see the first keys only, or the last ones.
        let hidden = try #require(note(16384, 4, MaskSpecification("causal")))
        #expect(hidden.contains("1 of 4 arcs") && hidden.contains("1 of 4 workers"), "\(hidden)")
        #expect(try note(16384, 4, MaskSpecification("causal-bottom-right")) == nil)
    }
}
