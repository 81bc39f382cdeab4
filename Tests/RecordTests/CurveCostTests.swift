import Host
import Testing
import Work

@testable import Record

struct CurveCostTests {
    private static func times(_ nanoseconds: UInt64) throws -> WireTimes {
        try #require(WireTimes([nanoseconds, nanoseconds, nanoseconds]))
    }

    private static func trip(_ link: WireLink, _ nanoseconds: UInt64) throws -> WireRoundTrip {
        let times = try times(nanoseconds)
        return WireRoundTrip(transport: link, times: times, bare: times, socket: times)
    }

    private static func transfer(
        _ link: WireLink,
        _ nanoseconds: UInt64,
        bytes: Int,
        workers: Int = 1,
        plane: PlaneName = .inline
    ) throws -> WireTransfer {
        WireTransfer(
            transport: link,
            plane: plane,
            outputs: .messages,
            workers: workers,
            credit: 2,
            payloadBytes: bytes,
            tasks: 4,
            times: try times(nanoseconds),
            bare: nil,
            socket: nil,
            copy: nil,
            checkedBytes: 4 * bytes,
            wrongBytes: 0
        )
    }

    private static func record(
        _ trips: [WireRoundTrip],
        _ transfers: [WireTransfer] = []
    ) -> WireRecord {
        var record = WireRecord(
            host: HostDescription.current(libzmqVersion: "4.3.5", commit: "abc"),
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise", "wire"]
        )
        record.roundTrips = trips
        record.transfers = transfers
        return record
    }

    @Test func `the cost is one way, of the largest payload with the fewest workers`() throws {
        let mebibyte = 1 << 20
        let record = try Self.record(
            [Self.trip(.ipc, 5000), Self.trip(.tcp, 70_000), Self.trip(.curve, 90_000)],
            [
                Self.transfer(.tcp, 1000, bytes: 4096), Self.transfer(.curve, 9000, bytes: 4096),
                Self.transfer(.tcp, 8_000_000, bytes: 2 * mebibyte),
                Self.transfer(.curve, 40_000_000, bytes: 2 * mebibyte),
                Self.transfer(.tcp, 1, bytes: 2 * mebibyte, workers: 2),
                Self.transfer(.curve, 2, bytes: 2 * mebibyte, workers: 2),
                Self.transfer(.tcp, 1, bytes: 2 * mebibyte, plane: .shared),
                Self.transfer(.curve, 7, bytes: 8 * mebibyte),
            ]
        )
        let cost = try #require(record.curveCost)
        #expect(cost.nanosecondsPerMessage == 10_000)
        // 32 ms more for four tasks of 2 MiB, there and back.
        #expect(cost.nanosecondsPerMebibyte == 2_000_000)
        #expect(cost.payloadBytes == 2 * mebibyte)
    }

    @Test func `without both links there is no cost`() throws {
        #expect(try Self.record([Self.trip(.ipc, 1), Self.trip(.tcp, 2)]).curveCost == nil)
        #expect(try Self.record([Self.trip(.curve, 2)]).curveCost == nil)
        let trips = try Self.record([Self.trip(.tcp, 4), Self.trip(.curve, 2)]).curveCost
        #expect(trips == CurveCost(nanosecondsPerMessage: -1))
    }
}
