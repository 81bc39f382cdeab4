import Cluster
import Files
import Host
import Record

/// What a measurement leaves behind, however it ended.
package struct Measured<Record: KeptRecord> {
    /// Nil if nothing was measured.
    package var record: Record?
    /// The file of the record; nil where none is kept.
    package var path: String?
    /// What other files hold.
    package var notes: [String]
    /// The flags of files that were not written, since it ended early.
    package var unwritten: [String]
    /// Why it ended early.
    package var failure: (any Error)?

    package init(
        _ record: Record?,
        path: String? = nil,
        notes: [String] = [],
        unwritten: [String] = [],
        failure: (any Error)? = nil
    ) {
        self.record = record
        self.path = path
        self.notes = notes
        self.unwritten = unwritten
        self.failure = failure
    }
}

/// Tells what a measurement does, and how much is done, from 0 to 1, if that is known.
///
/// The text is a closure, so that it is formatted only if somebody sees it.
package typealias ProgressReport = (_ fraction: Double?, _ text: () -> String) -> Void

extension HostDescription {
    /// This machine, with the libraries that measure on it.
    package static func measuring() -> HostDescription {
        current(libzmqVersion: Cluster.libraryVersion)
    }
}
