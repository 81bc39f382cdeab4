import Files
import Report

/// A file of the followed place, and what is known of it.
package struct RecordEntry: Sendable {
    package enum Content: Equatable, Sendable {
        case unknown
        /// Reserved by a run that has not written yet.
        case empty
        /// A file of another program or another kind; the list leaves it out.
        case foreign(ExperimentError)
        case record(Snapshot)
        /// A record that cannot be believed, and why.
        case refused(ExperimentError)
    }

    /// In its folder, with its ending.
    package let name: String
    /// The newest writing of the file.
    package private(set) var stamp: FileStamp
    /// What the writing `shown` held.
    package private(set) var content: Content
    private var shown: FileStamp

    package init(name: String, stamp: FileStamp) {
        self.name = name
        self.stamp = stamp
        shown = stamp
        content = stamp.byteCount == 0 ? .empty : .unknown
    }

    /// Whether its newest writing is still to be read.
    package var isUnread: Bool { content == .unknown || shown != stamp }

    /// Notes the newest writing; what the former one held stays until the new one is read.
    package mutating func note(_ newest: FileStamp) {
        guard newest != stamp else { return }
        stamp = newest
        if newest.byteCount == 0 { (content, shown) = (.empty, newest) }
    }

    package mutating func read(from path: String) {
        shown = stamp
        do throws(ExperimentError) {
            content = .record(Snapshot(try StoredRecord.read(path).record, name: name))
        } catch {
            content = Self.isRecord(path) ? .refused(error) : .foreign(error)
        }
    }

    /// Whether the file says that it is a record of headwise.
    private static func isRecord(_ path: String) -> Bool {
        // A file without a schema is none, for whatever reason.
        guard let schema = try? JSONFile(reading: path, noun: "record").schema else { return false }
        return StoredRecord.schemas.contains(schema)
    }

    package var isForeign: Bool { if case .foreign = content { true } else { false } }

    /// What the page shows of it.
    package var snapshot: Snapshot {
        var snapshot: Snapshot =
            switch content {
            case .record(let snapshot): snapshot
            case .refused(let error), .foreign(let error): .refused(name: name, error)
            case .unknown, .empty:
                .waiting(
                    name: name,
                    "A run has reserved this record and has not finished a round yet."
                )
            }
        snapshot.file = name
        snapshot.writtenMilliseconds = shown.writtenNanoseconds / 1_000_000
        return snapshot
    }

    /// Its line in the list of records.
    package struct Line: Encodable, Equatable, Sendable {
        package var name: String
        package var title: String
        package var state: Snapshot.State
        package var standing: String?
        package var isGood: Bool
        package var kind: String
        package var sentence: String
        package var writtenMilliseconds: Int64
    }

    /// Nil for what is no record, or is not read yet.
    package var line: Line? {
        if isForeign || content == .unknown { return nil }
        let snapshot = snapshot
        return Line(
            name: name,
            title: snapshot.name,
            state: snapshot.state,
            standing: snapshot.standing,
            isGood: snapshot.isGood,
            kind: snapshot.kind,
            sentence: snapshot.sentence,
            writtenMilliseconds: shown.writtenNanoseconds / 1_000_000
        )
    }
}
