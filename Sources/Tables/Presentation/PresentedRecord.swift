import Files
import Record

/// A record that people can read: its one presentation serves all formats.
package protocol PresentedRecord: KeptRecord {
    var presentation: Presentation { get }
    /// Every sample, or every result where there are no samples; made only when asked for, because
    /// a record may have millions.
    var samples: SampleRows { get }
    /// Whether anything was measured.
    var hasFigures: Bool { get }
}

/// What a command prints of a record.
package enum RecordFormat: String, Sendable, CaseIterable {
    case table, json, markdown, csv
}

extension PresentedRecord {
    package func text(
        as format: RecordFormat,
        style: Style = .plain
    ) throws(ExperimentError) -> String {
        switch format {
        case .table: table(style)
        case .json: try JSONText.encode(self)
        case .markdown: markdown
        case .csv: samples.csv
        }
    }

    package var hasFigures: Bool { true }

    /// Why the run did not finish, as a sentence without a full stop; nil where it finished.
    package var unfinished: String? {
        obstacle.map {
            "\(Verdict.Status.unfinished): \($0)"
                + (hasFigures ? "; the figures here were measured before" : "")
        }
    }

    /// Each reason to trust the figures less, with its remedy.
    var warningLines: [String] {
        (warnings ?? []).map { warning in
            let subject = warning.subject.map { "\($0): " } ?? ""
            return "Warning: \(subject)\(warning.sentence); \(warning.remedy)"
        }
    }
}
