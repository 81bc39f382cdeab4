import Attention
import Files
import Plan
import Record
import Report

/// Makes a plan from the flags, on top of the defaults or of a given plan.
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
        var plan = file?.plan ?? RunPlan()
        plan.kind = kind
        try problem.apply(to: &plan)
        try cluster.apply(to: &plan)
        if let workers { plan.workers = workers }
        return plan
    }

    /// The given flags that an input file also decides, and the given flags that generate tensors.
    ///
    /// A plan gives all flags that an input file decides.
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
}

/// The value that a flag names, or an error that lists the known values.
func choice<Value: RawRepresentable & CaseIterable>(
    _ flag: String,
    _ text: String
) throws(ExperimentError) -> Value where Value.RawValue == String {
    if let value = Value(rawValue: text) { return value }
    throw ExperimentError.unknownValue(flag, text, known: Value.allCases.map(\.rawValue))
}

/// The items of a list that a flag takes: none is empty, and none is repeated.
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
                remedy: item.isEmpty ? "remove the empty item" : "remove one of the two"
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
                "has the item “\(item)”, which is not a whole number",
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
