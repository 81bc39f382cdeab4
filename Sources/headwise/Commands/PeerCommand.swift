import ArgumentParser
import Measuring
import Plan

/// The other end of a bare loop or socket; `wire` starts these itself.
struct PeerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer",
        abstract: "Send back what comes; 'wire' starts these itself.",
        shouldDisplay: false
    )

    @Option(help: "The endpoint of the bare loop; without it, standard input is a socket.")
    var connect: String?

    @Option(.whole(1...RunPlan.largestWorkerCount), help: "Sockets that connect to the endpoint.")
    var sockets = 1

    @Option(.whole(0...Int.max), help: "Nanoseconds to wait before each answer.")
    var wait = 0

    @OptionGroup var started: StartedOptions

    func run() throws {
        let processors = try started.processors(startedBy: "wire")
        let kind: WirePeer.Kind =
            connect.map {
                .messages(endpoint: $0, sockets: sockets, waitingNanoseconds: UInt64(wait))
            } ?? .bytes
        try WirePeer.serve(kind, processors: processors, parent: started.parent)
    }
}
