import TestSupport
import Testing
import Wire
import Work

struct ActivityPayloadTests {
    private static let task = TaskIdentity(trial: 7, shard: 2, attempt: 3)

    private static func log(_ activities: [Activity], capacity: Int = 100) -> ActivityLog {
        var log = ActivityLog(capacity: capacity)
        for activity in activities { log.append(activity) }
        return log
    }

    @Test func `activities are read as they were written`() {
        let all = [
            Activity(.receive, from: 0, to: .max, byteCount: 1 << 40),
            Activity(.queue, of: Self.task, from: 5, to: 5),
            Activity(.compute, of: Self.task, from: 1, to: 9),
            Activity(.send, of: Self.task, from: 1 << 63, to: 1 << 63 + 1, byteCount: 1),
        ]
        let payload = Self.log(all).payload
        #expect(payload.count == 4 * 32)
        let read = ActivityLog(payload: payload.span)
        #expect(read.activities == all && read.leftOut == 0)
    }

    /// By the protocol's description, byte by byte.
    @Test func `an entry has the layout of the document`() {
        let entry = Self.log([
            Activity(.compute, of: Self.task, from: 0x0102, to: 0x0203, byteCount: 4)
        ])
        .payload
        #expect(
            entry == [
                2, 1, 0, 0, 0, 0, 0, 0, 3, 2, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0,
                3,
                0, 0, 3,
            ]
        )
    }

    @Test func `what found no room is counted on both sides`() {
        let log = Self.log(
            (0..<5).map { Activity(.send, from: $0, to: $0) },
            capacity: 3
        )
        let read = ActivityLog(payload: log.payload.span)
        #expect(read.activities.count == 3 && read.leftOut == 2)
        #expect(Self.log([]).payload.isEmpty)
    }

    @Test func `a log that is taken begins anew with the same room`() {
        var log = Self.log((0..<5).map { Activity(.send, from: $0, to: $0) }, capacity: 3)
        #expect(log.take().activities.count == 3 && log.activities.isEmpty && log.leftOut == 0)
        for moment in 0..<4 as Range<UInt64> {
            log.append(Activity(.send, from: moment, to: moment))
        }
        #expect(log.activities.count == 3 && log.leftOut == 1)
    }

    @Test func `a full payload fits into a message`() {
        let most = ActivityLog.mostInPayload - 1
        let log = Self.log(
            (0..<UInt64(most + 1)).map { Activity(.send, from: $0, to: $0) },
            capacity: most
        )
        #expect(log.payload.count == WireProtocol.maximumPayloadBytes)
    }

    @Test func `kinds that no worker has, and time that runs backwards, are left out`() {
        let bad = [
            Activity(.copy, from: 0, to: 1), Activity(.merge, from: 0, to: 1),
            Activity(.compute, from: 2, to: 1),
        ]
        var payload = Self.log(bad).payload
        // An unknown kind.
        payload += [UInt8](repeating: 0, count: 31) + [77]
        let read = ActivityLog(payload: payload.span)
        #expect(read.activities.isEmpty && read.leftOut == 4)
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `any bytes can be read`(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let count = Int.random(in: 0...500, using: &generator)
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let read = ActivityLog(payload: bytes.span)
        #expect(read.activities.count <= count / 32, "seed \(seed)")
        #expect(read.activities.allSatisfy { $0.beginNanoseconds <= $0.endNanoseconds })
    }
}
