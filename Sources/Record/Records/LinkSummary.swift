import Files
import Statistics
import Work

/// How fast the link of one worker of a point was when it joined.
///
/// Medians over all processes that were that worker: one in each replicate, and those that replaced lost ones.
package struct LinkSummary: Codable, Equatable, Sendable {
    /// Counted from 0.
    package var worker: Int
    /// How many of its processes were measured.
    package var measurements: Int
    /// An empty message to the worker and its answer.
    package var roundTripNanoseconds: UInt64
    /// The fastest of all.
    package var leastRoundTripNanoseconds: UInt64
    /// Payload that arrives in a second, beyond the time of a round trip; absent where that was not
    /// known in the time for it, as in the next.
    package var toWorkerBytesPerSecond: Double?
    package var fromWorkerBytesPerSecond: Double?

    package init(
        worker: Int,
        measurements: Int = 1,
        roundTripNanoseconds: UInt64,
        leastRoundTripNanoseconds: UInt64,
        toWorkerBytesPerSecond: Double? = nil,
        fromWorkerBytesPerSecond: Double? = nil
    ) {
        self.worker = worker
        self.measurements = measurements
        self.roundTripNanoseconds = roundTripNanoseconds
        self.leastRoundTripNanoseconds = leastRoundTripNanoseconds
        self.toWorkerBytesPerSecond = toWorkerBytesPerSecond
        self.fromWorkerBytesPerSecond = fromWorkerBytesPerSecond
    }

    /// Nil if nothing was measured.
    package init?(worker: Int, _ times: [LinkTimes]) {
        let roundTrips = times.map { Double($0.roundTripNanoseconds) }
        guard let roundTrip = Self.median(roundTrips),
            let least = times.map(\.leastRoundTripNanoseconds).min()
        else { return nil }
        self.init(
            worker: worker,
            measurements: times.count,
            roundTripNanoseconds: UInt64(roundTrip),
            leastRoundTripNanoseconds: least,
            toWorkerBytesPerSecond: Self.median(times.compactMap(\.toWorkerBytesPerSecond)),
            fromWorkerBytesPerSecond: Self.median(times.compactMap(\.fromWorkerBytesPerSecond))
        )
    }

    /// The middle of numbers in any order; nil without any.
    static func median(_ numbers: [Double]) -> Double? {
        numbers.isEmpty ? nil : SampleSummary.quantile(0.5, ofSorted: numbers.sorted())
    }
}

extension [LinkSummary] {
    /// Those that are much slower than the others in any way: tasks wait for them.
    ///
    /// A rate is slow below half the median. A round trip is slow when even the fastest takes twice the
    /// median of the fastest; some tens of microseconds more only show which processors its threads had.
    package var slow: [LinkSummary] {
        let typical = LinkSummary.median(map { Double($0.leastRoundTripNanoseconds) }) ?? 0
        func areSlow(_ rate: KeyPath<LinkSummary, Double?>) -> (LinkSummary) -> Bool {
            let median = LinkSummary.median(compactMap { $0[keyPath: rate] })
            return { link in
                guard let median, let own = link[keyPath: rate] else { return false }
                return own < median / 2
            }
        }
        let isSlowThere = areSlow(\.toWorkerBytesPerSecond)
        let isSlowBack = areSlow(\.fromWorkerBytesPerSecond)
        return filter { link in
            let least = Double(link.leastRoundTripNanoseconds)
            return least > Swift.max(2 * typical, typical + 100_000) || isSlowThere(link)
                || isSlowBack(link)
        }
    }

    /// No memory is as fast.
    private var mostBytesPerSecond: Double { 1e15 }

    func validate(_ place: RecordPlace, workers: Int) throws(ExperimentError) {
        try place.requireEachOnce(map(\.worker), "links", "worker")
        for (index, link) in enumerated() {
            let place = place.item("links", index)
            try place.requireCount(link.worker, "worker", in: 0...Swift.max(workers - 1, 0))
            try place.requireCount(link.measurements, "measurements")
            try place.key("roundTripNanoseconds").requireDuration(link.roundTripNanoseconds)
            try place.key("leastRoundTripNanoseconds").requireDuration(
                link.leastRoundTripNanoseconds
            )
            try place.key("leastRoundTripNanoseconds").require(
                link.leastRoundTripNanoseconds <= link.roundTripNanoseconds,
                "is \(link.leastRoundTripNanoseconds) ns",
                expected: "\(link.roundTripNanoseconds) ns, the median, or less"
            )
            for (name, rate) in [
                ("toWorkerBytesPerSecond", link.toWorkerBytesPerSecond),
                ("fromWorkerBytesPerSecond", link.fromWorkerBytesPerSecond),
            ] {
                try place.requirePositive(rate, name)
                try place.key(name).require(
                    rate ?? 0 <= mostBytesPerSecond,
                    "is \(rate ?? 0)",
                    expected: "\(mostBytesPerSecond) or less"
                )
            }
        }
    }
}
