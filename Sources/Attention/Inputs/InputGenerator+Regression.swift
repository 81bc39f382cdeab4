/// Data for kernel regression: y = 2·sin x + x^0.8 plus noise, as in Zhang, Lipton, Li and Smola, "Dive
/// into deep learning", section 11.2.
///
/// All in f64 of additions, multiplications and divisions alone, each rounded once, so that any machine
/// makes the same bits; then rounded once to f32:
///
/// - Key row j of slice z is the j-th smallest of 5 · 2⁻³² · word(42, z·S + i), i = 0…S−1.
/// - Query row r is 5 · r / L.
/// - Value row j is 2·sin(x) + power(x) + (n − 6) / 2, x being the key row as f32, and n the sum of
///   the 12 numbers 2⁻³² · word(43, 12·(z·S + j) + m): noise of deviation 0.5, nearly normal.
/// - sin(x) = x·p₁, where pₙ = 1 − x²·pₙ₊₁ / (2n·(2n + 1)) and p₂₁ = 1.
/// - power(x): x = f·2ᵉ with 1 ≤ f < 2, and 4·e = 5·q + r with 0 ≤ r < 5. It is f⁴ᐟ⁵ · c[r] · 2^q, where
///   f⁴ᐟ⁵ is the sixth of t = 1.4; t ← (4·t + f⁴ / t⁴) / 5 with f⁴ = (f·f)·(f·f), and t⁴ the same; c is
///   the f64 nearest to 2^(r/5). power(0) = 0.
/// - **large**: keys and queries are 16 times as large, after y is made. **constant**: as elsewhere.
extension InputGenerator {
    /// Writes elements of query, key or value.
    func fillData(
        _ tensor: TensorName,
        _ elements: Range<Int>,
        _ destination: UnsafeMutablePointer<Float>
    ) {
        let factor: Float = kind == .large ? 16 : 1
        if tensor == .query {
            let length = problem.shape.queryLength
            for index in elements {
                let x = Float(5 * Double(index % length) / Double(length))
                unsafe destination[index - elements.lowerBound] = x * factor
            }
            return
        }
        precondition(tensor == .key || tensor == .value, "regression has no other tensors")
        let count = problem.shape.keyLength
        var index = elements.lowerBound
        while index < elements.upperBound {
            let first = index / count * count
            let inputs = sortedInputs(from: first)
            for element in index..<min(first + count, elements.upperBound) {
                let x = inputs[element - first]
                unsafe destination[element - elements.lowerBound] =
                    tensor == .key ? x * factor : target(x, element)
            }
            index = first + count
        }
    }

    private func sortedInputs(from first: Int) -> [Float] {
        let words = (0..<problem.shape.keyLength).map { word(.regressionInputs, first + $0) }
        return words.sorted().map { Float(5 * 0x1p-32 * Double($0)) }
    }

    private func target(_ input: Float, _ index: Int) -> Float {
        let x = Double(input)
        var noise = 0.0
        for term in 0..<12 { noise += 0x1p-32 * Double(word(.regressionNoise, 12 * index + term)) }
        return Float(2 * Self.sine(x) + Self.power(x) + (noise - 6) / 2)
    }

    /// For 0 ≤ x < 5.
    static func sine(_ x: Double) -> Double {
        var p = 1.0
        for n in stride(from: 20.0, through: 1, by: -1) {
            p = 1 - x * x * p / (2 * n * (2 * n + 1))
        }
        return x * p
    }

    /// x^0.8, for x ≥ 0.
    static func power(_ x: Double) -> Double {
        guard x > 0 else { return 0 }
        let (fraction, exponent) = (x.significand, 4 * Int(x.exponent))
        let (square, rest) = (fraction * fraction, ((exponent % 5) + 5) % 5)
        var t = 1.4
        for _ in 0..<6 { t = (4 * t + square * square / (t * t * (t * t))) / 5 }
        let scale = Double(sign: .plus, exponent: (exponent - rest) / 5, significand: 1)
        return t * fifths[rest] * scale
    }

    /// 2^(r/5).
    private static let fifths = [
        1, 1.148698354997035, 1.3195079107728942, 1.515716566510398, 1.7411011265922482,
    ]
}
