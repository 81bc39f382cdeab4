import Host
import Statistics
import Tables

/// Parts that sections share: the machine of a record, its warnings, its run.
enum HostPart {
    static func part(_ host: HostDescription) -> Section.Part {
        Section.Part(heading: "Host", tables: [facts(HostTable.facts(host))])
    }

    static func warnings(_ warnings: [MeasurementWarning]?, _ host: HostDescription) -> Section.Part
    {
        Section.Part(
            heading: "Warnings",
            items: RunSection.items(warnings) + host.benchmarkingAdvice
        )
    }

    static func run(_ commandLine: [String], _ started: String, _ exitCode: Int32?) -> Section.Part
    {
        Section.Part(
            heading: "Run",
            tables: [
                facts([
                    ("command", commandLine.joined(separator: " ")),
                    ("started", started),
                    ("exit code", exitCode.map { "\($0)" } ?? "none yet"),
                ])
            ]
        )
    }

    /// Names and values, a row each.
    static func facts(_ facts: [(String, String)]) -> DataTable {
        DataTable(
            [.words("what"), .words("is")],
            rows: facts.map { [.init($0.0), .init($0.1)] },
            kind: .facts
        )
    }
}
