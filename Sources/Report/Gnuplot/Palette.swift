/// The colours of the page's plots: those of Okabe and Ito, which people with any colour vision
/// tell apart, and the page's own ink, so that a plot fits a light and a dark page.
///
/// gnuplot is given the light value, a different one for each colour; in the picture it becomes a
/// variable of the page with that value to fall back on.
///
/// Source: Okabe and Ito, Color Universal Design, 2008.
package enum Palette: String, CaseIterable, Sendable {
    case ink, faint, paper
    case blue, orange, sky, green, yellow, vermilion, purple, grey

    /// The colour for gnuplot: `#` and six hexadecimal digits.
    var marker: String {
        switch self {
        case .ink: "#1b1f23"
        case .faint: "#d9dde2"
        case .paper: "#fefefe"
        case .blue: "#0072b2"
        case .orange: "#e69f00"
        case .sky: "#56b4e9"
        case .green: "#009e73"
        case .yellow: "#f0e442"
        case .vermilion: "#d55e00"
        case .purple: "#cc79a7"
        case .grey: "#9aa0a6"
        }
    }

    /// The value on a dark page: lighter where the light value would have too little contrast.
    var dark: String {
        switch self {
        case .ink: "#e6e8ea"
        case .faint: "#383d43"
        case .paper: "#16191d"
        case .blue: "#2f8bd6"
        case .sky: "#8ccff5"
        case .green: "#1cbf91"
        case .vermilion: "#ec7a25"
        case .grey: "#7f868d"
        case .orange, .yellow, .purple: marker
        }
    }

    /// The name of the page's variable.
    package var variable: String { "--\(rawValue)" }

    /// Red, green and blue of the marker, as gnuplot writes them again.
    var components: [Int] {
        let digits = Array(marker.dropFirst())
        return stride(from: 0, to: 6, by: 2).map {
            Int(String(digits[$0...$0 + 1]), radix: 16) ?? 0
        }
    }

    package static var lightRules: String {
        allCases.map { "\($0.variable):\($0.marker)" }.joined(separator: ";")
    }

    package static var darkRules: String {
        allCases.map { "\($0.variable):\($0.dark)" }.joined(separator: ";")
    }
}
