import ArgumentParser
import Attention
import Cluster
import Experiment
import Report
import Timing

struct HostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host",
        abstract: "What this machine is, and what is wrong with it for benchmarking.",
        discussion: """
            Measures nothing but the roofs: the multiply-add peak of one core and its read \
            bandwidth. Example:
              headwise host --format json
            """
    )

    @Option(help: "What standard output holds: table or json.")
    var format: OutputOptions.Format = .table

    func run() throws {
        let interruption = try Interruption()
        let host = HostDescription.current(libzmqVersion: Cluster.libraryVersion)
        let roofs = try KernelRoofs.measure(.best, interruption: interruption)
        switch format {
        case .json: Output.print(try JSONText.encode(HostReport(host: host, roofs: roofs)))
        case .table: Output.print(HostTable.rendered(host, roofs: roofs, style: .standardOutput))
        }
    }
}

/// What `headwise host --format json` prints.
struct HostReport: Codable {
    var schema = "headwise.host/1"
    var host: HostDescription
    var roofs: RoofMeasurement
}
