#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Attention by the definition, one row at a time in float64: what the kernels are judged by.
///
/// It is naive on purpose. Scores, maximum, exponentials, sum and weighted sum are separate
/// passes, in the order of the formula, and no line is shared with the kernels. Hidden keys and
/// values are not read.
@unsafe
package struct DoubleReference {
    private let problem: AttentionProblem
    private let inputs: InputView
    private let rows: RowVisibility
    /// The row's attention weights `[S]`; hidden keys have 0.
    package private(set) var weights: [Double]
    /// The row's output `[Dv]`.
    package private(set) var output: [Double]
    /// What the output would be if nothing cancelled: the sums of weight·|value|, `[Dv]`.
    private(set) var outputSize: [Double]
    /// The keys the row's output is made of, in ascending order.
    package private(set) var attendedKeys: [Int] = []
    /// The largest |score| of the row and the sum of all squared.
    private(set) var scoreSize = (largest: 0.0, sumOfSquares: 0.0)

    package init(_ problem: AttentionProblem, _ inputs: InputView) {
        unsafe self.problem = problem
        unsafe self.inputs = inputs
        unsafe rows = RowVisibility(problem, inputs)
        unsafe weights = Array(repeating: 0, count: problem.shape.keyLength)
        unsafe output = Array(repeating: 0, count: problem.shape.valueDimension)
        unsafe outputSize = Array(repeating: 0, count: problem.shape.valueDimension)
    }

    /// Computes `weights` and `output` of one query row: softmax(scale · q Kᵀ) V.
    package mutating func compute(slice: Int, row: Int) {
        let shape = unsafe problem.shape
        // Query head h of batch element b attends key/value head h div (H / Hkv).
        let (batch, head) = slice.quotientAndRemainder(dividingBy: shape.heads)
        let headsPerGroup = shape.heads / shape.keyValueHeads
        let keyValueSlice = batch * shape.keyValueHeads + head / headsPerGroup
        let queryRow =
            unsafe inputs.query + (slice * shape.queryLength + row) * shape.headDimension
        let keys = unsafe inputs.key + keyValueSlice * shape.keyLength * shape.headDimension
        let values = unsafe inputs.value + keyValueSlice * shape.keyLength * shape.valueDimension

        for key in unsafe attendedKeys { unsafe weights[key] = 0 }
        unsafe scoreSize = (0, 0)
        unsafe attendedKeys = unsafe rows.visibleKeys(slice: slice, row: row)
        if unsafe !attendedKeys.isEmpty {
            unsafe computeScores(queryRow, keys, head: head, row: row)
            unsafe turnScoresIntoWeights()
        } else if unsafe problem.maskedRows == .uniform {
            unsafe attendedKeys = Array(0..<shape.keyLength)
            for key in unsafe attendedKeys { unsafe weights[key] = 1 / Double(shape.keyLength) }
        }
        unsafe sumValues(values)
    }

    private mutating func computeScores(
        _ queryRow: UnsafePointer<Float>,
        _ keys: UnsafePointer<Float>,
        head: Int,
        row: Int
    ) {
        let dimension = unsafe problem.shape.headDimension
        let scale = unsafe Double(problem.scoreScale)
        let slope = unsafe problem.alibi.isEmpty ? 0 : Double(problem.alibi[head])
        let position = unsafe problem.position(ofRow: row)
        for key in unsafe attendedKeys {
            let keyRow = unsafe keys + key * dimension
            var dot = 0.0
            for column in 0..<dimension {
                dot += unsafe Double(queryRow[column]) * Double(keyRow[column])
            }
            var score = scale * dot
            if let cap = unsafe problem.softCap.map(Double.init) { score = cap * tanh(score / cap) }
            // What the distance takes off is no measure of the products' rounding.
            if score.isFinite {
                unsafe scoreSize.largest = unsafe max(scoreSize.largest, score.magnitude)
                unsafe scoreSize.sumOfSquares += score * score
            }
            unsafe weights[key] = score - slope * Double(abs(position - key))
        }
    }

    private mutating func turnScoresIntoWeights() {
        var largest = -Double.infinity
        for key in unsafe attendedKeys where unsafe weights[key] > largest {
            unsafe largest = weights[key]
        }
        var sum = 0.0
        for key in unsafe attendedKeys {
            unsafe weights[key] = unsafe exp(weights[key] - largest)
            unsafe sum += weights[key]
        }
        for key in unsafe attendedKeys { unsafe weights[key] /= sum }
    }

    private mutating func sumValues(_ values: UnsafePointer<Float>) {
        let dimension = unsafe problem.shape.valueDimension
        for column in 0..<dimension {
            unsafe output[column] = 0
            unsafe outputSize[column] = 0
        }
        for key in unsafe attendedKeys {
            let weight = unsafe weights[key]
            let valueRow = unsafe values + key * dimension
            for column in 0..<dimension {
                let term = unsafe weight * Double(valueRow[column])
                unsafe output[column] += term
                unsafe outputSize[column] += term.magnitude
            }
        }
    }
}
