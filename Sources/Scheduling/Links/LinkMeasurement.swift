import Work

/// The measurement of one worker's link: which probes are sent when, and what their answers say.
///
/// First empty round trips, one after the other. Then payloads to the worker with empty answers: they grow
/// until one takes long enough to tell, and more of that size follow, a few of them in flight, as chunks of
/// tensors are: while one is on the way, the next is read, encrypted or written. Then the same with empty
/// probes whose answers have the payload. On one machine that takes a few milliseconds; on a slow link whatever is
/// not over at the limit is not known.
///
/// Pure: what is sent and answered goes in with its time, by any clock in nanoseconds.
package struct LinkMeasurement: Sendable {
    /// A message that the worker answers at once, with a payload of `answerBytes`.
    package struct Probe: Hashable, Sendable {
        package var number: Int
        package var payloadBytes = 0
        package var answerBytes = 0
    }

    /// What an answer is.
    package enum Standing: Hashable, Sendable {
        /// These are to be sent next.
        case expected([Probe])
        /// It comes after the end.
        case late
        /// No probe asks for it.
        case unasked
    }

    /// The largest payload for a cluster of so many workers: the memory of each and the time add up, and eight are
    /// to be ready within a quarter of a second.
    package static func largestPayload(workers: Int) -> Int {
        workers > 4 ? 256 << 10 : 1 << 20
    }

    /// What takes longer in all is not waited for.
    package static let limitNanoseconds: UInt64 = 300_000_000
    /// So long the first answer may take, without which nothing is known.
    package static let firstLimitNanoseconds: UInt64 = 2_000_000_000
    package static let mostRoundTrips = 13
    /// No further round trip begins so long after the first.
    private static let roundTripsNanoseconds: UInt64 = 60_000_000
    /// Waking threads and touching memory first takes time of its own, and no such time is of the link.
    private static let untimedRoundTrips = 2
    private static let leastPayload = 64 << 10
    /// Payloads grow so much at a time.
    private static let growth = 4
    /// A payload that takes so long tells enough.
    private static let sureNanoseconds: UInt64 = 2_000_000
    /// Payloads that follow each other take no longer than that in all, and have no more bytes than so many of
    /// the largest.
    private static let streamNanoseconds: UInt64 = 40_000_000
    private static let streamPayloads = 3
    /// How many of them may be in flight, with no more bytes than that.
    private static let mostInFlight = 4
    private static let mostBytesInFlight = 2 << 20
    /// What takes less is done again, and the faster time counts: whatever else takes the processors only makes it
    /// slower.
    private static let shortNanoseconds: UInt64 = 45_000_000

    private enum Direction { case toWorker, fromWorker }

    private enum Step {
        case roundTrips
        /// Payloads of a size, one after the other, that grow.
        ///
        /// `first` is how long this size took before, if it is sent once more.
        case growing(Direction, bytes: Int, first: UInt64?)
        /// Payloads of a size that follow each other, once more or for the last time.
        case stream(Direction, bytes: Int, count: Int, isRepeated: Bool)
        case over
    }

    private var step = Step.roundTrips
    private let largestPayload: Int
    private let startNanoseconds: UInt64
    /// When the probes were sent that are not all answered yet.
    private var sentNanoseconds: UInt64
    /// The size of the answers that these wait for, by number.
    private var answers: [Int: Int] = [:]
    /// What follows these, one whenever an answer comes.
    private var unsent: [Probe] = []
    private var sentCount = 0
    private var roundTrips: [UInt64] = []
    /// Bytes per second.
    private var rates: [Direction: Double] = [:]

    private init(_ largestPayload: Int, at now: UInt64) {
        self.largestPayload = largestPayload
        startNanoseconds = now
        sentNanoseconds = now
    }

    /// A measurement that begins now, and the probes to send at once.
    package static func begun(
        largestPayload: Int,
        at now: UInt64
    ) -> (measurement: Self, first: [Probe]) {
        var measurement = Self(largestPayload, at: now)
        let first = measurement.send(1, at: now)
        return (measurement, first)
    }

    /// Whether answers are still waited for.
    package func isUnderWay(at now: UInt64) -> Bool {
        if case .over = step { return false }
        let limit = roundTrips.isEmpty ? Self.firstLimitNanoseconds : Self.limitNanoseconds
        return now < startNanoseconds + limit
    }

    /// Takes no further answer.
    package mutating func end() { step = .over }

    /// Takes the answer to a probe.
    package mutating func take(number: Int, byteCount: Int, at now: UInt64) -> Standing {
        guard answers[number] == byteCount else { return .unasked }
        answers[number] = nil
        guard isUnderWay(at: now) else { return .late }
        if let probe = unsent.popLast() { return .expected([dispatched(probe)]) }
        return .expected(answers.isEmpty ? next(after: now - sentNanoseconds, at: now) : [])
    }

    /// What is known so far; nil before the first round trip.
    package var times: LinkTimes? {
        guard let least = roundTrips.min() else { return nil }
        return LinkTimes(
            roundTripNanoseconds: roundTripNanoseconds,
            leastRoundTripNanoseconds: least,
            toWorkerBytesPerSecond: rates[.toWorker],
            fromWorkerBytesPerSecond: rates[.fromWorker]
        )
    }

    private var roundTripNanoseconds: UInt64 {
        let untimed = roundTrips.count > 2 * Self.untimedRoundTrips ? Self.untimedRoundTrips : 0
        let sorted = roundTrips.dropFirst(untimed).sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    private mutating func next(after elapsed: UInt64, at now: UInt64) -> [Probe] {
        switch step {
        case .over: return []
        case .roundTrips:
            roundTrips.append(elapsed)
            guard isUnderWay(at: now) else { return [] }
            if roundTrips.count < Self.mostRoundTrips,
                now - startNanoseconds < Self.roundTripsNanoseconds
            {
                return send(1, at: now)
            }
            return begin(.toWorker, at: now)
        case .growing(let direction, let bytes, let first):
            let elapsed = min(elapsed, first ?? elapsed)
            let own = elapsed - min(roundTripNanoseconds, elapsed)
            if own < Self.sureNanoseconds, bytes < largestPayload {
                step = .growing(direction, bytes: bytes * Self.growth, first: nil)
                return send(1, direction, bytes * Self.growth, at: now)
            }
            if first == nil, own >= Self.sureNanoseconds, elapsed < Self.shortNanoseconds {
                step = .growing(direction, bytes: bytes, first: elapsed)
                return send(1, direction, bytes, at: now)
            }
            let count = streamCount(of: bytes, taking: own)
            guard count > 1 else {
                note(direction, bytes, elapsed)
                return finish(direction, at: now)
            }
            step = .stream(direction, bytes: bytes, count: count, isRepeated: false)
            return send(count, direction, bytes, at: now)
        case .stream(let direction, let bytes, let count, let isRepeated):
            note(direction, bytes * count, elapsed)
            if isRepeated || elapsed > Self.shortNanoseconds { return finish(direction, at: now) }
            step = .stream(direction, bytes: bytes, count: count, isRepeated: true)
            return send(count, direction, bytes, at: now)
        }
    }

    /// How many payloads are to follow each other, if one takes `own` beyond a round trip.
    private func streamCount(of bytes: Int, taking own: UInt64) -> Int {
        let inFlight = Self.inFlight(of: bytes)
        let most = min(
            Int(Self.streamNanoseconds / max(own, 1)),
            Self.streamPayloads * largestPayload / bytes
        )
        // Where answers come after all in flight have arrived, those that follow would wait for them.
        let isFar = roundTripNanoseconds > UInt64(inFlight) * own / 2
        return isFar ? min(most, inFlight) : most
    }

    private static func inFlight(of bytes: Int) -> Int {
        bytes == 0 ? 1 : min(mostInFlight, mostBytesInFlight / bytes)
    }

    private mutating func begin(_ direction: Direction, at now: UInt64) -> [Probe] {
        step = .growing(direction, bytes: Self.leastPayload, first: nil)
        return send(1, direction, Self.leastPayload, at: now)
    }

    private mutating func finish(_ direction: Direction, at now: UInt64) -> [Probe] {
        if direction == .toWorker { return begin(.fromWorker, at: now) }
        step = .over
        return []
    }

    /// Notes how long payload took, a round trip included.
    private mutating func note(_ direction: Direction, _ byteCount: Int, _ elapsed: UInt64) {
        let roundTrip = roundTripNanoseconds
        // Where the round trip is most of it, the rest is as uncertain as the round trip.
        guard elapsed > roundTrip + roundTrip / 4 else { return }
        let rate = Double(byteCount) / Double(elapsed - roundTrip) * 1e9
        rates[direction] = max(rates[direction] ?? 0, rate)
    }

    private mutating func send(
        _ count: Int,
        _ direction: Direction = .toWorker,
        _ bytes: Int = 0,
        at now: UInt64
    ) -> [Probe] {
        sentNanoseconds = now
        let probes = (0..<count).map { index in
            Probe(
                number: sentCount + index,
                payloadBytes: direction == .toWorker ? bytes : 0,
                answerBytes: direction == .fromWorker ? bytes : 0
            )
        }
        sentCount += count
        let first = min(count, Self.inFlight(of: bytes))
        unsent = probes[first...].reversed()
        return probes[..<first].map { dispatched($0) }
    }

    /// The same probe, whose answer is waited for.
    private mutating func dispatched(_ probe: Probe) -> Probe {
        answers[probe.number] = probe.answerBytes
        return probe
    }
}
