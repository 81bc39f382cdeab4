/// A time as people write it: a whole number and its unit.
package enum TimeSpecification {
    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1),
    ]

    /// Reads `1ms`, `250us` or `2s`; nil if it is no time above zero.
    package static func nanoseconds(_ text: some StringProtocol) -> UInt64? {
        let digits = text.prefix { $0.isASCII && $0.isWholeNumber }
        let unit = text.dropFirst(digits.count)
        guard let number = UInt64(digits), number > 0,
            let scale = units.first(where: { $0.name == unit })?.nanoseconds
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: scale)
        return overflow ? nil : product
    }

    /// The text of a time, in the largest unit that keeps it whole.
    package static func text(_ nanoseconds: UInt64) -> String {
        let unit = units.first { nanoseconds.isMultiple(of: $0.nanoseconds) } ?? ("ns", 1)
        return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
    }
}
