#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One timed trial, and the replicate that it belongs to.
///
/// Samples of one process are not independent: the place of its memory and its processor stay the
/// same for its whole life. So every statement about a configuration needs to know the replicate.
package struct ReplicateSample: Hashable, Sendable, Codable {
    package var nanoseconds: Double
    /// Counted from 0.
    package var replicate: Int

    package init(nanoseconds: Double, replicate: Int) {
        self.nanoseconds = nanoseconds
        self.replicate = replicate
    }
}

extension ReplicateSample {
    /// The samples of a record with their replicates; all have the same replicate if the record
    /// names none.
    package static func paired(_ samples: [UInt64], _ replicates: [Int]?) -> [ReplicateSample] {
        samples.enumerated().map { index, nanoseconds in
            ReplicateSample(
                nanoseconds: Double(nanoseconds),
                replicate: replicates.map { $0.indices.contains(index) ? $0[index] : 0 } ?? 0
            )
        }
    }

    /// The samples of each replicate, in the order of their numbers, each in its own order.
    package static func grouped(_ samples: [ReplicateSample]) -> [[Double]] {
        let groups = Dictionary(grouping: samples, by: \.replicate)
        return groups.keys.sorted().map { (groups[$0] ?? []).map(\.nanoseconds) }
    }

    /// The logarithm of each replicate's median: the input of a comparison of replicates.
    ///
    /// The error of a ratio of times is a factor. Logarithms turn the ratio into a difference whose
    /// error is equally large in both directions. A replicate without a positive time has no
    /// logarithm.
    package static func logMedians(_ samples: [ReplicateSample]) -> [Double] {
        grouped(samples).compactMap { group in
            let middle = median(group)
            return middle > 0 ? log(middle) : nil
        }
    }

    /// The middle of samples in any order; there must be one.
    static func median(_ samples: [Double]) -> Double {
        SampleSummary.quantile(0.5, ofSorted: samples.sorted())
    }
}
