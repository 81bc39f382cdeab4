import ArgumentParser
import Files
import Host
import Plan
import Platform

struct ScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Compare worker counts on one problem; 'headwise' without a command does this.",
        discussion: """
            Measures the same problem on every worker count and in one process, in turn, and says \
            what the workers were worth. Example:
              headwise scale --heads 8 --length 1024 --workers 1,2 --plane inline
            """
    )

    @Option(help: "Worker counts. Default: 1, 2, 4, … up to the cores of this machine.")
    var workers: String?

    @Option(
        help: """
            strong (the same problem for every worker count) or weak (every worker gets a batch of \
            --batch). Default: strong.
            """
    )
    var mode: String?

    @OptionGroup(title: "Problem") var problem: ProblemOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var report: ReportOptions

    func run() throws {
        let interruption = try Interruption()
        let host = HostDescription.current()
        let sweep =
            try workers.map { text throws(ExperimentError) in try numbers("--workers", text) }
            ?? (cluster.plan == nil ? RunPlan.sweep(coreCount: host.usableCPUCount) : nil)
        let builder = try PlanBuilder(problem: problem, cluster: cluster)
        var plan = try builder.plan(kind: .scale, workers: sweep)
        if let mode { plan.mode = try choice("--mode", mode) }
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
