import Report
import Timing

/// The machine of a record.
enum HostPart {
    static func part(_ host: HostDescription) -> Section.Part {
        Section.Part(heading: "Host", tables: [facts(HostTable.facts(host))])
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
