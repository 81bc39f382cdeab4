import ArgumentParser
import Files
import Measuring
import Plan
import Platform
import Work

/// What `run` and `scale` have in common: all flags but the worker counts, and the work.
struct ExperimentOptions: ParsableArguments {
    @OptionGroup(title: "Problem") var problem: ProblemOptions
    @OptionGroup(title: "Problem") var tensorFiles: TensorFileOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var report: ReportOptions
    @OptionGroup(title: "Output") var trace: TraceOptions

    /// Measures a plan of these flags; `mode` is the text of `--mode`.
    func run(_ kind: RunPlan.Kind, workers: [Int]?, mode: String? = nil) throws {
        let interruption = try Interruption()
        let builder = try PlanBuilder(problem: problem, cluster: cluster)
        var plan = try builder.plan(kind: kind, workers: workers)
        tensorFiles.apply(to: &plan)
        if let mode { plan.mode = try choice("--mode", mode) }
        let experiment = try Experiment(
            plan,
            from: builder.file,
            stated: builder.statedFlags,
            injectedFaults: try cluster.faults(plan),
            interruption: interruption
        )
        plan = experiment.plan
        // Before any file is reserved: the second flag would find it and say "exists already".
        let newFiles = [
            ("--record", output.recordPath), ("--output", plan.output), ("--weights", plan.weights),
            ("--trace", trace.trace),
        ]
        try ReportOptions.requireDifferent(newFiles)
        let page = try report.writer(beside: newFiles)
        let traceFile = try trace.reserve()
        let files = try experiment.reserveTensorFiles()
        let store = try output.reserve(name: plan.name ?? kind.rawValue)
        if let replicates = cluster.replicates, let trials = plan.trials, trials < replicates {
            output.printing.note(
                "note: --trials \(trials) gives only \(counted(trials, "replicate")) of one trial, "
                    + "not --replicates \(replicates)"
            )
        }
        let progress = output.printing.progress
        let measured = try experiment.measure(
            into: store,
            files,
            traceFile: traceFile,
            note: { output.printing.note("note: \($0)") },
            progress: progress.report
        )
        progress.clear()
        try output.printing.finish(measured, page: page, interruption: interruption)
    }
}
