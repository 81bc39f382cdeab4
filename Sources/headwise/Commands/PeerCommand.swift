import ArgumentParser
import Files
import Measuring
import Plan
import Platform

/// The other end of a bare loop or socket; `wire` starts these itself.
struct PeerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer",
        abstract: "Send back what comes; 'wire' starts these itself.",
        shouldDisplay: false
    )

    @Option(help: "The endpoint of the bare loop; without it, standard input is a socket.")
    var connect: String?

    @Option(.whole(0...Int.max), help: "Nanoseconds to wait before each answer.")
    var wait = 0

    @Option(help: "Processors to pin the process to, joined by commas.")
    var cpus: String?

    @Option(
        .whole(1...Int32.max),
        help: ArgumentHelp("End when this process ends.", visibility: .hidden)
    )
    var parent: Int32?

    func run() throws {
        let processors = try cpus.map { text throws(ExperimentError) in
            try numbers("--cpus", text)
        }
        for processor in processors ?? [] {
            try require(
                "--cpus",
                processor,
                in: 0...Affinity.largestProcessor,
                remedy: "let 'headwise wire' start this process"
            )
        }
        let kind: WirePeer.Kind =
            connect.map { .messages(endpoint: $0, waitingNanoseconds: UInt64(wait)) } ?? .bytes
        try WirePeer.serve(kind, processors: processors ?? [], parent: parent)
    }
}
