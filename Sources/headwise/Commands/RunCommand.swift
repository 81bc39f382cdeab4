import ArgumentParser
import Plan

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

    @OptionGroup var experiment: ExperimentOptions

    func run() throws { try experiment.run(.run, workers: workers.map { [$0] }) }
}
