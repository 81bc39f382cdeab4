import ArgumentParser
import Files
import Host
import Plan

struct ScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Compare worker counts on one problem; 'headwise' without a command does this.",
        discussion: """
            Measures the same problem on every worker count and in one process, in turn, and says \
            how much faster the workers were. Example:
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

    @OptionGroup var experiment: ExperimentOptions

    func run() throws {
        var counts = try workers.map { text throws(ExperimentError) in
            try numbers("--workers", text)
        }
        if experiment.cluster.plan == nil, counts == nil {
            var plan = RunPlan()
            try experiment.cluster.apply(to: &plan)
            let most = Double(HostDescription.current().largestUsefulWorkerCount)
            counts = RunPlan.sweep(coreCount: Int(plan.usableCPUs(of: most)))
        }
        try experiment.run(.scale, workers: counts, mode: mode)
    }
}
