#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Draws of all points' speedups together, as other experiments of the same size might find them.
///
/// The intervals of a model's parameters come from these draws. All points share the base case, so
/// its error is drawn once for all. With replicates, the log medians are moved by the differences
/// between replicates. Each replicate has one normal factor for all configurations, because its
/// effect on all of them moves them together. The whole draw is widened as Student's t requires for
/// so few replicates; for a single point this gives the t interval of its ratio. A configuration
/// with a single replicate is resampled within this replicate (Efron's bootstrap).
enum SpeedupDraws {
    /// One array of log speedups per draw, in the order of the points; nil when a configuration has
    /// too few samples.
    static func make(
        base: MedianEvidence,
        points: [MedianEvidence],
        logWork: [Double],
        count: Int
    ) -> [[Double]]? {
        let all = [base] + points
        guard all.allSatisfy({ $0.standardError() != nil }) else { return nil }
        var generator = SeededGenerator(seed: 0x5CA1_AB1E)
        let numbers = Set(all.flatMap { $0.replicates.count >= 2 ? Array($0.replicates.keys) : [] })
            .sorted()
        let degrees =
            all.filter { $0.replicates.count >= 2 }.map { $0.replicates.count - 1 }.min()
        return (0..<count).map { _ in
            var factors: [Int: Double] = [:]
            for number in numbers { factors[number] = generator.normal() }
            let widening = degrees.map { studentWidening($0, &generator) } ?? 1
            let medians = all.map { evidence in
                evidence.replicates.count >= 2
                    ? moved(evidence, factors, widening)
                    : resampledMedian(evidence.logSamples, &generator)
            }
            return zip(medians.dropFirst(), logWork).map { medians[0] - $0 + $1 }
        }
    }

    /// √(ν / χ²) with ν degrees of freedom: the factor that turns a normal number into Student's t.
    private static func studentWidening(
        _ degrees: Int,
        _ generator: inout SeededGenerator
    ) -> Double {
        let square = (0..<degrees).reduce(0.0) { sum, _ in
            let number = generator.normal()
            return sum + number * number
        }
        return (Double(degrees) / square).squareRoot()
    }

    private static func moved(
        _ evidence: MedianEvidence,
        _ factors: [Int: Double],
        _ widening: Double
    ) -> Double {
        let numbers = evidence.replicates.keys.sorted()
        let center = evidence.center
        let shift = zip(numbers, evidence.orderedReplicates).reduce(0.0) { sum, pair in
            sum + (factors[pair.0] ?? 0) * (pair.1 - center)
        }
        let count = Double(numbers.count)
        return center + widening * shift / (count * (count - 1)).squareRoot()
    }

    /// The median of as many samples drawn with replacement.
    private static func resampledMedian(
        _ sorted: [Double],
        _ generator: inout SeededGenerator
    ) -> Double {
        let count = sorted.count
        if count <= 400 {
            // Only the ranks are sorted, by counting.
            var counts = [Int](repeating: 0, count: count)
            for _ in 0..<count { counts[Int.random(in: 0..<count, using: &generator)] += 1 }
            return (ranked((count - 1) / 2, counts, sorted) + ranked(count / 2, counts, sorted)) / 2
        }
        // The middle one of so many uniform numbers is normal with the variance 1 / 4(n + 2).
        let place = 0.5 + generator.normal() / (2 * Double(count + 2).squareRoot())
        return SampleSummary.quantile(min(max(place, 0), 1), ofSorted: sorted)
    }

    private static func ranked(_ rank: Int, _ counts: [Int], _ sorted: [Double]) -> Double {
        var before = 0
        for (index, count) in counts.enumerated() {
            before += count
            if before > rank { return sorted[index] }
        }
        return sorted[sorted.count - 1]
    }
}
