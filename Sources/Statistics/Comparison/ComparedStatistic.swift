#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The statistic that summarises the trials of a replicate for a comparison.
///
/// One statistic is not enough. Disturbances on a shared machine only make trials longer, so
/// replicates agree best on the fast end. On a virtual machine, replicates of the same plan
/// differed by 2.8 % in the fast end, by 3.6 % in the lower quartile and by 7 % in the median, with
/// about fifteen trials each. But a program that only stalls now and then keeps its fast end. Its
/// mean and its slow end show the stalls, and are disturbed more.
package enum ComparedStatistic: String, Codable, Sendable, CaseIterable {
    /// The mean of the fastest third: the time of a trial that nothing disturbs.
    case fastEnd
    /// The mean time of all trials.
    case mean
    /// The 90th percentile: nine of ten trials are faster.
    case percentile90

    /// The logarithm of the statistic of these wall times; nil if there are none or if they are
    /// zero.
    package func logTime(_ nanoseconds: [UInt64]) -> Double? {
        guard !nanoseconds.isEmpty else { return nil }
        let time: Double
        switch self {
        case .fastEnd:
            let fastest = nanoseconds.sorted().prefix((nanoseconds.count + 2) / 3)
            time = Self.mean(fastest)
        case .mean:
            time = Self.mean(nanoseconds[...])
        case .percentile90:
            time = SampleSummary.quantile(0.9, ofSorted: nanoseconds.map { Double($0) }.sorted())
        }
        return time > 0 ? log(time) : nil
    }

    private static func mean(_ nanoseconds: ArraySlice<UInt64>) -> Double {
        nanoseconds.reduce(0) { $0 + Double($1) } / Double(nanoseconds.count)
    }
}
