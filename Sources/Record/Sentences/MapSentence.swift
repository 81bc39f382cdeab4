#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension MapRecord {
    /// What a reader should see in the maps.
    package var sentence: String {
        switch schema {
        case .mask:
            guard let work else { return "Nothing was counted." }
            let share = Units.share(Double(work.visiblePairs), of: Double(work.pairs))
            return "The mask shows \(share) of all pairs: "
                + "\(Units.grouped(work.visiblePairs)) of \(Units.grouped(work.pairs)), "
                + "\(Units.operations(work.flops))."
        case .weights:
            let entropies = slices.compactMap(\.meanEntropyBits)
            let mean = entropies.reduce(0, +) / Double(max(1, entropies.count))
            guard !entropies.isEmpty, mean.isFinite else { return "No row sees a key." }
            let keys = Units.significant(Self.keys(bits: mean))
            return "A row attends to \(keys) keys in effect (its weights have "
                + "\(Units.significant(mean)) bits of entropy on average)."
        }
    }

    /// The keys of equal weight that have so much entropy.
    package static func keys(bits: Double) -> Double { exp2(bits) }
}
