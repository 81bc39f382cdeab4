#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where the names of a roofline's points stand: clear of each other, of the marks and of the roofs.
///
/// If one name has no place, all points have the numbers of their rows instead, so that no point is
/// without one.
struct RooflineLabels {
    let commands: [String]

    /// In pixels from the lower left corner of the area.
    private struct Box {
        var left: Double
        var bottom: Double
        var width: Double
        var height: Double

        func meets(_ other: Box) -> Bool {
            left < other.left + other.width && other.left < left + width
                && bottom < other.bottom + other.height && other.bottom < bottom + height
        }
    }

    /// What is to be drawn, in pixels.
    private struct Area {
        var width: Double
        var height: Double
        var letter: Double
        var line: Double
        var marks: [Box]
        /// Small boxes along the roofs.
        var roofs: [Box]
        var places: [(x: Double, y: Double)]
    }

    /// More names than this would be a table.
    static let mostNamed = 40
    private static let gap = 7.0

    /// `roofs` are speeds by intensity.
    init(
        points: [RooflineFigure.Point],
        roofs: [(Double) -> Double],
        x: ClosedRange<Double>,
        y: ClosedRange<Double>,
        _ format: Plot.Format
    ) {
        guard points.count <= Self.mostNamed else {
            commands = []
            return
        }
        // As gnuplot makes its margins, about.
        let width = Double(format.width) - 80
        let height = format == .wide ? 260.0 : 240
        func pixels(_ intensity: Double, _ speed: Double) -> (x: Double, y: Double) {
            (
                width * log(intensity / x.lowerBound) / log(x.upperBound / x.lowerBound),
                height * log(speed / y.lowerBound) / log(y.upperBound / y.lowerBound)
            )
        }
        let places = points.map { pixels($0.intensity, $0.gigaflopsPerSecond) }
        let steps = 200
        let lines = roofs.flatMap { roof in
            (0...steps).map { step in
                let part = Double(step) / Double(steps)
                let intensity = x.lowerBound * exp(part * log(x.upperBound / x.lowerBound))
                let place = pixels(intensity, roof(intensity))
                return Box(left: place.x - 2, bottom: place.y - 2, width: 4, height: 4)
            }
        }
        let area = Area(
            width: width,
            height: height,
            letter: 0.6 * Double(format.fontSize),
            line: Double(format.fontSize) + 2,
            marks: places.map { Box(left: $0.x - 5, bottom: $0.y - 5, width: 10, height: 10) },
            roofs: lines,
            places: places
        )
        let names = points.map(\.label)
        let numbers = points.indices.map { "\($0 + 1)" }
        let isClear = Set(names).count == names.count && names.count <= 8
        let chosen = (isClear ? Self.placed(names, area) : nil).map { (names, $0) }
        let (texts, boxes) = chosen ?? (numbers, Self.placed(numbers, area, isForced: true) ?? [])
        commands = zip(texts, zip(points, zip(places, boxes))).map { text, item in
            let (point, (place, box)) = item
            // From the mark, and in parts of the area: how large gnuplot's margins are does not matter,
            // nor how large it takes letters to be.
            let (right, up) = (
                (box.left - place.x) / area.width,
                (box.bottom + box.height / 2 - place.y) / area.height
            )
            return "set label \(quoted(text)) at first \(figure(point.intensity)),"
                + "\(figure(point.gigaflopsPerSecond)) left "
                + "offset graph \(figure((right * 10_000).rounded() / 10_000)),"
                + "\(figure((up * 10_000).rounded() / 10_000)) "
                + "textcolor rgb '\(Palette.ink.marker)'"
        }
    }

    /// A free box for each text; nil if one has none, unless it is forced.
    private static func placed(_ texts: [String], _ area: Area, isForced: Bool = false) -> [Box]? {
        var boxes: [Box] = []
        for (text, place) in zip(texts, area.places) {
            let (width, height) = (area.letter * Double(text.count), area.line)
            let candidates = [1.0, 2, 3].flatMap { ring -> [Box] in
                let gap = Self.gap * ring
                let (right, left) = (place.x + gap, place.x - gap - width)
                let (above, below) = (place.y + gap / 2, place.y - gap / 2 - height)
                let (middle, centre) = (place.y - height / 2, place.x - width / 2)
                let corners: [(x: Double, y: Double)] = [
                    (right, middle), (left, middle), (centre, above + gap / 2),
                    (centre, below - gap / 2), (right, above), (right, below), (left, above),
                    (left, below),
                ]
                return corners.map { Box(left: $0.x, bottom: $0.y, width: width, height: height) }
            }
            let free = candidates.first { box in
                box.left >= 0 && box.left + width <= area.width && box.bottom >= 0
                    && box.bottom + height <= area.height
                    && !(boxes + area.marks + area.roofs).contains { $0.meets(box) }
            }
            guard let box = free ?? (isForced ? candidates.first : nil) else { return nil }
            boxes.append(box)
        }
        return boxes
    }
}
