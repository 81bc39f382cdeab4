import Tensors

/// Features of the frames of a video, and words that describe some of them.
struct Video {
    /// Each word and the frames that show it.
    static let words: [(word: String, frames: [Int])] = [
        ("a", [0]), ("dog", [0, 1, 2, 3, 4, 5]), ("runs", [1]), ("jumps", [2]), ("catches", [3]),
        ("lands", [4]), ("rests", [5]),
    ]
    static let frameCount = 6
    static let featuresPerFrame = 10
    static let featureNames = (0..<frameCount * featuresPerFrame).map {
        "frame \($0 / featuresPerFrame)"
    }

    private static let dimension = 32
    private static let strength: Float = 8
    private static let noise: Float = 0.05

    let tensors: [UInt8]

    init() {
        var numbers = SeededNumbers(seed: 11)
        let events = numbers.directions(Self.frameCount, dimension: Self.dimension)
        let features = (0..<Self.frameCount * Self.featuresPerFrame).flatMap { feature in
            events[feature / Self.featuresPerFrame].map {
                $0 + Self.noise * Float(numbers.normal())
            }
        }
        let queries = Self.words.flatMap { word in
            (0..<Self.dimension).map { column in
                word.frames.reduce(0) { $0 + Self.strength * events[$1][column] }
                    / Float(word.frames.count)
            }
        }
        let keys = TensorFile(
            [1, 1, Self.frameCount * Self.featuresPerFrame, Self.dimension],
            features
        )
        let words = TensorFile([1, 1, Self.words.count, Self.dimension], queries)
        tensors = TensorFile.bundle([("q", words), ("k", keys), ("v", keys)])
    }

    /// The weight of each word on each frame.
    static func shares(_ weights: TensorFile) -> [[Float]] {
        weights.rows.map { row in
            (0..<frameCount).map { frame in
                row.dropFirst(frame * featuresPerFrame).prefix(featuresPerFrame).reduce(0, +)
            }
        }
    }
}
