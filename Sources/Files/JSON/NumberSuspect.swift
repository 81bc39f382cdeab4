/// Finds the number that made a decoder reject sound JSON as invalid.
///
/// Foundation reports the same error for half a file, for −5 as a time and for 4.5 as a count, and
/// names no place.
enum NumberSuspect {
    /// The longest text to search: the search decodes it some twenty times, too slow for a longer
    /// one.
    static let longestText = 1 << 20

    /// The position of the first number that its key cannot have; nil when no number is the cause.
    ///
    /// Any key that can have a number can have 1. So numbers are replaced by 1, and a search finds
    /// the point from which on they must be replaced for the text to be no longer `isRefused`.
    static func range(in bytes: [UInt8], isRefused: ([UInt8]) -> Bool) -> Range<Int>? {
        guard bytes.count <= longestText else { return nil }
        let numbers = numbers(in: bytes)
        func isCured(from index: Int) -> Bool {
            var changed = bytes
            for range in numbers[index...] {
                for place in range { changed[place] = UInt8(ascii: " ") }
                changed[range.lowerBound] = UInt8(ascii: "1")
            }
            return !isRefused(changed)
        }
        guard !numbers.isEmpty, isCured(from: 0) else { return nil }
        // Replacing from `lower` on is early enough; replacing from `upper` on is too late.
        var (lower, upper) = (0, numbers.count)
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if isCured(from: middle) { lower = middle } else { upper = middle }
        }
        return numbers[lower]
    }

    private static func numbers(in bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var scan = JSONScan(bytes)
        while let value = scan.next() {
            switch bytes[value.range.lowerBound] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                ranges.append(value.range)
            default: break
            }
        }
        return ranges
    }

    /// What the key of such a number expects, as far as the number shows it.
    static func expected(insteadOf number: String) -> String {
        guard let value = Double(number), value.isFinite else { return "a number in its range" }
        if value != value.rounded() { return "a whole number" }
        return value < 0 ? "0 or more" : "a number in its range"
    }
}
