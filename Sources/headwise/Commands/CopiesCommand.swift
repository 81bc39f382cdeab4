import ArgumentParser
import Host
import Measuring
import Plan
import Platform
import Record
import Work

/// Measures how reliable the intervals of a sweep are; `scripts/measure-copies` runs it.
struct CopiesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copies",
        abstract: "Measure two copies of the base case and of a one-worker cluster in one sweep.",
        discussion: """
            Prints one line of JSON: for each configuration, the ratio of its median time to \
            that of its copy. The true ratio is 1. With --summarise, the command makes a record \
            from many such lines.
            """,
        shouldDisplay: false
    )

    @OptionGroup(title: "Problem") var problem: ProblemOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    @Option(
        .whole(0...Int(Int32.max)),
        help: "Busy processes that run beside the sweep. This number is only recorded."
    )
    var neighbours: Int = 0

    @Option(help: "A file of lines that this command printed: make a record from them.")
    var summarise: String?

    @Option(help: "The new file for that record.")
    var record: String?

    @Option(help: "The command line to put into the record.")
    var command: String?

    func run() throws {
        let interruption = try Interruption()
        let builder = try PlanBuilder(problem: problem, cluster: cluster)
        var plan = try builder.plan(kind: .scale, workers: [1])
        let host = HostDescription.measuring()
        try plan.validate(availableMemoryBytes: host.usableMemoryBytes)
        plan = plan.withOutputRoute
        if let summarise {
            let made = CopiesRecord(
                plan: plan,
                host: host,
                commandLine: command.map { [$0] } ?? CommandLine.arguments,
                sweeps: try CopiesRecord.readSweeps(summarise)
            )
            var store = try RecordStore.reserve(path: record ?? "copies.json")
            try store.write(made)
            return
        }
        let sweep = try CopiesRecord.Sweep.measure(
            plan,
            neighbours: neighbours,
            interruption: interruption
        )
        guard let sweep else { throw ExitStatusRequest(code: EndCode.unfinished) }
        let line = try TrialsProtocol.line(sweep)
        Output.print(String(decoding: line, as: UTF8.self), terminator: "")
    }
}
