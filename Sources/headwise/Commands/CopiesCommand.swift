import ArgumentParser
import Cluster
import Host
import Measuring
import Plan
import Platform
import Record
import Statistics
import Tables
import Work

/// Measures how reliable the intervals of a sweep are; `scripts/measure-copies` runs it.
struct CopiesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copies",
        abstract: "Measure two copies of the base case and of a one-worker cluster in one sweep.",
        discussion: """
            Prints one line of JSON with the ratio of each configuration to its copy. The true \
            ratio is 1. With --summarise, it makes a record from many such lines.
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
        let host = HostDescription.current(libzmqVersion: Cluster.libraryVersion)
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
        let line = try TrialsProtocol.line(try sweep(plan, host, interruption))
        Output.print(String(decoding: line, as: UTF8.self), terminator: "")
    }

    private func sweep(
        _ plan: RunPlan,
        _ host: HostDescription,
        _ interruption: Interruption
    ) throws -> CopiesRecord.Sweep {
        let started = UTCTime.now.text
        var nonFiniteCount = 0
        let session = try Session(
            plan: plan,
            inputs: try SessionInputs.make(
                plan: plan,
                external: nil,
                nonFiniteCount: &nonFiniteCount
            ),
            isExternal: false,
            copies: 2,
            interruption: interruption
        )
        defer { session.shutDown() }
        try session.prepare { _ in }
        var schedule = SamplingSchedule(plan)
        let report = try session.sample(&schedule, progress: ProgressLine(isQuiet: true)) { _ in }
        let bases = session.baseCases.map(\.replicateSamples)
        let points = session.points.map(\.replicateSamples)
        var record = RunRecord(plan: plan, host: host, started: started, commandLine: [])
        record.baseCases = session.recordedBaseCases
        record.points = session.recordedPoints
        guard let base = MedianRatio.estimate(bases[0], over: bases[1]),
            let cluster = MedianRatio.estimate(points[0], over: points[1]),
            let efficiency = MedianRatio.estimate(bases[0], over: points[0])
        else { throw ExitStatusRequest(code: EndCode.unfinished) }
        return CopiesRecord.Sweep(
            started: started,
            neighbours: neighbours,
            base: base,
            cluster: cluster,
            efficiency: efficiency,
            rounds: report.rounds,
            isDisturbed: record.isDisturbed
        )
    }
}
