/// Generated numbers of unit variance for matrices that are no tensors of an attention problem.
///
/// Number i of a stream is unit(word(stream, i)) · factor, an f32 product; `InputGenerator` defines
/// unit and word.
struct UnitNumbers {
    private let philox: Philox

    init(seed: UInt64) { philox = Philox(seed: seed) }

    /// Writes some numbers of a stream.
    func fill(
        stream: UInt32,
        elements: Range<Int>,
        factor: Float = 1,
        into destination: UnsafeMutablePointer<Float>
    ) {
        var index = elements.lowerBound
        while index < elements.upperBound {
            let words = philox.block(Philox.counter(stream: stream, block: index >> 2))
            let end = min(elements.upperBound, (index | 3) + 1)
            while index < end {
                unsafe destination[index - elements.lowerBound] =
                    InputGenerator.unit(words[index & 3]) * factor
                index += 1
            }
        }
    }
}
