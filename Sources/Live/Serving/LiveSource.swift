import Files
import FoundationEssentials
import Synchronization

/// What the server shows: the followed place as it is now, encoded once for all browsers.
///
/// A class, since the loop that follows and the connections share it.
package final class LiveSource: Sendable {
    package let place: FollowedPlace
    let announcements = Announcements()
    private let follower: Mutex<Follower>

    package init(_ place: FollowedPlace, policy: ReadingPolicy = ReadingPolicy()) {
        self.place = place
        follower = Mutex(Follower(place, policy: policy))
    }

    /// Looks once, and announces what is new.
    package func look() {
        let (record, records) =
            follower.withLock { follower -> ([UInt8], [UInt8])? in
                guard follower.look(wallNanoseconds: Self.wallNanoseconds) || isNew else {
                    return nil
                }
                return (Self.json(follower.snapshot), Self.json(List(follower)))
            } ?? ([], [])
        guard !record.isEmpty else { return }
        announcements.announce(records, as: .records)
        announcements.announce(record, as: .record)
    }

    /// Whether nothing was announced yet.
    private var isNew: Bool { announcements.news(after: 0).bytes.isEmpty }

    /// Why the record that the user named cannot be shown; nil if it can, or is not there yet.
    package var refusal: ExperimentError? {
        guard case .record = place else { return nil }
        return follower.withLock { follower in
            switch follower.entries.first?.content {
            case .refused(let error), .foreign(let error): error
            default: nil
            }
        }
    }

    /// The snapshot of a listed record; nil for any other name.
    func snapshot(of name: String) -> [UInt8]? {
        follower.withLock { follower in
            follower.entries.first { $0.name == name && !$0.isForeign }
                .map { Self.json($0.snapshot) }
        }
    }

    /// The page that a record can have.
    enum WholePage {
        /// The file's path, and which writing of it.
        case drawable(path: String, FileStamp)
        /// Drawing takes processors that the run needs.
        case afterTheRun
        case none
    }

    func wholePage(of name: String) -> WholePage {
        follower.withLock { follower in
            guard let entry = follower.entries.first(where: { $0.name == name }),
                case .record = entry.content
            else { return .none }
            if follower.isMeasuring(wallNanoseconds: Self.wallNanoseconds) { return .afterTheRun }
            return .drawable(path: place.path(of: name), entry.stamp)
        }
    }

    private static var wallNanoseconds: Int64 { Int64(Date.now.timeIntervalSince1970 * 1e9) }

    /// The list of records, newest first.
    private struct List: Encodable {
        var place: String
        var isFolder: Bool
        var records: [RecordEntry.Line]
        /// Files that are older than these.
        var olderCount: Int

        init(_ follower: Follower) {
            place = follower.place.text
            isFolder = if case .folder = follower.place { true } else { false }
            records = follower.entries.compactMap(\.line)
            olderCount = follower.unlistedCount
        }
    }

    /// One line of JSON.
    static func json(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            preconditionFailure("a snapshot holds finite numbers only, but: \(error)")
        }
    }
}
