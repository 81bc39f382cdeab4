/// Numbers as a line of bars, one letter each: `▂▂▃█`.
///
/// Bars reach from the least to the greatest number. Where these are closer than a quarter of the
/// least, a full bar stands for that quarter more: noise of a few percent is no mountain.
package enum Sparkline {
    static let bars = Array("▁▂▃▄▅▆▇█")
    static let shades = Array(".:-=+*%#")

    /// For a terminal that shows UTF-8, and for one that does not; a missing number is a dot or a
    /// question mark.
    package static func cell(_ numbers: [Double?]) -> TextTable.Cell {
        guard numbers.contains(where: { $0 != nil }) else { return .absent }
        var cell = TextTable.Cell(text(numbers, bars, absent: "·"))
        cell.shaded = text(numbers, shades, absent: "?")
        return cell
    }

    private static func text(
        _ numbers: [Double?],
        _ letters: [Character],
        absent: Character
    ) -> String {
        let known = numbers.compactMap { $0 }
        guard let least = known.min(), let most = known.max() else { return "" }
        let span = max(most - least, least / 4)
        return String(
            numbers.map { number -> Character in
                guard let number else { return absent }
                guard span > 0 else { return letters[0] }
                let place = (number - least) / span * Double(letters.count - 1)
                return letters[Int(place.rounded())]
            }
        )
    }
}
