import ArgumentParser
import Attention
import Files
import Host
import Measuring
import Platform
import Tables

struct HostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host",
        abstract: "Show what this machine is, and what disturbs benchmarks on it.",
        discussion: """
            Measures only the roofs: the multiply-add peak and the read bandwidth of one core. \
            Example:
              headwise host --format json
            """
    )

    @Option(help: "What to print: table or json.")
    var format: Format = .table

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    func run() throws {
        let interruption = try Interruption()
        let host = HostDescription.measuring()
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
