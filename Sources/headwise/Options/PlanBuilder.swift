import Attention
import Experiment

/// Makes a plan of the flags, on top of the defaults or of a plan that is read.
struct PlanBuilder {
    let problem: ProblemOptions
    let cluster: ClusterOptions
    /// What `--plan` names.
    let file: PlanFile?

    init(problem: ProblemOptions, cluster: ClusterOptions) throws(ExperimentError) {
        self.problem = problem
        self.cluster = cluster
        file = try cluster.plan.map { path throws(ExperimentError) in try PlanFile(reading: path) }
    }

    func plan(kind: RunPlan.Kind, workers: [Int]?) throws -> RunPlan {
        var plan = file?.plan ?? RunPlan(kind: kind)
        plan.kind = kind
        try applyProblem(to: &plan)
        try applyCluster(to: &plan)
        if let workers { plan.workers = workers }
        return plan
    }

    /// The given flags among those that an input file decides too, all of these with a plan; and
    /// those that generate what an input file holds.
    var statedFlags: Set<String> {
        let given: [(String, Bool)] = [
            ("--batch", problem.batch != nil), ("--heads", problem.heads != nil),
            ("--kv-heads", problem.kvHeads != nil), ("--length", problem.length != nil),
            ("--key-length", problem.keyLength != nil),
            ("--head-dimension", problem.headDimension != nil),
            ("--value-dimension", problem.valueDimension != nil),
            ("--mask", problem.mask != nil), ("--seed", problem.seed != nil),
            ("--values", problem.values != nil),
        ]
        let stated = Set(given.filter(\.1).map(\.0))
        return file == nil ? stated : stated.union(RunPlan.inputFlags)
    }

    private func applyProblem(to plan: inout RunPlan) throws {
        if let batch = problem.batch { plan.batch = batch }
        if let heads = problem.heads {
            if problem.kvHeads == nil { plan.keyValueHeads = heads }
            plan.heads = heads
        }
        if let heads = problem.kvHeads { plan.keyValueHeads = heads }
        if let length = problem.length {
            if problem.keyLength == nil { plan.keyLength = length }
            plan.length = length
        }
        if let length = problem.keyLength { plan.keyLength = length }
        if let dimension = problem.headDimension {
            if problem.valueDimension == nil { plan.valueDimension = dimension }
            plan.headDimension = dimension
        }
        if let dimension = problem.valueDimension { plan.valueDimension = dimension }
        if let mask = problem.mask { plan.mask = try MaskSpecification(mask) }
        if let rows = problem.maskedRows {
            plan.maskedRows = try choice("--masked-rows", rows)
        }
        if let scale = problem.scoreScale { plan.scoreScale = scale }
        if let cap = problem.softCap { plan.softCap = cap }
        if let alibi = problem.alibi { plan.alibi = try AlibiSpecification(alibi) }
        if let seed = problem.seed { plan.seed = seed }
        if let values = problem.values { plan.values = values }
        if let input = problem.input { plan.input = input }
        if let layout = problem.layout {
            plan.layout = try choice("--layout", layout)
            try plan.requireInputForLayout()
        }
        if let output = problem.output { plan.output = output }
        if let weights = problem.weights { plan.weights = weights }
    }

    private func applyCluster(to plan: inout RunPlan) throws {
        if let threads = cluster.threads { plan.threads = threads }
        if let split = cluster.split { plan.split = try choice("--split", split) }
        if let schedule = cluster.schedule { plan.schedule = try choice("--schedule", schedule) }
        if let plane = cluster.plane { plan.plane = try choice("--plane", plane) }
        if let transport = cluster.transport {
            plan.transport = try choice("--transport", transport)
        }
        if let outputs = cluster.outputs { plan.outputs = try choice("--outputs", outputs) }
        if let credit = cluster.credit { plan.credit = credit }
        if let trials = cluster.trials { plan.trials = trials }
        if let warmup = cluster.warmup { plan.warmup = warmup }
        if let percent = cluster.targetInterval { plan.targetInterval = percent / 100 }
        if let seconds = cluster.budget { plan.budgetSeconds = seconds }
        if let replicates = cluster.replicates { plan.replicates = replicates }
        if cluster.audit { plan.audit = true }
        if cluster.requireQuiet { plan.requireQuiet = true }
        if let isa = cluster.isa { plan.instructionSet = try choice("--isa", isa) }
        if let verify = cluster.verify { plan.verify = verify }
    }
}

/// The value a flag names, or a sentence that lists those there are.
func choice<Value: RawRepresentable & CaseIterable>(
    _ flag: String,
    _ text: String
) throws(ExperimentError) -> Value where Value.RawValue == String {
    if let value = Value(rawValue: text) { return value }
    throw ExperimentError.unknownValue(flag, text, known: Value.allCases.map(\.rawValue))
}

/// The items of a list that a flag takes: none is empty, and none is there twice.
func items(
    _ flag: String,
    _ text: String,
    separator: Character = ","
) throws(ExperimentError) -> [String] {
    var items: [String] = []
    for item in text.split(separator: separator, omittingEmptySubsequences: false) {
        guard !item.isEmpty, !items.contains(String(item)) else {
            throw ExperimentError(
                .usage,
                "\(flag) \(text)",
                item.isEmpty ? "has an empty item" : "names \(item) twice",
                expected: "different items with one “\(separator)” between them",
                remedy: item.isEmpty ? "leave out what is not needed" : "leave one of the two out"
            )
        }
        items.append(String(item))
    }
    return items
}

/// A list of different whole numbers as `--workers 1,2,4` writes it.
func numbers(_ flag: String, _ text: String) throws(ExperimentError) -> [Int] {
    var values: [Int] = []
    for item in try items(flag, text) {
        guard let value = Int(item) else {
            throw ExperimentError(
                .usage,
                "\(flag) \(text)",
                "has the item “\(item)”, which is no whole number",
                expected: "whole numbers joined by commas",
                remedy: "write for example \(flag) 1,2,4"
            )
        }
        values.append(value)
    }
    // However they are written: 01 is 1.
    _ = try items(flag, values.map(String.init).joined(separator: ","))
    return values
}
