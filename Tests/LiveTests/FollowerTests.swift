import Files
import Record
import TestSupport
import Testing

@testable import Live

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What is followed of a folder or a record, and when it is read.
struct FollowerTests {
    /// A follower whose clocks the test sets.
    ///
    /// A class, since expectations take no changing value.
    private final class Watch {
        var follower: Follower
        var now: UInt64 = 1_000_000_000
        /// What a reading seems to take.
        var readingNanoseconds: UInt64 = 0

        init(_ path: String) throws {
            follower = Follower(try FollowedPlace(path))
        }

        func look() -> Bool {
            var processor: UInt64 = 0
            let cost = readingNanoseconds
            return follower.look(now: { [now] in now }, wallNanoseconds: 0) {
                defer { processor += cost }
                return processor
            }
        }

        /// Looks until there is nothing left to read.
        func settle() {
            while look() { now += 1_000_000_000_000 }
        }
    }

    @Test func `an empty folder waits, then shows a reserved record, then its run`() throws {
        let folder = try TemporaryFolder()
        let watch = try Watch(folder.path)
        #expect(!watch.look())
        #expect(watch.follower.snapshot.state == .waiting)
        #expect(watch.follower.snapshot.file == nil)
        try folder.put([], as: "a.json")
        #expect(watch.look())
        #expect(watch.follower.snapshot.state == .waiting)
        #expect(watch.follower.snapshot.file == "a.json")
        try folder.put(try sampleRun(rounds: 2), as: "a.json")
        #expect(watch.look())
        #expect(watch.follower.snapshot.state == .measuring, "\(watch.follower.snapshot.sentence)")
        #expect(watch.follower.snapshot.trials.first?.count == 2)
        #expect(!watch.look())
        try folder.put(try sampleRun(rounds: 5), as: "a.json")
        #expect(watch.look())
        #expect(watch.follower.snapshot.trials.first?.count == 5)
        try folder.put(try sampleRun(), as: "a.json")
        #expect(watch.look())
        #expect(watch.follower.snapshot.state == .finished)
    }

    @Test func `the newest record is followed, and the others are listed`() throws {
        let folder = try TemporaryFolder()
        try folder.put(try sampleRun(), as: "old.json")
        try folder.put(Array("{}".utf8), as: "other.json")
        try folder.put(Array("no JSON".utf8), as: "text.json")
        try folder.put(Array(#"{"schema":"headwise.run/1"}"#.utf8), as: "broken.json")
        try age(folder.file("old.json"), seconds: 100)
        try age(folder.file("broken.json"), seconds: 50)
        let watch = try Watch(folder.path)
        watch.settle()
        #expect(watch.follower.followed?.name == "broken.json")
        #expect(watch.follower.snapshot.state == .refused)
        let lines = watch.follower.entries.compactMap(\.line)
        #expect(lines.map(\.name) == ["broken.json", "old.json"])
        #expect(lines.map(\.state) == [.refused, .finished])
        try folder.put(try sampleRun(rounds: 1), as: "new.json")
        watch.settle()
        #expect(watch.follower.followed?.name == "new.json")
        #expect(watch.follower.entries.compactMap(\.line).count == 3)
    }

    @Test func `a link out of the folder is not listed`() throws {
        let folder = try TemporaryFolder()
        let outside = try TemporaryFolder()
        try outside.put(try sampleRun(), as: "r.json")
        try #require(symlink(outside.file("r.json"), folder.file("r.json")) == 0)
        let watch = try Watch(folder.path)
        watch.settle()
        #expect(watch.follower.entries.isEmpty)
    }

    @Test func `a record is read again only after 300 times what reading took`() throws {
        let folder = try TemporaryFolder()
        try folder.put(try sampleRun(rounds: 1), as: "r.json")
        let watch = try Watch(folder.file("r.json"))
        watch.readingNanoseconds = 50_000_000
        #expect(watch.look())
        try folder.put(try sampleRun(rounds: 2), as: "r.json")
        watch.now += 300 * 50_000_000 - 1
        #expect(!watch.look())
        #expect(watch.follower.snapshot.trials.first?.count == 1)
        watch.now += 1
        #expect(watch.look())
        #expect(watch.follower.snapshot.trials.first?.count == 2)
    }

    @Test func `a run counts as measuring until it ends or is silent for long`() throws {
        let folder = try TemporaryFolder()
        try folder.put(try sampleRun(rounds: 1), as: "r.json")
        let watch = try Watch(folder.path)
        watch.settle()
        let written = try #require(FileStamp(of: folder.file("r.json"))).writtenNanoseconds
        #expect(watch.follower.isMeasuring(wallNanoseconds: written + 1, window: 10))
        #expect(!watch.follower.isMeasuring(wallNanoseconds: written + 10, window: 10))
        try folder.put(try sampleRun(), as: "r.json")
        watch.settle()
        #expect(!watch.follower.isMeasuring(wallNanoseconds: written + 1, window: .max / 2))
    }

    @Test func `a record may come later, a folder may not`() throws {
        let folder = try TemporaryFolder()
        #expect(
            try FollowedPlace(folder.file("later.json"))
                == .record(folder: folder.path, name: "later.json")
        )
        #expect(try FollowedPlace(nil) == .folder("results"))
        for path in ["later", "nowhere/later.json", ""] {
            expectRefusal(.environment) {
                _ = try FollowedPlace(path.isEmpty ? "" : folder.file(path))
            }
        }
    }

    /// Makes a file look older.
    private func age(_ path: String, seconds: Int) throws {
        var times = [timespec(), timespec()]
        clock_gettime(CLOCK_REALTIME, &times[0])
        times[0].tv_sec -= seconds
        times[1] = times[0]
        try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
    }
}

/// When a record is read again.
struct ReadingPolicyTests {
    @Test func `the time between two readings follows from what the first took`() {
        var policy = ReadingPolicy()
        #expect(policy.isDue(at: 0))
        policy.noteReading(processorNanoseconds: 3, end: 1000)
        #expect(!policy.isDue(at: 1899))
        #expect(policy.isDue(at: 1900))
    }

    @Test(arguments: [(UInt64.max, 0), (.max / 50, 5), (1, .max)] as [(UInt64, UInt64)])
    func `no reading overflows the clock`(_ took: UInt64, _ end: UInt64) {
        var policy = ReadingPolicy()
        policy.noteReading(processorNanoseconds: took, end: end)
        #expect(!policy.isDue(at: .max - 1))
    }
}
