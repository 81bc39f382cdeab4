import Record

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The counts and means of a slice's weights, row by row.
struct SliceTally {
    let columns: Range<Int>
    private var rows = 0
    private var visiblePairs = 0
    private var hiddenRows = 0
    private var largest = 0.0
    private var entropy = 0.0
    private var hasWeights = false

    init(columns: Range<Int>) {
        self.columns = columns
    }

    /// Adds a row of weights, those of hidden keys left out.
    ///
    /// The entropy is of all of the row's weights, drawn or not, as shares of their sum: that is less
    /// than 1 where a sink takes a part. What has a negative number has no entropy.
    mutating func add(_ weights: some Sequence<(key: Int, weight: Float)>) {
        hasWeights = true
        var (count, shown, most, bits, sum) = (0, 0, 0.0, 0.0, 0.0)
        for (key, weight) in weights {
            let weight = Double(weight)
            count += 1
            shown += columns.contains(key) ? 1 : 0
            most = max(most, weight)
            sum += weight
            if weight != 0 { bits -= weight * log2(weight) }
        }
        add(visible: shown, isHidden: count == 0)
        largest += most
        entropy += sum == 0 && !bits.isNaN ? 0 : bits / sum + log2(sum)
    }

    /// Adds a row of a mask, or one whose weights are not those of what it sees.
    mutating func add(visible: Int, isHidden: Bool) {
        rows += 1
        visiblePairs += visible
        hiddenRows += isHidden ? 1 : 0
    }

    func summary(_ title: String) -> MapRecord.SliceSummary {
        let seeing = Double(rows - hiddenRows)
        func mean(_ sum: Double) -> Double? {
            hasWeights && seeing > 0 && sum.isFinite ? sum / seeing : nil
        }
        return MapRecord.SliceSummary(
            title: title,
            visiblePairs: visiblePairs,
            pairs: rows * columns.count,
            hiddenRows: hiddenRows,
            meanLargest: mean(largest),
            meanEntropyBits: mean(entropy)
        )
    }
}
