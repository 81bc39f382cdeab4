import TestSupport
import Testing

@testable import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension SplitMix {
    /// From the standard normal distribution (Box and Muller, 1958).
    mutating func normal() -> Double {
        let radius = (-2 * log(Double.random(in: .leastNonzeroMagnitude..<1, using: &self)))
        return radius.squareRoot() * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
    }

    /// Skewed as times are: its median at 1, its right tail the longer.
    mutating func time(spread: Double) -> Double { exp(spread * normal()) }
}

/// Checks a rate that was seen in a simulation against what it should be.
///
/// The interval of the true rate is exact and misses once in a million, so a failure means the
/// code and not the seed.
func expectRate(
    _ events: Int,
    of runs: Int,
    atLeast: Double = 0,
    atMost: Double = 1,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let interval = ExactBinomial.interval(events: events, runs: runs, confidence: 1 - 1e-6)
    #expect(
        interval.upperBound >= atLeast && interval.lowerBound <= atMost,
        "\(events) of \(runs) is not within \(atLeast)...\(atMost)",
        sourceLocation: sourceLocation
    )
}
