import Host
import Record
import Statistics
import Tables

/// Parts that sections share: the warnings of a record, its machine, its run.
enum HostPart {
    static func parts(of record: some DrawnRecord) -> [Section.Part] {
        [
            warnings(of: record),
            Section.Part(heading: "How it was measured", facts: run(record)),
            part(record.host),
        ]
    }

    static func part(_ host: HostDescription) -> Section.Part {
        Section.Part(heading: "Host", facts: HostTable.facts(host))
    }

    /// Reasons to trust figures less, each with what to do.
    static func warnings(of record: some DrawnRecord) -> Section.Part {
        let items = (record.warnings ?? []).map { warning in
            let subject = warning.subject.map { "\($0): " } ?? ""
            return "\(subject)\(warning.sentence). What to do: \(warning.remedy)."
        }
        return Section.Part(
            heading: "Warnings",
            items: items + (record.isTimed ? record.host.machineAdvice : [])
        )
    }

    /// How the record came about; a plan's facts come before the exit code.
    static func run(
        _ record: some KeptRecord,
        plan: [(name: String, value: String)] = []
    ) -> [(name: String, value: String)] {
        [("command", record.commandLine.joined(separator: " ")), ("started", record.started)]
            + plan + [("exit code", record.exitCode.map { "\($0)" } ?? "none yet")]
    }
}
