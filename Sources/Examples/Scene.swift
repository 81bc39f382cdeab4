import Images
import Tensors

/// A picture of a few things, each in a colour of its own, and words for them.
///
/// A region's feature says how much of it each colour fills, and a word asks for one colour. So the
/// region that a word attends to most is known: the one with most of that colour.
struct Scene {
    static let words = ["sky", "sun", "hill", "house", "roof", "sea"]
    /// Rows and columns of regions.
    static let grids = [(2, 3), (4, 6), (8, 8)]
    static let (width, height) = (240, 160)

    private static let colors: [[UInt8]] = [
        [168, 208, 240], [250, 214, 60], [96, 160, 84], [236, 224, 208], [188, 60, 44],
        [40, 96, 160],
    ]
    private static let strength: Float = 8

    let picture: PNGPicture
    /// `[height][width]`: which of the words a pixel shows.
    private let things: [Int]

    init() {
        var things: [Int] = []
        for y in 0..<Self.height {
            for x in 0..<Self.width { things.append(Self.thing(x, y)) }
        }
        self.things = things
        picture = PNGPicture(
            width: Self.width,
            height: Self.height,
            pixels: things.flatMap { Self.colors[$0] }
        )
    }

    private static func thing(_ x: Int, _ y: Int) -> Int {
        func square(_ value: Int) -> Int { value * value }
        if (58..<102).contains(x), (74..<108).contains(y) { return 3 }
        // The roof is a triangle above the house.
        if (50..<74).contains(y), abs(x - 80) <= (y - 50) + 6 { return 4 }
        if y >= 116 { return 5 }
        if square(x - 200) + square(y - 34) < square(20) { return 1 }
        if 3 * square(x - 110) + 12 * square(y - 124) < 4 * square(90) { return 2 }
        return 0
    }

    /// How much of each region a word's thing fills, `[rows · columns][words]`.
    func shares(rows: Int, columns: Int) -> [[Float]] {
        (0..<rows * columns).map { region in
            let (row, column) = region.quotientAndRemainder(dividingBy: columns)
            let ys = row * Self.height / rows..<(row + 1) * Self.height / rows
            let xs = column * Self.width / columns..<(column + 1) * Self.width / columns
            var counts = [Float](repeating: 0, count: Self.words.count)
            for y in ys {
                for x in xs { counts[things[y * Self.width + x]] += 1 }
            }
            return counts.map { $0 / Float(ys.count * xs.count) }
        }
    }

    /// The input file for a grid of regions.
    func tensors(rows: Int, columns: Int) -> [UInt8] {
        let count = Self.words.count
        let features = TensorFile(
            [1, 1, rows * columns, count],
            shares(rows: rows, columns: columns).flatMap(\.self)
        )
        let words = (0..<count * count).map { $0 / count == $0 % count ? Self.strength : 0 }
        return TensorFile.bundle([
            ("q", TensorFile([1, 1, count, count], words)), ("k", features), ("v", features),
        ])
    }
}
