/// The numbers of generated inputs, each a function of seed, tensor and index alone.
///
/// Any process can therefore make any part of any tensor, and another language can make the same
/// bits. The recipe, where word(stream, i) is word `i mod 4` of the `Philox` 4x32-10 block whose
/// key is the seed (low 32 bits, high 32 bits) and whose counter is
/// (low 32 bits of `i div 4`, high 32 bits of it, stream, 0):
///
/// - Streams: 0 query, 1 key, 2 value, 3 lengths, 4 visibility, 5 targets, 6 key codes, 7 W_q,
///   8 W_k, 9 w of additive scores, 10 W or w of other scores, 11 bias, 12 sinks,
///   13 E, 14 F, 15 scores; of layers 35 and 36 fused weights and bias, 37 to 39
///   shared weights of q, k and v, 40 and 41 output weights and bias. `i` is the flat index of an element in its
///   whole tensor, `[slice][row][column]`.
/// - below(n, w) is (w · n) >> 32 in 64-bit integers: a draw from 0…n−1.
/// - unit(w) is float(2·(w >> 8) + 1 − 2²⁴) · c, one f32 product with c = 0x33DD_B3D7, the f32
///   nearest √3 (0x3FDD_B3D7) times 2⁻²⁴: odd multiples between ±√3, never zero.
/// - **uniform**: unit(word(stream, i)).
/// - **large**: as uniform, but queries are multiplied by f = 2^floor((e + 1) / 2) with
///   e = floor(log2(256 / (s·s·D))) in f64, s being the score scale (16 at s = 1/√D); the power is
///   kept within ±100, and is 0 when s = 0. For scoring functions other than dot, f = 8.
/// - **constant**: every element of a tensor is (1 + (word(stream, 0) >> 24)) / 256. A number with
///   so few bits sums exactly; one with more would add its rounding error with every element.
/// - **exact-permutation**: values as uniform. C = max(1, ceil(log2 S)). Key row j of key/value
///   slice z holds in column c +1 where bit (c mod C) of j xor x is set, else −1;
///   x = word(6, z) mod 2^C. Query row r of slice z sees n keys, and its target is the
///   below(n, word(5, z·L + r))-th of them in ascending order; it holds A times the key row of the
///   target, or zeros when n = 0. A is the smallest power of two, negated when s < 0, with
///   |A| ≥ 80 / (floor(D / C) · |s| · 1.4426950408889634) in f64. All other keys then score at
///   least 160 less in log2 units; 127 less is enough for a weight of exactly zero.
/// - **exact-mean**: queries are zero, keys as uniform, values k · 2^(1−b) where
///   b = min(8, 24 − ceil(log2 S)) and k = (w >> (32 − b)) − 2^(b−1).
/// - **Parameters** of scores, of uniform and large values: unit(word(stream, i)) · c, an f32 product
///   with the f32 nearest 1/√D for W_q, 1/√Dk for W_k, 1/√hidden for w of additive scores, and
///   1/√(D·Dk) for W of bilinear scores, 1/√S for E and F. A width of Gaussian scores is (1 + w · 2⁻³²) · 1/√D, w being
///   word(stream, i), made in f64 and rounded once.
/// - **bias**: unit(word(stream, i)), for every kind of value but constant. **sinks**: the same, for
///   every kind; i is the head.
/// - **Layers**: weights `[out,in]` are Xavier-uniform (Glorot and Bengio, "Understanding the difficulty
///   of training deep feedforward neural networks", 2010), unit(word(stream, i)) times the f32 nearest
///   √(2 / (in + out)), where the fused matrix is one matrix. Biases are zeros, and unit(word(stream,
///   i)) / 4 of large values; large queries are multiplied by 8.
/// - **Kernel regression**: `InputGenerator+Regression`; streams 42 inputs, 43 noise.
/// - **scores**: unit(word(stream, i)), times 16 of large values.
/// - **lengths**: 1 + below(S, word(3, i)). **visibility**: word(4, i) >> 31.
package struct InputGenerator: Hashable, Sendable {
    package let problem: AttentionProblem
    package let kind: ValueKind
    let philox: Philox

    enum Stream: UInt32 {
        case query = 0
        case key, value, lengths, visibility, target, keyCode
        case queryWeights, keyWeights, hiddenWeights, scoreWeights, bias, sinks
        case keyProjection, valueProjection, scores
        case projectionWeights = 35
        case projectionBias, sharedQueryWeights, sharedKeyWeights, sharedValueWeights
        case outputWeights, outputBias, regressionInputs, regressionNoise
    }

    /// Throws when the problem is impossible, or cannot have values of this kind.
    package init(
        _ problem: AttentionProblem,
        kind: ValueKind = .uniform,
        seed: UInt64
    ) throws(AttentionError) {
        try problem.validate()
        self.problem = problem
        self.kind = kind
        philox = Philox(seed: seed)
        try checkKind()
    }

    /// Writes elements `elements` (flat, over the whole tensor) of a tensor of floats.
    ///
    /// `rows` is the problem's mask; only the queries of exact-permutation use it.
    package func fill(
        _ tensor: TensorName,
        elements: Range<Int>,
        into destination: UnsafeMutablePointer<Float>,
        rows: RowVisibility
    ) {
        if problem.operation.pooling != nil, kind != .constant, !elements.isEmpty {
            unsafe fillData(tensor, elements, destination)
            return
        }
        switch (tensor, kind) {
        case (.query, .exactPermutation):
            unsafe fillPermutationQueries(elements, destination, rows)
        case (.query, .exactMean):
            unsafe destination.update(repeating: 0, count: elements.count)
        case (.query, .large):
            unsafe fillUnit(.query, elements, destination, factor: largeFactor)
        case (.query, .uniform), (.query, .constant):
            unsafe fillUnit(.query, elements, destination)
        case (.key, .exactPermutation):
            unsafe fillPermutationKeys(elements, destination)
        case (.key, _):
            unsafe fillUnit(.key, elements, destination)
        case (.value, .exactMean):
            unsafe fillExactMeanValues(elements, destination)
        case (.value, _):
            unsafe fillUnit(.value, elements, destination)
        case (.bias, _):
            unsafe fillUnit(.bias, elements, destination)
        case (.scores, _):
            unsafe fillUnit(.scores, elements, destination, factor: kind == .large ? 16 : 1)
        case (.lengths, _), (.visibility, _), (.output, _), (.projectedKey, _),
            (.projectedValue, _), (.heads, _), (.training, _), (.states, _), (.carried, _):
            preconditionFailure("only tensors of floats hold generated floats")
        case (.queryWeights, _), (.keyWeights, _), (.hiddenWeights, _), (.scoreWeights, _),
            (.keyProjection, _), (.valueProjection, _), (.projectionWeights, _),
            (.projectionBias, _), (.sharedQueryWeights, _), (.sharedKeyWeights, _),
            (.sharedValueWeights, _), (.outputWeights, _), (.outputBias, _):
            unsafe fillParameter(tensor, elements, destination)
        }
    }

    /// Writes whole parts (slices) of a tensor of floats.
    package func fill(
        _ tensor: TensorName,
        parts: Range<Int>,
        into destination: UnsafeMutablePointer<Float>,
        rows: RowVisibility
    ) {
        let count = problem.partByteCount(of: tensor) / 4
        let elements = parts.lowerBound * count..<parts.upperBound * count
        unsafe fill(tensor, elements: elements, into: destination, rows: rows)
    }

    /// The random valid lengths, 1…S, `[B]` or `[B,L]` as the mask says.
    package func lengths() -> [Int32] {
        (0..<problem.byteCount(of: .lengths) / 4).map { index in
            Int32(1 + Philox.below(problem.shape.keyLength, word(.lengths, index)))
        }
    }

    /// Random sinks, one for each head.
    package static func sinks(heads: Int, seed: UInt64) -> [Float] {
        let philox = Philox(seed: seed)
        return (0..<heads).map { unit(philox.word(stream: Stream.sinks.rawValue, index: $0)) }
    }

    /// Writes elements of a random boolean mask that shows half of the keys.
    package func fillVisibility(
        elements: Range<Int>,
        into destination: UnsafeMutablePointer<UInt8>
    ) {
        forEachWord(.visibility, elements) { offset, word in
            unsafe destination[offset] = UInt8(truncatingIfNeeded: word >> 31)
        }
    }

    func word(_ stream: Stream, _ index: Int) -> UInt32 {
        philox.word(stream: stream.rawValue, index: index)
    }

    @inline(__always)
    static func unit(_ word: UInt32) -> Float {
        Float(2 &* Int32(bitPattern: word >> 8) &+ 1 &- 1 << 24) * Float(bitPattern: 0x33DD_B3D7)
    }

    /// Calls `body` with every index (counted from the range's start) and its word.
    ///
    /// Where possible, it computes a whole block of four words at once.
    @inline(__always)
    func forEachWord(
        _ stream: Stream,
        _ elements: Range<Int>,
        _ body: (_ offset: Int, _ word: UInt32) -> Void
    ) {
        var index = elements.lowerBound
        while index < elements.upperBound, index & 3 != 0 {
            body(index - elements.lowerBound, word(stream, index))
            index += 1
        }
        while index + 4 <= elements.upperBound {
            let counter = Philox.counter(stream: stream.rawValue, block: index >> 2)
            let words = philox.block(counter)
            let offset = index - elements.lowerBound
            body(offset, words[0])
            body(offset + 1, words[1])
            body(offset + 2, words[2])
            body(offset + 3, words[3])
            index += 4
        }
        while index < elements.upperBound {
            body(index - elements.lowerBound, word(stream, index))
            index += 1
        }
    }

    private func fillUnit(
        _ stream: Stream,
        _ elements: Range<Int>,
        _ destination: UnsafeMutablePointer<Float>,
        factor: Float = 1
    ) {
        if kind == .constant {
            let value = Float(1 + (word(stream, 0) >> 24)) / 256
            unsafe destination.update(repeating: value, count: elements.count)
            return
        }
        forEachWord(stream, elements) { offset, word in
            unsafe destination[offset] = Self.unit(word) * factor
        }
    }

    private func fillParameter(
        _ tensor: TensorName,
        _ elements: Range<Int>,
        _ destination: UnsafeMutablePointer<Float>
    ) {
        if let (stream, factor) = layerSpread(of: tensor) {
            if factor == 0 {
                unsafe destination.update(repeating: 0, count: elements.count)
            } else {
                unsafe fillUnit(stream, elements, destination, factor: factor)
            }
            return
        }
        let (stream, size) = spread(of: tensor)
        let deviation = Float(1 / Double(size).squareRoot())
        switch problem.score.function {
        case .gaussian where tensor == .scoreWeights,
            .gaussianColumns where tensor == .scoreWeights:
            guard kind != .constant else { fallthrough }
            forEachWord(stream, elements) { offset, word in
                let width = (1 + Double(word) * 0x1p-32) / Double(size).squareRoot()
                unsafe destination[offset] = Float(width)
            }
        default: unsafe fillUnit(stream, elements, destination, factor: deviation)
        }
    }

    /// The stream of a layer's parameter, and its factor; nil for others.
    private func layerSpread(of tensor: TensorName) -> (Stream, Float)? {
        guard let sizes = problem.parameterShape(of: tensor) else { return nil }
        let xavier = Float((2 / Double(sizes.reduce(0, +))).squareRoot())
        let bias: Float = kind == .large ? 0.25 : 0
        return switch tensor {
        case .projectionWeights: (.projectionWeights, xavier)
        case .projectionBias: (.projectionBias, bias)
        case .sharedQueryWeights: (.sharedQueryWeights, xavier)
        case .sharedKeyWeights: (.sharedKeyWeights, xavier)
        case .sharedValueWeights: (.sharedValueWeights, xavier)
        case .outputWeights: (.outputWeights, xavier)
        case .outputBias: (.outputBias, bias)
        default: nil
        }
    }

    /// The stream of a parameter, and the number of terms over which it is spread.
    private func spread(of tensor: TensorName) -> (Stream, Int) {
        let shape = problem.shape
        switch (tensor, problem.score.function) {
        case (.queryWeights, _): return (.queryWeights, shape.headDimension)
        case (.keyWeights, _): return (.keyWeights, shape.keyDimension)
        case (.hiddenWeights, .additive(let hidden)): return (.hiddenWeights, hidden)
        case (.keyProjection, _): return (.keyProjection, shape.keyLength)
        case (.valueProjection, _): return (.valueProjection, shape.keyLength)
        case (_, .bilinear): return (.scoreWeights, shape.headDimension * shape.keyDimension)
        default: return (.scoreWeights, shape.headDimension)
        }
    }

    /// The power of two that takes scores to about ±80, five times their deviation.
    private var largeFactor: Float {
        guard problem.score.function == .dot, !problem.operation.isLayer else { return 8 }
        let scale = Double(problem.score.scale)
        guard scale != 0 else { return 1 }
        let squared = 256 / (scale * scale * Double(problem.shape.headDimension))
        let power = (Int(squared.exponent) + 1) >> 1
        return Float(sign: .plus, exponent: min(max(power, -100), 100), significand: 1)
    }
}
