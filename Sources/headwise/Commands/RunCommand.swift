import ArgumentParser
import Plan
import Platform

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure one problem on one cluster, and check its output.",
        discussion: """
            Examples:
              headwise run --workers 2 --batch 4 --heads 16 --length 2048 --mask causal
              headwise run --workers 2 --input qkv.safetensors --output o.npy
            A record contains its plan, so a run can be repeated:
              headwise run --plan results/RECORD.json
            """
    )

    @Option(
        .one(1...RunPlan.largestWorkerCount, several: "headwise scale"),
        help: "Worker processes. Default: 2."
    )
    var workers: Int?

    @OptionGroup(title: "Problem") var problem: ProblemOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var report: ReportOptions

    func run() throws {
        let interruption = try Interruption()
        let builder = try PlanBuilder(problem: problem, cluster: cluster)
        let plan = try builder.plan(kind: .run, workers: workers.map { [$0] })
        try ExperimentJob(
            plan: plan,
            file: builder.file,
            stated: builder.statedFlags,
            statedReplicates: cluster.replicates,
            output: output,
            report: report,
            injectedFaults: try cluster.faults(),
            interruption: interruption
        ).run()
    }
}
