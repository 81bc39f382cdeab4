import Record

extension Snapshot.Series {
    /// The trials that one series shows at most: about as many as a wide screen has columns for.
    static let mostTrials = 600

    init(
        name: String,
        nanoseconds: [UInt64],
        medianNanoseconds: Double,
        isReference: Bool = false
    ) {
        let shown = Self.shown(nanoseconds)
        self.init(
            name: name,
            isReference: isReference,
            count: nanoseconds.count,
            trials: shown,
            milliseconds: shown.map { rounded(Double(nanoseconds[$0]) / 1e6) },
            medianMilliseconds: medianNanoseconds / 1e6
        )
    }

    /// Which trials to show: all of them, or the fastest and the slowest of every part, so that an
    /// outlier stays.
    static func shown(_ times: [UInt64], most: Int = mostTrials) -> [Int] {
        guard times.count > most else { return Array(times.indices) }
        let parts = most / 2
        return (0..<parts).flatMap { part in
            let range = part * times.count / parts..<(part + 1) * times.count / parts
            let least = range.min { times[$0] < times[$1] } ?? range.lowerBound
            let largest = range.max { times[$0] < times[$1] } ?? range.lowerBound
            return least == largest ? [least] : [least, largest].sorted()
        }
    }
}

/// The number to four significant digits, since more would only make messages longer.
func rounded(_ value: Double) -> Double {
    guard value.isFinite, value != 0 else { return 0 }
    var factor = 1.0
    // At most 308 steps each, where a logarithm would need care at powers of ten.
    while abs(value) * factor < 1000 && factor < 1e300 { factor *= 10 }
    return factor > 1
        ? (value * factor).rounded() / factor : value.rounded()
}
