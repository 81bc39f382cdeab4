import Files
import Platform

/// Looks at the followed place from time to time, and reads what has changed as rarely as
/// `ReadingPolicy` says.
///
/// In a folder it follows the newest record. The others are read one by one, each once, since the
/// list shows how they ended.
package struct Follower: Sendable {
    /// The records that the list shows.
    package static let mostListed = 100

    package let place: FollowedPlace
    /// The newest files, newest first.
    package private(set) var entries: [RecordEntry] = []
    /// How many files are older than these.
    package private(set) var unlistedCount = 0
    private var policy: ReadingPolicy
    private var folderStamp: FileStamp?

    package init(_ place: FollowedPlace, policy: ReadingPolicy = ReadingPolicy()) {
        self.place = place
        self.policy = policy
    }

    /// The file that is followed now: the newest that is known to be a record.
    package var followed: RecordEntry? {
        entries.first { !$0.isForeign && $0.content != .unknown }
    }

    /// Looks once; returns whether the page has something new to show.
    ///
    /// `now` is the time by the monotonic clock, `wallNanoseconds` that since 1970.
    package mutating func look(
        now: () -> UInt64 = { Clock.nanoseconds },
        wallNanoseconds: Int64,
        processorNanoseconds: () -> UInt64 = { System.threadCPUNanoseconds }
    ) -> Bool {
        let before = entries.map(\.name)
        if isWorthListing(wallNanoseconds) { list() }
        var hasNews = entries.map(\.name) != before
        while policy.isDue(at: now()), let index = entries.firstIndex(where: \.isUnread) {
            let start = processorNanoseconds()
            entries[index].read(from: place.path(of: entries[index].name))
            hasNews = true
            // A file that is no record is read once only, so the next one need not wait for it.
            if entries[index].isForeign { continue }
            policy.noteReading(
                processorNanoseconds: processorNanoseconds() - start,
                end: now()
            )
            break
        }
        return hasNews
    }

    /// Whether names in the folder may have changed.
    ///
    /// Its stamp is no finer than a tick of the system's clock, so a fresh one proves nothing.
    private mutating func isWorthListing(_ wallNanoseconds: Int64) -> Bool {
        guard case .folder(let folder) = place else { return true }
        let stamp = FileStamp(ofFolder: folder)
        defer { folderStamp = stamp }
        guard let stamp, stamp == folderStamp else { return true }
        return wallNanoseconds - stamp.writtenNanoseconds < 3_000_000_000
    }

    private mutating func list() {
        let files = place.files()
        let known = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
        unlistedCount = max(files.count - Self.mostListed, 0)
        entries = files.prefix(Self.mostListed).map { name, stamp in
            var entry = known[name] ?? RecordEntry(name: name, stamp: stamp)
            entry.note(stamp)
            return entry
        }
    }

    /// The record that the page shows when none is chosen.
    package var snapshot: Snapshot {
        if let followed { return followed.snapshot }
        return switch place {
        case .record(_, let name):
            .waiting(name: name, "There is no such record yet; it is shown as soon as it is there.")
        case .folder(let folder):
            .waiting(name: folder, "There is no record yet; the first one is shown here.")
        }
    }

    /// Whether a run has written or reserved a record that is not finished, within `window` before
    /// `wallNanoseconds`.
    package func isMeasuring(
        wallNanoseconds: Int64,
        window: Int64 = 120_000_000_000
    ) -> Bool {
        entries.contains { entry in
            switch entry.content {
            case .unknown, .empty: break
            case .record(let snapshot) where snapshot.state == .measuring: break
            default: return false
            }
            return wallNanoseconds - entry.stamp.writtenNanoseconds < window
        }
    }
}
