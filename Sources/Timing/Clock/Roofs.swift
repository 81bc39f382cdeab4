/// The two roofs of one core: how fast it multiplies and how fast it reads.
package struct RoofMeasurement: Hashable, Sendable, Codable {
    /// The rate of independent fused multiply-adds, each counted as two operations.
    package var fmaGigaflopsPerSecond: Double
    /// The rate of reading memory that no cache holds.
    package var readGigabytesPerSecond: Double
    package var instructionSet: String

    package init(
        fmaGigaflopsPerSecond: Double,
        readGigabytesPerSecond: Double,
        instructionSet: String
    ) {
        self.fmaGigaflopsPerSecond = fmaGigaflopsPerSecond
        self.readGigabytesPerSecond = readGigabytesPerSecond
        self.instructionSet = instructionSet
    }
}

/// Measures roofs with probes that the caller brings: closures that do a known amount of work and
/// return it (floating-point operations, bytes).
package enum Roofs {
    /// The best of several rounds, the two probes in turn.
    ///
    /// The best, because a roof is what the core can do: whatever disturbs a round only slows it.
    package static func measure(
        instructionSet: String,
        rounds: Int = 15,
        now: () -> UInt64 = { Clock.nanoseconds },
        fma: () -> Double,
        read: () -> Double
    ) -> RoofMeasurement {
        precondition(rounds >= 1, "a roof takes at least one round")
        var best = RoofMeasurement(
            fmaGigaflopsPerSecond: 0,
            readGigabytesPerSecond: 0,
            instructionSet: instructionSet
        )
        // The first round only warms up.
        for round in 0...rounds {
            let flops = rate(now, fma)
            let bytes = rate(now, read)
            if round == 0 { continue }
            best.fmaGigaflopsPerSecond = max(best.fmaGigaflopsPerSecond, flops)
            best.readGigabytesPerSecond = max(best.readGigabytesPerSecond, bytes)
        }
        return best
    }

    /// Runs a probe and the measured body in turn, so that both meet the same clock frequency and
    /// the same neighbours, and a ratio of the two means something.
    ///
    /// One round of both comes first and is not kept.
    package static func interleaved<Failure: Error>(
        rounds: Int,
        now: () -> UInt64 = { Clock.nanoseconds },
        probe: () -> Double,
        body: () throws(Failure) -> Void
    ) throws(Failure) -> InterleavedSamples {
        precondition(rounds >= 1, "a measurement takes at least one round")
        var samples = InterleavedSamples(probeRates: [], bodyNanoseconds: [])
        for round in 0...rounds {
            let probeRate = rate(now, probe)
            let before = now()
            try body()
            let elapsed = now() - before
            if round == 0 { continue }
            samples.probeRates.append(probeRate)
            samples.bodyNanoseconds.append(elapsed)
        }
        return samples
    }

    /// Work per nanosecond: 10⁹ operations or bytes per second.
    private static func rate(_ now: () -> UInt64, _ probe: () -> Double) -> Double {
        let before = now()
        let work = probe()
        return work / Double(max(now() - before, 1))
    }
}
