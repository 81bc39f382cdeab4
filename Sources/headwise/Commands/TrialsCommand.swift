import ArgumentParser
import Files
import Host
import Measuring
import Platform
import Work

/// One side of a comparison; `compare` starts two of them.
struct TrialsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trials",
        abstract: "Run single trials of a plan on request; 'compare' starts these itself.",
        discussion: """
            The protocol is headwise.trials/1, lines of JSON: first a greeting and 'ready' on \
            standard output, then one answer for each request on standard input, until standard \
            input ends:
              printf '{"point": 0}\\n{"verify": true}\\n' | headwise trials --plan plan.json
            """,
        shouldDisplay: false
    )

    @Option(help: "A plan, or a record that contains one.")
    var plan: String

    @Option(
        .checkedLater(3...Int32.max),
        help: ArgumentHelp("Stop at once when this descriptor ends.", visibility: .hidden)
    )
    var lifeline: Int32?

    @Option(help: ArgumentHelp("As for 'run'.", visibility: .hidden))
    var injectFault: [String] = []

    func run() throws {
        do {
            try serve()
        } catch {
            let code = Output.exitCode(of: error) ?? EndCode.environment
            // A parent process reads the reason as an answer and reports it in its own sentence.
            TrialsServer.sendFailure(exitCode: code, reason: "\(error)")
            if lifeline == nil { Output.error("\(error)") }
            throw ExitStatusRequest(code: code)
        }
    }

    private func serve() throws {
        try require(
            "--lifeline",
            lifeline ?? 3,
            in: 3...Int32.max,
            remedy: "let 'headwise compare' start this process"
        )
        let interruption =
            try lifeline.map { descriptor throws(RunError) in
                try Interruption(lifeline: descriptor)
            } ?? Interruption()
        let host = HostDescription.measuring()
        var server = try TrialsServer(
            plan: plan,
            host: host,
            injectedFaults: try ClusterOptions.faults(injectFault),
            interruption: interruption
        )
        try server.serve(version: Headwise.configuration.version, host: host)
    }
}
