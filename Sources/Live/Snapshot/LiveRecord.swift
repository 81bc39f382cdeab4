import Files
import Plan
import Record
import Report
import Tables
import Work

/// A kind of record that the page shows more of than its sentence.
protocol LiveRecord: DrawnRecord {
    /// Adds what this kind has: figures, trials, workers.
    func describe(_ snapshot: inout Snapshot)
    /// The result so far, while there is no verdict.
    var sentenceSoFar: String { get }
}

extension Snapshot {
    /// The page of a record in the file `name`; a kind that is no `LiveRecord` has its sentence
    /// only.
    package init(_ record: any DrawnRecord, name: String) {
        let isFinished = record.exitCode != nil
        let sentence =
            isFinished ? record.sentence : (record as? any LiveRecord)?.sentenceSoFar ?? ""
        self.init(
            state: isFinished ? .finished : .measuring,
            name: Self.title(name),
            sentence: visible(sentence)
        )
        kind = record.kind
        if isFinished {
            // What no check proves is not good, even if no figure is impossible.
            standing = record.standing(isProved: !record.isUnproved)
            isGood = standing == Verdict.Status.valid.rawValue
            reasons = record.verdict?.reasons.map { visible($0) } ?? []
        }
        host = visible(
            "\(record.host.processorModel), \(counted(record.host.usableCPUCount, "CPU"))"
        )
        command = visible(record.commandLine.joined(separator: " "))
        started = record.started
        warnings = (record.warnings ?? []).map { warning in
            let subject = warning.subject.map { "\($0): " } ?? ""
            return visible("\(subject)\(warning.sentence); \(warning.remedy)")
        }
        (record as? any LiveRecord)?.describe(&self)
    }

    /// The name without its ending.
    static func title(_ name: String) -> String {
        visible(name.hasSuffix(".json") ? String(name.dropLast(5)) : name)
    }

    /// There is no record yet, or an empty file that a run has reserved.
    package static func waiting(name: String, _ sentence: String) -> Snapshot {
        Snapshot(state: .waiting, name: title(name), sentence: visible(sentence))
    }

    package static func refused(name: String, _ error: ExperimentError) -> Snapshot {
        Snapshot(state: .refused, name: title(name), sentence: visible("\(error)"))
    }
}
