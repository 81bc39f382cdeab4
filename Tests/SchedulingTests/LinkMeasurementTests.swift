import Testing
import Work

@testable import Scheduling

/// The measurement of a link that this describes, without sockets or clocks.
struct LinkMeasurementTests {
    private struct Link {
        var roundTripNanoseconds: UInt64 = 100_000
        /// Bytes per second.
        var toWorker = 1e9
        var fromWorker = 1e9
        var largestPayload = 1 << 20
        /// What the first round trips take beyond that.
        var wakingNanoseconds: UInt64 = 0

        /// Carries a measurement out until no answer is waited for; returns it and how long that took.
        ///
        /// Each way carries one message after the other, and both delay each by half a round trip.
        func measured() -> (measurement: LinkMeasurement, elapsed: UInt64) {
            let start: UInt64 = 7
            var now = start
            var (measurement, first) = LinkMeasurement.begun(
                largestPayload: largestPayload,
                at: now
            )
            var underWay: [(probe: LinkMeasurement.Probe, arrival: UInt64)] = []
            var (freeThere, freeBack) = (start, start)
            var sent = 0
            func send(_ probes: [LinkMeasurement.Probe]) {
                for probe in probes {
                    let waking = sent < 2 ? wakingNanoseconds : 0
                    sent += 1
                    freeThere = max(freeThere, now)
                    freeThere += UInt64(Double(probe.payloadBytes) / toWorker * 1e9)
                    freeBack = max(freeBack, freeThere + roundTripNanoseconds / 2 + waking)
                    freeBack += UInt64(Double(probe.answerBytes) / fromWorker * 1e9)
                    underWay.append((probe, freeBack + roundTripNanoseconds / 2))
                }
            }
            send(first)
            while measurement.isUnderWay(at: now), !underWay.isEmpty {
                let (probe, arrival) = underWay.removeFirst()
                now = arrival
                let standing = measurement.take(
                    number: probe.number,
                    byteCount: probe.answerBytes,
                    at: now
                )
                if case .expected(let next) = standing { send(next) }
            }
            return (measurement, now - start)
        }
    }

    private func isClose(_ rate: Double?, _ expected: Double) -> Bool {
        rate.map { abs($0 / expected - 1) < 0.01 } ?? false
    }

    @Test(arguments: [(2e9, 3e9), (125e6, 125e6), (12e6, 125e6), (50e9, 1e6), (1e6, 2e6)])
    func `each way has its own rate`(toWorker: Double, fromWorker: Double) throws {
        let link = Link(toWorker: toWorker, fromWorker: fromWorker)
        let (measurement, elapsed) = link.measured()
        let times = try #require(measurement.times)
        #expect(times.roundTripNanoseconds == 100_000)
        #expect(times.leastRoundTripNanoseconds == 100_000)
        #expect(isClose(times.toWorkerBytesPerSecond, toWorker), "\(times)")
        #expect(isClose(times.fromWorkerBytesPerSecond, fromWorker), "\(times)")
        #expect(elapsed < LinkMeasurement.limitNanoseconds)
    }

    @Test func `a fast link takes a few milliseconds`() {
        let (measurement, elapsed) = Link(
            roundTripNanoseconds: 50_000,
            toWorker: 4e9,
            fromWorker: 4e9
        )
        .measured()
        #expect(measurement.times?.fromWorkerBytesPerSecond != nil)
        #expect(elapsed < 6_000_000)
        let among = Link(
            roundTripNanoseconds: 50_000,
            toWorker: 4e9,
            fromWorker: 4e9,
            largestPayload: LinkMeasurement.largestPayload(workers: 512)
        ).measured()
        #expect(isClose(among.measurement.times?.toWorkerBytesPerSecond, 4e9))
        #expect(among.elapsed < elapsed / 2)
    }

    @Test func `waking is no part of a round trip`() {
        let times = Link(wakingNanoseconds: 3_000_000).measured().measurement.times
        #expect(times?.roundTripNanoseconds == 100_000)
    }

    @Test func `what a slow link does not reach in time is not known`() throws {
        let slow = try #require(
            Link(toWorker: 250e3, fromWorker: 250e3).measured().measurement.times
        )
        #expect(isClose(slow.toWorkerBytesPerSecond, 250e3))
        #expect(slow.fromWorkerBytesPerSecond == nil)
        let (far, elapsed) = Link(roundTripNanoseconds: 140_000_000).measured()
        let times = try #require(far.times)
        #expect(times.roundTripNanoseconds == 140_000_000)
        #expect(times.toWorkerBytesPerSecond == nil && times.fromWorkerBytesPerSecond == nil)
        #expect(elapsed < LinkMeasurement.limitNanoseconds + 140_000_000)
        let (farthest, first) = Link(roundTripNanoseconds: 400_000_000).measured()
        #expect(farthest.times?.roundTripNanoseconds == 400_000_000)
        #expect(first == 400_000_000)
        let silent = Link(roundTripNanoseconds: LinkMeasurement.firstLimitNanoseconds).measured()
        #expect(silent.measurement.times == nil)
    }

    @Test func `a transfer that is lost in the round trip has no rate`() throws {
        let link = Link(roundTripNanoseconds: 10_000_000, toWorker: 1e12, fromWorker: 100e6)
        let times = try #require(link.measured().measurement.times)
        #expect(times.toWorkerBytesPerSecond == nil)
        #expect(isClose(times.fromWorkerBytesPerSecond, 100e6))
    }

    @Test func `an answer that nothing asks for is told from one that is late`() {
        var (measurement, first) = LinkMeasurement.begun(largestPayload: 1 << 20, at: 0)
        #expect(first.count == 1)
        #expect(measurement.take(number: 1, byteCount: 0, at: 5) == .unasked)
        #expect(measurement.take(number: 0, byteCount: 1, at: 5) == .unasked)
        let late = LinkMeasurement.firstLimitNanoseconds
        #expect(measurement.isUnderWay(at: late - 1))
        #expect(!measurement.isUnderWay(at: late))
        #expect(measurement.take(number: 0, byteCount: 0, at: late) == .late)
        #expect(measurement.take(number: 0, byteCount: 0, at: late) == .unasked)
        #expect(measurement.times == nil)
    }

    @Test func `nothing is taken after the end`() {
        var (measurement, first) = LinkMeasurement.begun(largestPayload: 1 << 20, at: 0)
        measurement.end()
        #expect(!measurement.isUnderWay(at: 1))
        #expect(measurement.take(number: first[0].number, byteCount: 0, at: 1) == .late)
        #expect(measurement.times == nil)
    }

    /// Each answer is asked for once.
    @Test(arguments: [(50_000, 200), (100_000, 9_000), (50_000, 90_000)] as [(UInt64, UInt64)])
    func `few probes wait for an answer, and few bytes`(
        roundTrip: UInt64,
        nanosecondsPerKiB: UInt64
    ) {
        var now: UInt64 = 0
        var (measurement, waiting) = LinkMeasurement.begun(largestPayload: 1 << 20, at: now)
        var numbers: Set<Int> = []
        var (most, mostBytes) = (0, 0)
        while !waiting.isEmpty {
            let probe = waiting.removeFirst()
            most = max(most, waiting.count + 1)
            let sizes = (waiting + [probe]).map { max($0.payloadBytes, $0.answerBytes) }
            mostBytes = max(mostBytes, sizes.reduce(0, +))
            #expect(numbers.insert(probe.number).inserted)
            now +=
                roundTrip + UInt64(max(probe.payloadBytes, probe.answerBytes)) * nanosecondsPerKiB
                / 1024
            let standing = measurement.take(
                number: probe.number,
                byteCount: probe.answerBytes,
                at: now
            )
            guard case .expected(let next) = standing else { break }
            waiting += next
        }
        #expect((2...4).contains(most))
        #expect((256 << 10...2 << 20).contains(mostBytes))
        #expect(numbers.count > 20)
    }
}
