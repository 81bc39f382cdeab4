import ArgumentParser
import Cluster
import Experiment
import Timing
import Work

/// One side of a comparison; `compare` starts two of them.
struct TrialsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trials",
        abstract: "Run single trials of a plan on request; 'compare' starts these itself.",
        discussion: """
            Speaks headwise.trials/1: a greeting and 'ready' as lines of JSON on standard output, \
            then one answer for each request line on standard input, until that ends:
              printf '{"point": 0}\\n{"verify": true}\\n' | headwise trials --plan plan.json
            """,
        shouldDisplay: false
    )

    @Option(help: "A plan, or a record whose plan counts.")
    var plan: String

    @Option(
        .whole(3...Int32.max),
        help: ArgumentHelp("The descriptor whose end means: stop at once.", visibility: .hidden)
    )
    var lifeline: Int32?

    @Option(help: ArgumentHelp("As 'run' takes it.", visibility: .hidden))
    var injectFault: [String] = []

    func run() throws {
        do {
            try serve()
        } catch {
            let code = exitCode(of: error)
            // A parent process reads the reason as an answer and reports it in its own sentence.
            TrialsServer.sendFailure(exitCode: code, reason: "\(error)")
            if lifeline == nil { Output.error("\(error)") }
            throw ExitStatusRequest(code: code)
        }
    }

    private func serve() throws {
        guard lifeline.map({ $0 >= 3 }) ?? true else {
            throw ExperimentError(
                .usage,
                "--lifeline \(lifeline ?? 0)",
                "is out of range",
                expected: "a descriptor from 3 on",
                remedy: "let 'headwise compare' start this"
            )
        }
        let interruption =
            try lifeline.map { descriptor throws(ClusterError) in
                try Interruption(lifeline: descriptor)
            } ?? Interruption()
        let host = HostDescription.current(libzmqVersion: Cluster.libraryVersion)
        let (plan, external) = try ComparedPlan.read(plan, host: host)
        var nonFiniteCount = 0
        let session = try Session(
            plan: plan,
            inputs: try SessionInputs.make(
                plan: plan,
                external: external,
                nonFiniteCount: &nonFiniteCount
            ),
            isExternal: external != nil,
            injectedFaults: try ClusterOptions.faults(injectFault),
            interruption: interruption
        )
        var server = TrialsServer(session: session, interruption: interruption)
        try server.serve(version: Headwise.configuration.version, host: host)
    }

    private func exitCode(of error: any Error) -> Int32 {
        switch error {
        case let error as ExperimentError: error.exitCode
        case let error as ClusterError: error.exitCode
        default: EndCode.environment
        }
    }
}
