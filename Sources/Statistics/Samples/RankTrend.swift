#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Tests whether numbers rise or fall over time; only their ranks count.
///
/// This is Kendall's test (1938): it compares the numbers with their positions. If several series
/// have different levels, their scores are added (Hirsch, Slack and Smith, 1982), so a step between
/// two series does not count as a trend.
struct RankTrend: Hashable, Sendable {
    /// The probability, without any trend, of a score at least as far from zero.
    ///
    /// The score is the number of rising pairs minus the number of falling pairs.
    var probability: Double

    /// The most pairs, without equal values, for which the distribution is computed exactly.
    ///
    /// Above it, the normal approximation is good enough.
    private static let mostExactPairs = 600

    /// The number of comparisons grows with the square of the longest series.
    init(_ series: [[Double]]) {
        var score = 0
        var pairs = 0
        var variance = 0.0
        var hasTies = false
        for numbers in series {
            let count = numbers.count
            for later in numbers.indices {
                for earlier in 0..<later {
                    if numbers[later] > numbers[earlier] { score += 1 }
                    if numbers[later] < numbers[earlier] { score -= 1 }
                }
            }
            pairs += count * (count - 1) / 2
            let ties = Dictionary(grouping: numbers, by: { $0 }).values.map { Double($0.count) }
            hasTies = hasTies || ties.contains { $0 > 1 }
            let size = Double(count)
            let tied = ties.reduce(0) { $0 + $1 * ($1 - 1) * (2 * $1 + 5) }
            variance += (size * (size - 1) * (2 * size + 5) - tied) / 18
        }
        if !hasTies, pairs <= Self.mostExactPairs {
            probability = Self.exactProbability(score, pairs: pairs, counts: series.map(\.count))
        } else {
            probability = variance > 0 ? erfc(Double(abs(score)) / (2 * variance).squareRoot()) : 1
        }
    }

    /// The number of falling pairs of a random order is a sum of independent uniform numbers, from
    /// 0 to k − 1 for the k-th of a series (Knuth, The Art of Computer Programming, 5.1.1).
    private static func exactProbability(_ score: Int, pairs: Int, counts: [Int]) -> Double {
        var distribution = [Double](repeating: 0, count: pairs + 1)
        distribution[0] = 1
        var reached = 0
        for size in counts.flatMap({ Array(1...max($0, 1)) }) where size > 1 {
            // A sum over a window of the last `size` entries.
            var next = [Double](repeating: 0, count: pairs + 1)
            reached += size - 1
            var window = 0.0
            for index in 0...reached {
                window += distribution[index]
                if index >= size { window -= distribution[index - size] }
                next[index] = max(window, 0) / Double(size)
            }
            distribution = next
        }
        let falling = (pairs - abs(score)) / 2
        let tail = distribution[0...falling].reduce(0, +)
        return min(1, 2 * tail)
    }
}
