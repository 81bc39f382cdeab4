import ArgumentParser
import Files
import Platform

/// What every process takes that another command starts.
struct StartedOptions: ParsableArguments {
    @Option(help: "Processors to pin the process to, joined by commas.")
    var cpus: String?

    @Option(
        .checkedLater(1...Int32.max),
        help: ArgumentHelp("End when this process ends.", visibility: .hidden)
    )
    var parent: Int32?

    /// The processors of `--cpus`, once both flags are checked; none leaves the process where the system
    /// puts it.
    ///
    /// - Parameter starter: The command that starts the process, which a refusal names.
    /// - Returns: Their numbers, as given.
    /// - Throws: When a number is out of its range.
    func processors(startedBy starter: String) throws(ExperimentError) -> [Int] {
        let remedy = "let 'headwise \(starter)' start this process"
        try require("--parent", parent ?? 1, in: 1...Int32.max, remedy: remedy)
        guard let cpus else { return [] }
        let processors = try numbers("--cpus", cpus)
        for processor in processors {
            try require("--cpus", processor, in: 0...Affinity.largestProcessor, remedy: remedy)
        }
        return processors
    }
}
