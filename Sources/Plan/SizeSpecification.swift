import Files
import Work

/// Sizes in bytes as people write them: `0`, `4KiB`, `1.5MiB`, or `64-64MiB*4` for 64, 256, 1024, ….
package enum SizeSpecification {
    /// The largest size, 1 GiB.
    package static let largest = 1 << 30

    private static let units: [(name: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1), ("", 1),
    ]

    /// Reads a list of sizes, in ascending order and each once.
    package static func sizes(_ text: String, flag: String) throws(ExperimentError) -> [Int] {
        func refused(_ problem: String) -> ExperimentError {
            ExperimentError(
                .usage,
                "\(flag) \(text.isEmpty ? "''" : text)",
                problem,
                expected: "multiples of 4 bytes from 0 to 1GiB, joined by commas, or "
                    + "FIRST-LAST*FACTOR",
                remedy: "write for example \(flag) 0,4KiB,1MiB or \(flag) 64-64MiB*16"
            )
        }
        var sizes: Set<Int> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let found = series(item)
            guard let found, !found.isEmpty else {
                throw refused(
                    item.isEmpty ? "has an empty item" : "has “\(item)”, which is no size"
                )
            }
            if let odd = found.first(where: { !$0.isMultiple(of: 4) || $0 > largest }) {
                throw refused("has a size of \(counted(odd, "byte"))")
            }
            sizes.formUnion(found)
        }
        return sizes.sorted()
    }

    /// The sizes of an item; nil if it names none.
    private static func series(_ text: Substring) -> [Int]? {
        if let one = size(text) { return [one] }
        let parts = text.split(separator: "*", omittingEmptySubsequences: false)
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, ends.count == 2, let factor = Int(parts[1]), factor >= 2,
            let first = size(ends[0]), let last = size(ends[1]), first > 0, first <= last,
            last <= largest
        else { return nil }
        return Array(
            sequence(first: first) { size in
                let (next, overflow) = size.multipliedReportingOverflow(by: factor)
                return overflow || next > last ? nil : next
            }
        )
    }

    private static func size(_ text: Substring) -> Int? {
        for (name, bytes) in units where text.hasSuffix(name) {
            let number = text.dropLast(name.count)
            guard number.first?.isNumber == true, number.last?.isNumber == true,
                number.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
                let value = Double(number)
            else { continue }
            // 1.5MiB is a size, 0.1MiB is not: its bytes are no whole number.
            return Int(exactly: value * Double(bytes))
        }
        return nil
    }
}
