import Statistics
import Work

/// Numbers for people: three significant digits, and a unit that keeps them short.
package enum Units {
    /// The unit of a column of times, so that its rows can be compared at a glance.
    package enum Time: Double, Hashable, Sendable, CaseIterable {
        case nanoseconds = 1
        case microseconds = 1e3
        case milliseconds = 1e6
        case seconds = 1e9

        package var symbol: String {
            switch self {
            case .nanoseconds: "ns"
            case .microseconds: "µs"
            case .milliseconds: "ms"
            case .seconds: "s"
            }
        }

        /// The largest unit in which three digits still leave the number at least 1.
        package static func fitting(nanoseconds: Double) -> Time {
            allCases.last { nanoseconds >= 0.9995 * $0.rawValue } ?? .nanoseconds
        }
    }

    /// `78.1 ms`.
    package static func time(_ nanoseconds: Double, in unit: Time? = nil) -> String {
        let unit = unit ?? .fitting(nanoseconds: nanoseconds)
        return significant(nanoseconds / unit.rawValue) + " " + unit.symbol
    }

    /// `0–3, 8`: runs of neighbours as ranges.
    package static func ranges(_ numbers: [Int]) -> String {
        runs(of: numbers).map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)"
        }.joined(separator: ", ")
    }

    /// `2nd`, `11th`, `21st`.
    package static func ordinal(_ number: Int) -> String {
        let ending =
            (11...13).contains(number % 100)
            ? "th" : [1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th"
        return "\(number)\(ending)"
    }

    /// `48 KiB`, `16.1 MiB`.
    package static func bytes(_ count: some BinaryInteger) -> String {
        var value = Double(count)
        var symbols = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"][...]
        while value.rounded() >= 1024, symbols.count > 1 {
            value /= 1024
            symbols.removeFirst()
        }
        let number = value == value.rounded() ? decimal(value, places: 0) : significant(value)
        return number + " " + (symbols.first ?? "B")
    }

    /// `118 MB/s`, `4.20 GB/s`, of bytes per second.
    package static func rate(_ bytesPerSecond: Double) -> String {
        bytesPerSecond < 0.9995e9
            ? "\(significant(bytesPerSecond / 1e6)) MB/s"
            : "\(significant(bytesPerSecond / 1e9)) GB/s"
    }

    /// `1.05 MFLOP`, floating-point operations.
    package static func operations(_ count: Int) -> String {
        var value = Double(count)
        var symbols = ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"][...]
        while value >= 999.5, symbols.count > 1 {
            value /= 1000
            symbols.removeFirst()
        }
        let number = count < 1000 ? "\(count)" : significant(value)
        return number + " " + (symbols.first ?? "FLOP")
    }

    /// `88 %`; below 10 with one decimal place if asked.
    package static func percent(_ fraction: Double, isFine: Bool = false) -> String {
        let value = fraction * 100
        return decimal(value, places: isFine && abs(value) < 9.95 ? 1 : 0) + " %"
    }

    /// Half the width of an interval as a part of its middle: `±1.2 %`, and `>100 %` for whatever is wider.
    package static func halfWidth(_ fraction: Double) -> String {
        fraction > 1 ? ">100 %" : "±" + percent(fraction, isFine: true)
    }

    /// A part of a count, `12 %`: 0 % and 100 % are exact.
    package static func share(_ part: Double, of whole: Double) -> String {
        guard 0 < part, part < whole else { return part > 0 ? "100 %" : "0 %" }
        let value = 100 * part / whole
        if value < 0.05 { return "<0.1 %" }
        if value >= 99.95 { return ">99.9 %" }
        return decimal(value, places: (9.95..<99.5).contains(value) ? 0 : 1) + " %"
    }

    /// `1.84 (0.83 to 3.06)`, without the bounds that are unknown.
    package static func interval(_ estimate: Estimate) -> String {
        guard let lower = estimate.lowerBound, let upper = estimate.upperBound else {
            return significant(estimate.value)
        }
        return "\(significant(estimate.value)) (\(significant(lower)) to \(significant(upper)))"
    }

    /// Three significant digits, more only before the decimal point: `1.23`, `78.1`, `1204`; from 10⁹ on
    /// `1.2e9`.
    package static func significant(_ value: Double) -> String {
        guard value.isFinite else { return nonFinite(value) }
        let magnitude = abs(value)
        if magnitude >= 1e9 { return scientific(value) }
        // The thresholds are the values where rounding carries into the next digit.
        let places = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0
        return decimal(value, places: places)
    }

    /// The same, but also of numbers below 1: `0.0123`, and `4.5e-5` below a thousandth.
    package static func fine(_ value: Double) -> String {
        let magnitude = abs(value)
        guard value.isFinite, magnitude > 0, magnitude < 0.9995 else { return significant(value) }
        if magnitude < 0.000_999_5 { return scientific(value) }
        let places = magnitude < 0.009_995 ? 5 : magnitude < 0.099_95 ? 4 : 3
        return decimal(value, places: places)
    }

    /// A fixed number of decimal places, rounded to nearest, ties away from zero.
    package static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return nonFinite(value) }
        precondition((0...9).contains(places), "a number must have 0 to 9 decimal places")
        let factor = (0..<places).reduce(1) { product, _ in product * 10 }
        let scaled = (value * Double(factor)).rounded()
        guard abs(scaled) < 1e15 else { return "\(value)" }
        let digits = Int(abs(scaled))
        let sign = scaled < 0 ? "-" : ""
        if places == 0 { return sign + "\(digits)" }
        let fraction = String(digits % factor)
        let zeros = String(repeating: "0", count: places - fraction.count)
        return "\(sign)\(digits / factor).\(zeros)\(fraction)"
    }

    /// Two significant digits and a power of ten, `5.4e-7`: for errors and bounds.
    package static func scientific(_ value: Double) -> String {
        guard value.isFinite else { return nonFinite(value) }
        guard value != 0 else { return "0" }
        var exponent = 0
        var mantissa = abs(value)
        // At most 324 steps, where a logarithm would need care at powers of ten.
        while mantissa >= 10 { mantissa /= 10; exponent += 1 }
        while mantissa < 1 { mantissa *= 10; exponent -= 1 }
        if mantissa >= 9.95 { mantissa = 1; exponent += 1 }
        return (value < 0 ? "-" : "") + decimal(mantissa, places: 1) + "e\(exponent)"
    }

    /// `one` to `twelve`, then digits.
    package static func word(_ count: Int) -> String {
        let words = [
            "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve",
        ]
        return words.indices.contains(count) ? words[count] : "\(count)"
    }

    /// `1 worker`, `2 workers`; `1 query`, `2 queries`.
    package static func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        Work.counted(count, one, many)
    }

    /// `a`, `a and b`, `a, b and c`.
    package static func listed(_ parts: [String]) -> String {
        guard let last = parts.last, parts.count > 1 else { return parts.joined() }
        return parts.dropLast().joined(separator: ", ") + " and " + last
    }

    /// `1,234`.
    package static func grouped(_ count: Int) -> String {
        var digits = String(count)[...]
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        return ([digits] + groups).joined(separator: ",")
    }

    private static func nonFinite(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Inf" : "Inf"
    }
}
