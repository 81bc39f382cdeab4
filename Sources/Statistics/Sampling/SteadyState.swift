/// Decides from untimed rounds whether warming up is over.
///
/// A configuration is steady if its last rounds are like those just before. The medians of the last
/// `window` rounds and of the `window` rounds before may differ by 5 %, or by one and a half times
/// the mean step from round to round in the last window, whichever is more. So warming up does not
/// wait for a noisy machine to become quiet, but it waits for a trend to end: on a straight line
/// the windows are `window ≥ 2` steps apart, more than the tolerance. The window grows with the
/// number of rounds: one round against one below four rounds, two from four on, three from six on.
///
/// Formal tests (Kalibera and Jones, 2013, read autocorrelation plots by hand) need dozens of
/// rounds, which no sweep can afford. The warnings `coldStart` and `drift` look at the samples for
/// what this rule misses.
package enum SteadyState {
    /// The difference that is always tolerated: more than the noise of an idle machine, less than
    /// the effect of first touches of memory or of a clock that still rises.
    static let leastTolerance = 0.05
    static let stepTolerance = 1.5

    /// `rounds` are in the order they were taken; each has one time per configuration.
    package static func isReached(rounds: [[UInt64]]) -> Bool {
        guard rounds.count >= 2, let configurations = rounds.map(\.count).min() else {
            return false
        }
        return (0..<configurations).allSatisfy { configuration in
            isSteady(rounds.map { Double($0[configuration]) })
        }
    }

    private static func isSteady(_ times: [Double]) -> Bool {
        let window = min(3, times.count / 2)
        let late = Array(times.suffix(window))
        let early = Array(times.dropLast(window).suffix(window))
        let middle = ReplicateSample.median(late)
        guard middle > 0 else { return true }
        let steps = zip(late, late.dropFirst()).map { abs($1 - $0) }
        let meanStep = steps.isEmpty ? 0 : steps.reduce(0, +) / Double(steps.count)
        let tolerance = max(leastTolerance * middle, stepTolerance * meanStep)
        return abs(middle - ReplicateSample.median(early)) <= tolerance
    }
}
