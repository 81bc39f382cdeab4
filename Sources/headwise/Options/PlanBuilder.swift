import Attention
import Files
import Plan
import Record

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
    /// A plan gives all flags that an input file decides; not the lengths, if another operation is given,
    /// since rows and keys of a file mean something else to it.
    var statedFlags: Set<String> {
        let stated = Self.statedFlags(of: problem)
        guard let file else { return stated }
        let isOther = problem.operation.map { $0 != file.plan.operation.rawValue } ?? false
        let lengths: Set = isOther ? ["--length", "--key-length", "--steps"] : []
        return stated.union(RunPlan.inputFlags.subtracting(lengths))
    }

    /// The flags of the problem that were given, without a plan.
    static func statedFlags(of problem: ProblemOptions) -> Set<String> {
        let given: [(String, Bool)] = [
            ("--batch", problem.batch != nil), ("--heads", problem.heads != nil),
            ("--kv-heads", problem.kvHeads != nil), ("--length", problem.length != nil),
            ("--key-length", problem.keyLength != nil), ("--steps", problem.steps != nil),
            ("--head-dimension", problem.headDimension != nil),
            ("--key-dimension", problem.keyDimension != nil),
            ("--value-dimension", problem.valueDimension != nil),
            ("--embedding", problem.embedding != nil), ("--source", problem.source != nil),
            ("--mask", problem.mask != nil), ("--seed", problem.seed != nil),
            ("--values", problem.values != nil), ("--bias", problem.bias != nil),
        ]
        return Set(given.filter(\.1).map(\.0))
    }
}
