import ArgumentParser
import Cluster
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

    @Option(
        help: """
            Worker counts. Default: 1, 2, 4, … up to the cores of this machine; with --launch, up to the \
            places of a Slurm allocation or a file of hosts.
            """
    )
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
            counts = RunPlan.sweep(coreCount: try places(plan))
        }
        try experiment.run(.scale, workers: counts, mode: mode)
    }

    /// The most workers that a sweep of this plan can have.
    private func places(_ plan: RunPlan) throws -> Int {
        let granted = Double(HostDescription.current().largestUsefulWorkerCount)
        let places = try plan.launch.places(here: Int(plan.usableCPUs(of: granted)))
        guard let places else {
            throw ExperimentError(
                .usage,
                "--launch \(plan.launch)",
                "does not say how many workers can be started",
                expected: "--workers with it"
                    + (plan.launch == .slurm
                        ? ", or an allocation, whose tasks would be counted" : ""),
                remedy: "write for example --workers 1,2,4"
            )
        }
        return min(places, RunPlan.largestWorkerCount)
    }
}
