import ArgumentParser
import Cluster
import Experiment
import Timing

/// Summarises many comparisons; `scripts/measure-compare` runs it at its end.
struct CompareRatesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare-rates",
        abstract: "Count the alarms of many comparisons and bound their rate.",
        shouldDisplay: false
    )

    @Argument(help: "Lines that 'compare --append-outcome' wrote.")
    var outcomes: String

    @Option(help: "The plan that was compared with itself.")
    var plan: String

    @Option(help: "Where the record goes, a new file.")
    var record: String

    @Option(help: "The command to name in the record.")
    var command: String?

    func run() throws {
        let rates = try CompareRates(
            try CompareOutcome.read(outcomes),
            source: outcomes,
            plan: try RunPlan.read(plan),
            host: HostDescription.current(libzmqVersion: Cluster.libraryVersion),
            commandLine: command.map { [$0] } ?? CommandLine.arguments
        )
        var store = try RecordStore.reserve(path: record)
        Output.print(try store.write(rates), terminator: "")
    }
}
