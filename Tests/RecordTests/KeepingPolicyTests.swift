import Record
import TestSupport
import Testing

/// When a growing record is written again.
struct KeepingPolicyTests {
    private static let trialNanoseconds: UInt64 = 100_000

    /// Runs `trials` trials and writes the record whenever it is due.
    ///
    /// A write takes `perTrial` nanoseconds for every trial so far, and `sync` on top. `writings`
    /// holds what each write took.
    private static func simulate(
        trials: Int,
        perTrial: UInt64,
        sync: UInt64
    ) -> (writings: [UInt64], elapsed: UInt64, longestGap: UInt64) {
        var policy = KeepingPolicy()
        var now: UInt64 = 1_000_000_000_000
        let begin = now
        var (last, longestGap) = (now, UInt64(0))
        var writings: [UInt64] = []
        for trial in 1...trials {
            now += trialNanoseconds
            guard policy.isDue(at: now) else { continue }
            longestGap = max(longestGap, now - last)
            let cost = perTrial * UInt64(trial) + sync
            policy.noteWriting(from: now, to: now + cost)
            now += cost
            last = now
            writings.append(cost)
        }
        return (writings, now - begin, longestGap)
    }

    @Test(
        arguments: [0, 50_000_000, 1_000_000_000, 30_000_000_000] as [UInt64],
        [0, 10_000, 100_000]
    )
    func `writing takes at most 5 % of the time on any disk`(
        sync: UInt64,
        perTrial: UInt64
    ) throws {
        let found = Self.simulate(trials: 80_000, perTrial: perTrial, sync: sync)
        let first = try #require(found.writings.first)
        let last = try #require(found.writings.last)
        let all = found.writings.reduce(0, +)
        // The rest before the first write and after the last is not counted.
        #expect((all - first - min(last, all - first)) * 20 <= found.elapsed)
        // A kill loses at most the rest that the last write demands, and a trial.
        let most = max(KeepingPolicy.leastRestNanoseconds, last * KeepingPolicy.restFactor)
        #expect(found.longestGap <= most + Self.trialNanoseconds)
    }

    @Test func `the cost of writing per trial hardly grows with the trials`() {
        func cost(_ trials: Int) -> Double {
            let writings = Self.simulate(trials: trials, perTrial: 10_000, sync: 0).writings
            // The record is written once more at the end.
            return Double(writings.reduce(0, +)) / Double(trials) + 10_000
        }
        #expect(cost(80_000) <= 2 * cost(10_000))
    }

    @Test func `a store makes and writes a record only when it is due`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/r.json"
        var store = try RecordStore.reserve(path: path)
        var record = try sampleRecord()
        record.verdict = nil
        record.exitCode = nil
        var (now, made) = (UInt64(0), 0)
        /// A write takes 40 ms of a clock that only this function moves.
        func keep(at time: UInt64) -> UInt64 {
            now = time
            return store.keep(clock: { now }) {
                made += 1
                now += 40_000_000
                return Optional(record)
            }
        }
        // The macro cannot take a value that is not copyable.
        var isFilled = store.isFilled
        #expect(!isFilled)
        #expect(keep(at: 0) == 40_000_000)
        #expect(try RunRecord.read(path) == record)
        isFilled = store.isFilled
        #expect(isFilled)
        record.commandLine = ["later"]
        // A second after the first was written, and not before.
        #expect(keep(at: 1_039_999_999) == 0)
        #expect(made == 1)
        #expect(try RunRecord.read(path) != record)
        #expect(keep(at: 1_040_000_000) == 40_000_000)
        #expect(made == 2)
        #expect(try RunRecord.read(path) == record)
    }

    @Test func `without a record nothing is written`() throws {
        let folder = try TemporaryFolder()
        var store = try RecordStore.reserve(path: "\(folder.path)/r.json")
        let nanoseconds = store.keep(clock: { 0 }) { nil as RunRecord? }
        let isFilled = store.isFilled
        #expect(nanoseconds == 0 && !isFilled)
    }
}
