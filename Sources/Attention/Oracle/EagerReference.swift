#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Attention as a plain f32 program computes it, one row at a time with sequential sums.
///
/// Its error against `DoubleReference` is what f32 costs without any cleverness, and so the
/// yardstick for the kernels' error.
@unsafe
package struct EagerReference {
    private let problem: AttentionProblem
    private let inputs: InputView
    private let rows: RowVisibility
    /// The row's attention weights `[S]`; those of keys that the row does not see mean nothing.
    private(set) var weights: [Float]
    /// The row's output `[Dv]`.
    package private(set) var output: [Float]

    package init(_ problem: AttentionProblem, _ inputs: InputView) {
        unsafe self.problem = problem
        unsafe self.inputs = inputs
        unsafe rows = RowVisibility(problem, inputs)
        unsafe weights = Array(repeating: 0, count: problem.shape.keyLength)
        unsafe output = Array(repeating: 0, count: problem.shape.valueDimension)
    }

    /// Computes `output` of one query row.
    package mutating func compute(slice: Int, row: Int) {
        let shape = unsafe problem.shape
        let keyValueSlice = shape.keyValueSlice(of: slice)
        let q = unsafe inputs.query + (slice * shape.queryLength + row) * shape.headDimension
        let k = unsafe inputs.key + keyValueSlice * shape.keyLength * shape.headDimension
        let v = unsafe inputs.value + keyValueSlice * shape.keyLength * shape.valueDimension
        var keys = unsafe rows.visibleKeys(slice: slice, row: row)
        if keys.isEmpty, unsafe problem.maskedRows == .uniform {
            keys = Array(0..<shape.keyLength)
            for key in keys { unsafe weights[key] = 1 / Float(shape.keyLength) }
        } else {
            unsafe computeWeights(keys, q, k, head: slice % shape.heads, row: row)
        }
        for column in 0..<shape.valueDimension { unsafe output[column] = 0 }
        for key in keys {
            let weight = unsafe weights[key]
            let valueRow = unsafe v + key * shape.valueDimension
            for column in 0..<shape.valueDimension {
                unsafe output[column] += unsafe weight * valueRow[column]
            }
        }
    }

    private mutating func computeWeights(
        _ keys: [Int],
        _ q: UnsafePointer<Float>,
        _ k: UnsafePointer<Float>,
        head: Int,
        row: Int
    ) {
        let (dimension, scale) = unsafe (problem.shape.headDimension, problem.scoreScale)
        let slope = unsafe problem.alibi.isEmpty ? 0 : problem.alibi[head]
        let position = unsafe problem.position(ofRow: row)
        // Softmax has no use for what all scores have in common, and f32 none for its digits.
        let nearest = unsafe rows.nearestDistance(row: row, to: keys)
        var largest = -Float.infinity
        for key in keys {
            let keyRow = unsafe k + key * dimension
            var dot: Float = 0
            for column in 0..<dimension { dot += unsafe q[column] * keyRow[column] }
            var score = scale * dot
            if let cap = unsafe problem.softCap { score = cap * tanhf(score / cap) }
            if slope != 0 { score -= slope * Float(abs(position - key) - nearest) }
            unsafe weights[key] = score
            if score > largest { largest = score }
        }
        var sum: Float = 0
        for key in keys {
            unsafe weights[key] = unsafe expf(weights[key] - largest)
            sum += unsafe weights[key]
        }
        for key in keys { unsafe weights[key] /= sum }
    }
}
