import Tensors
import Testing

@testable import Examples

/// The embeddings of the examples whose right alignment is known.
struct AlignmentTests {
    @Test func `a decoder that reads right contexts says the translation`() {
        let decoder = Translation()
        var state = decoder.firstState
        var words: [String] = []
        while words.last != Translation.end, words.count < 20 {
            // The context of a softmax that decides: the encoder state that the decoder asks for.
            let (word, next) = decoder.read(state[...])
            words.append(word)
            state = next
        }
        #expect(words == Translation.target)
    }

    @Test func `a decoder that reads wrong contexts does not say the translation`() {
        let decoder = Translation()
        var numbers = SeededNumbers(seed: 3)
        let words = Translation.target.map { _ in
            decoder.read(numbers.normals([32]).elements[...]).word
        }
        #expect(words != Translation.target)
    }

    @Test(arguments: Scene.grids.indices)
    func `each word of a caption has a region of its own in a grid`(_ index: Int) {
        let (rows, columns) = Scene.grids[index]
        let shares = Scene().shares(rows: rows, columns: columns)
        #expect(shares.count == rows * columns)
        for share in shares { #expect(abs(share.reduce(0, +) - 1) < 1e-5) }
        for word in Scene.words.indices {
            let own = shares.map { $0[word] }
            #expect((own.max() ?? 0) > 0)
        }
    }

    @Test func `shares of frames are sums of ten weights`() {
        let count = Video.frameCount * Video.featuresPerFrame
        let weights = TensorFile([1, 1, 1, count], (0..<count).map { Float($0) })
        #expect(Video.shares(weights)[0] == [45, 145, 245, 345, 445, 545])
    }
}
