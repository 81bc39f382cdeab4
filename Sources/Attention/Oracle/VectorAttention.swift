/// Attention in plain SIMD, softmax(scale · Q·Kᵀ)·V of one slice.
///
/// It is the step between `DoubleReference`, which is the formula, and the kernels, which are fast.
///
///     query [L, D]   key [S, D]   value [S, Dv]   output [L, Dv]
///
/// It uses the idea of the kernels: everything is computed transposed, and **a lane is a query
/// row**. Sixteen rows go through the formula side by side. All of them use the same number of a
/// key or a value, so keys and values are read in place for any D. The softmax runs down a list of
/// vectors, never across a vector. Only the queries and the finished rows are transposed.
///
/// It leaves out what makes the kernels long. They
/// - take keys in blocks and spans, so that scores stay in the cache, with a running softmax;
/// - compute tiles of scores and outputs, whose sums stay in registers while a query or a weight is
///   used for several keys or columns;
/// - know masks, patterns, soft caps and distances, and keep NaN of hidden keys out of rows.
package func vectorAttention(
    query: [Float],
    key: [Float],
    value: [Float],
    headDimension: Int,
    valueDimension: Int,
    scale: Float
) -> [Float] {
    let (D, Dv) = (headDimension, valueDimension)
    let (L, S) = (query.count / D, key.count / D)
    precondition(
        query.count == L * D && key.count == S * D && value.count == S * Dv,
        "query and key must be whole rows, and every key must have a value"
    )
    var output = [Float](repeating: 0, count: L * Dv)
    for first in stride(from: 0, to: L, by: Rows.scalarCount) {
        let rows = min(Rows.scalarCount, L - first)

        // 1. pack: the rows' queries [rows, D] → [D] vectors, times scale·log₂e, so that exp
        //    becomes exp2. Lanes without a row are zeros.
        var queries = [Rows](repeating: Rows(), count: D)
        for row in 0..<rows {
            for e in 0..<D { queries[e][row] = query[(first + row) * D + e] * scale * log2e }
        }

        // 2. scores: [S] vectors, and the largest of each row.
        var weights = [Rows](repeating: Rows(), count: S)
        var largest = Rows(repeating: -.infinity)
        for j in 0..<S {
            for e in 0..<D { weights[j] += queries[e] * key[j * D + e] }
            largest = pointwiseMax(largest, weights[j])
        }

        // 3. weights: 2^(score - largest), in place, and their sum.
        var sum = Rows()
        for j in 0..<S {
            weights[j] = exp2(weights[j] - largest)
            sum += weights[j]
        }

        // 4. values: [Dv] vectors, the sums of weight·value.
        var outputs = [Rows](repeating: Rows(), count: Dv)
        for j in 0..<S {
            for e in 0..<Dv { outputs[e] += weights[j] * value[j * Dv + e] }
        }

        // 5. unpack: divided by the sum of the weights, [Dv] vectors → [rows, Dv].
        for e in 0..<Dv {
            let finished = outputs[e] / sum
            for row in 0..<rows { output[(first + row) * Dv + e] = finished[row] }
        }
    }
    return output
}

/// One number for each of sixteen query rows.
private typealias Rows = SIMD16<Float>

private let log2e: Float = 1.442_695_04
private let ln2: Float = 0.693_147_18

/// 2^x for x ≤ 0, as 2^n · 2^y: n is the nearest integer, and |y| ≤ 1/2, where seven terms of the
/// series of e^(y·ln 2) are enough.
private func exp2(_ x: Rows) -> Rows {
    // Below 2^-149 an f32 is 0. The comparison is false for NaN, which is no integer.
    let nearest = x.rounded(.toNearestOrEven)
    let n = nearest.replacing(with: -200, where: .!(nearest .> -200))
    let y = x - nearest
    var p = Rows(repeating: 1)
    for term in stride(from: 7, to: 0, by: -1) { p = 1 + p * y * (ln2 / Float(term)) }
    var power = Rows()
    for lane in power.indices {
        power[lane] = Float(sign: .plus, exponent: Int(n[lane]), significand: 1)
    }
    return power * p
}
