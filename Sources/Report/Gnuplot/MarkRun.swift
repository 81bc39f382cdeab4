/// Marks of one kind, size and colour that follow each other, drawn as one path.
///
/// A picture may have thousands of marks, and gnuplot writes 90 bytes for each. A dot is a line
/// without length and with round ends; a cross is two lines.
struct MarkRun {
    private enum Kind: Substring {
        case cross = "#gpPt1"
        case dot = "#gpPt6"
    }

    private let kind: Kind
    private let scale: Double
    private let color: Substring
    private var path = ""

    /// Begins with the mark of a line of gnuplot's; nil for any other line and for other marks.
    init?(_ line: Substring) {
        guard let mark = Self.parts(line) else { return nil }
        (kind, scale, color) = (mark.kind, mark.scale, mark.color)
        append(mark.x, mark.y)
    }

    /// Takes another mark of the same kind, size and colour; false if it is none.
    mutating func take(_ line: Substring) -> Bool {
        guard let mark = Self.parts(line), mark.kind == kind, mark.scale == scale,
            mark.color == color
        else { return false }
        append(mark.x, mark.y)
        return true
    }

    /// `color` is what the page says for gnuplot's colour.
    func markup(_ color: (String) -> String) -> String {
        let width =
            switch kind {
            // Thin lines across a dot would only dim it.
            case .cross: max(0.22 * scale, scale < 3 ? 1 : 1.5)
            case .dot: 2 * scale
            }
        return "<path fill='none' stroke='\(color(String(self.color)))' "
            + "stroke-width='\(Self.text(width, digits: 100))'"
            + (kind == .dot ? " stroke-linecap='round'" : "") + " d='\(path)'/>"
    }

    private mutating func append(_ x: Double, _ y: Double) {
        switch kind {
        case .dot: path += "M\(Self.text(x)) \(Self.text(y))h0"
        case .cross:
            let size = Self.text(2 * scale)
            path +=
                "M\(Self.text(x - scale)) \(Self.text(y - scale))l\(size) \(size)"
                + "m0-\(size)l-\(size) \(size)"
        }
    }

    /// With as many decimal places as a screen shows.
    private static func text(_ value: Double, digits: Double = 10) -> String {
        let rounded = (value * digits).rounded() / digits
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    private static func parts(
        _ line: Substring
    ) -> (kind: Kind, x: Double, y: Double, scale: Double, color: Substring)? {
        let parts = line.split(separator: "'", omittingEmptySubsequences: false)
        guard parts.count == 7, parts[0] == "<use xlink:href=", parts[2] == " transform=",
            parts[4] == " color=", let kind = Kind(rawValue: parts[1])
        else { return nil }
        let numbers = parts[3].split { "(,) ".contains($0) }
        guard numbers.count == 5, numbers[0] == "translate", numbers[3] == "scale",
            let x = Double(numbers[1]), let y = Double(numbers[2]),
            let scale = Double(numbers[4]),
            [x, y, scale].allSatisfy({ abs($0) < 1e6 })
        else { return nil }
        return (kind, x, y, scale, parts[5])
    }
}
