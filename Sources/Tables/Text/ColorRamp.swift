#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The colours of heat maps: from a dark blue to a light yellow, on a straight line in OKLab.
///
/// Lightness rises evenly, so the order of values survives any colour vision and a grey print. The
/// ends are neither white nor black, so that what is hidden, which has no colour, differs from both
/// on a light and on a dark page.
///
/// Source of the colour space: Ottosson, A perceptual color space for image processing, 2020.
package enum ColorRamp {
    package struct Color: Equatable, Sendable {
        package var red: UInt8
        package var green: UInt8
        package var blue: UInt8

        /// `#102a5c`.
        package var marker: String {
            "#"
                + [red, green, blue].map { component in
                    let digits = String(component, radix: 16)
                    return digits.count == 1 ? "0" + digits : digits
                }.joined()
        }

        /// Whether black reads better on it than white.
        var isLight: Bool { lightness > 0.62 }

        var lightness: Double { ColorRamp.lab(self).0 }

        /// The nearest in lightness of the colours for a terminal that has 256, by its number.
        var terminalNumber: Int {
            let own = lightness
            func distance(_ number: Int) -> Double {
                abs(ColorRamp.terminalColor(number).lightness - own)
            }
            return ColorRamp.terminalNumbers.min { distance($0) < distance($1) } ?? 0
        }
    }

    /// Colours of a terminal from blue over grey to yellow, each lighter than the one before.
    ///
    /// The nearest of all 256 would change their hue to and fro.
    private static let terminalNumbers = [19, 24, 60, 242, 243, 102, 246, 247, 144, 186, 221]

    /// A colour of a terminal by its number from 16 to 255: a cube, then greys.
    static func terminalColor(_ number: Int) -> Color {
        let levels: [UInt8] = [0, 95, 135, 175, 215, 255]
        guard number < 232 else {
            let grey = UInt8(8 + 10 * (number - 232))
            return Color(red: grey, green: grey, blue: grey)
        }
        let place = number - 16
        return Color(
            red: levels[place / 36],
            green: levels[place / 6 % 6],
            blue: levels[place % 6]
        )
    }

    private static let low = Color(red: 0x1f, green: 0x2a, blue: 0x7c)
    private static let high = Color(red: 0xff, green: 0xe8, blue: 0x57)

    /// The colour at a fraction from 0 to 1.
    package static func color(_ fraction: Double) -> Color {
        let part = min(1, max(0, fraction))
        let (a, b) = (lab(low), lab(high))
        func mixed(_ from: Double, _ to: Double) -> Double { from + (to - from) * part }
        return color(lab: (mixed(a.0, b.0), mixed(a.1, b.1), mixed(a.2, b.2)))
    }

    private static func lab(_ color: Color) -> (Double, Double, Double) {
        func linear(_ value: UInt8) -> Double {
            let part = Double(value) / 255
            return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
        }
        let (r, g, b) = (linear(color.red), linear(color.green), linear(color.blue))
        let l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
        let m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
        let s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
        return (
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
        )
    }

    private static func color(lab: (Double, Double, Double)) -> Color {
        func cubed(_ value: Double) -> Double { value * value * value }
        let l = cubed(lab.0 + 0.3963377774 * lab.1 + 0.2158037573 * lab.2)
        let m = cubed(lab.0 - 0.1055613458 * lab.1 - 0.0638541728 * lab.2)
        let s = cubed(lab.0 - 0.0894841775 * lab.1 - 1.2914855480 * lab.2)
        func byte(_ linear: Double) -> UInt8 {
            let part = min(1, max(0, linear))
            let value = part <= 0.0031308 ? 12.92 * part : 1.055 * pow(part, 1 / 2.4) - 0.055
            return UInt8((255 * value).rounded())
        }
        return Color(
            red: byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
            green: byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
            blue: byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)
        )
    }
}
