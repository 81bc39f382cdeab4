import ArgumentParser
import Measuring
import Plan
import Record

/// Summarises many comparisons; `scripts/measure-compare` runs it at its end.
struct CompareRatesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare-rates",
        abstract: "Count the alarms of many comparisons, and give bounds of their rate.",
        shouldDisplay: false
    )

    @Argument(help: "The file that 'compare --append-outcome' wrote.")
    var outcomes: String

    @Option(help: "The plan that was compared with itself.")
    var plan: String

    @Option(help: "The new file for the record.")
    var record: String

    @Option(help: "The command line to put into the record.")
    var command: String?

    func run() throws {
        let rates = try CompareRates(
            try CompareOutcome.read(outcomes),
            source: outcomes,
            plan: try RunPlan.read(plan),
            host: .measuring(),
            commandLine: command.map { [$0] } ?? CommandLine.arguments
        )
        var store = try RecordStore.reserve(path: record)
        Output.print(try store.write(rates), terminator: "")
    }
}
