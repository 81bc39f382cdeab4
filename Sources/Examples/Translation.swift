import Tensors

/// Embeddings of a sentence and its translation, made so that the right alignment is known.
///
/// Encoder states are directions that hardly resemble each other, and each is its own value. A decoder
/// state is the state of the word to translate, so long that the softmax decides.
struct Translation {
    static let source = ["les", "pommes", "rouges", "sont", "sur", "la", "table", "‹end›"]
    static let target = ["the", "red", "apples", "are", "on", "the", "table", "‹end›"]
    /// The source word that each target word translates.
    static let alignment = [0, 2, 1, 3, 4, 5, 6, 7]
    static let end = "‹end›"

    private static let dimension = 32
    /// The score of a word with itself.
    private static let strength: Float = 6

    private let encoder: [[Float]]

    init() {
        var numbers = SeededNumbers(seed: 7)
        encoder = numbers.directions(Self.source.count, dimension: Self.dimension)
    }

    var firstState: [Float] { state(of: Self.alignment[0]) }

    private func state(of word: Int) -> [Float] { encoder[word].map { Self.strength * $0 } }

    /// The word that a context means, and the decoder's next state.
    ///
    /// The decoder reads the encoder state that the context resembles most. So the step after it
    /// depends on what attention returned.
    func read(_ context: ArraySlice<Float>) -> (word: String, next: [Float]) {
        let likeness = encoder.map { state in zip(state, context).reduce(0) { $0 + $1.0 * $1.1 } }
        let place = likeness[...].placeOfLargest
        let step = Self.alignment.firstIndex(of: place) ?? 0
        let next = min(step + 1, Self.alignment.count - 1)
        return (Self.target[step], state(of: Self.alignment[next]))
    }

    /// The input file of some decoder states.
    func tensors(queries: [[Float]]) -> [UInt8] {
        let states = TensorFile([1, 1, encoder.count, Self.dimension], encoder.flatMap(\.self))
        let decoder = TensorFile([1, 1, queries.count, Self.dimension], queries.flatMap(\.self))
        return TensorFile.bundle([("q", decoder), ("k", states), ("v", states)])
    }
}
