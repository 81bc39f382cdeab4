/// Finds the number that made a decoder call sound JSON invalid.
///
/// Foundation says the same of half a file, of −5 where a time belongs and of 4.5 where a count
/// does, and names no place.
enum NumberSuspect {
    /// The search decodes the text some twenty times: of a longer one that would take too long.
    static let longestText = 1 << 20

    /// Where the first number stands that its key cannot have; nil when no number is to blame.
    ///
    /// Any key that has a number can have 1. So numbers are replaced by it, and the one is sought
    /// from which on they have to be replaced for the text not to be `isRefused` any more.
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
        // From `lower` on is soon enough, from `upper` on is too late.
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

    /// What the key of such a number expects, as far as the number betrays it.
    static func expected(insteadOf number: String) -> String {
        guard let value = Double(number), value.isFinite else { return "a number in its range" }
        if value != value.rounded() { return "a whole number" }
        return value < 0 ? "0 or more" : "a number in its range"
    }
}
