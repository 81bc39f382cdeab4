#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What the trials of a replicate are summed up as to be compared.
///
/// One would not do. What disturbs a shared machine only ever makes a trial longer, so that the
/// fast end is what replicates agree on best: between replicates of a plan with itself on a virtual
/// machine it differed by 2.8 %, the lower quartile by 3.6 % and the median by 7 %, each of some
/// fifteen trials. But a program that stalls now and then has the fast end it had before; its mean
/// and its slow end show it, and are disturbed more.
package enum ComparedStatistic: String, Codable, Sendable, CaseIterable {
    /// The mean of the fastest third: what a trial takes where nothing gets in its way.
    case fastEnd
    /// What many trials take, divided by how many.
    case mean
    /// What nine of ten trials stay below.
    case percentile90

    /// The logarithm of the statistic of some wall times; nil without any, or where they are zero.
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
