#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Attention by its definition, one row at a time in float64: the reference that judges the
/// kernels.
///
/// It is naive on purpose. Scores, maximum, exponentials, sum and weighted sum are separate passes,
/// in the order of the formula. It shares no code with the kernels, and it does not read hidden
/// keys and values.
package struct DoubleReference {
    private let problem: AttentionProblem
    private let inputs: InputRows
    private var scores: ReferenceScores<Double>
    private let visibility: RowVisibility
    /// The row's attention weights `[S]`; hidden keys have 0.
    package private(set) var weights: [Double]
    /// The row's output `[Dv]`.
    package private(set) var output: [Double]
    /// The size of the output if nothing cancelled: the sums of weight·|value|, `[Dv]`.
    private(set) var outputSize: [Double]
    /// The keys that contribute to the row's output, in ascending order.
    package private(set) var attendedKeys: [Int] = []
    /// The largest |score| of the row, and the sum of the squares of all scores.
    private(set) var scoreSize = (largest: 0.0, sumOfSquares: 0.0)

    package init(_ problem: AttentionProblem, _ inputs: InputView) {
        unsafe self.init(problem, inputs, wide: nil)
    }

    /// With `wide`, queries, keys and values are those of `wide`; the ones of `inputs` are unused.
    init(_ problem: AttentionProblem, _ inputs: InputView, wide: WideRows?) {
        self.problem = problem
        unsafe self.inputs = InputRows(problem.shape, inputs, wide: wide)
        scores = ReferenceScores(problem, self.inputs)
        unsafe visibility = RowVisibility(problem, inputs)
        weights = Array(repeating: 0, count: problem.shape.keyLength)
        output = Array(repeating: 0, count: problem.shape.valueDimension)
        outputSize = Array(repeating: 0, count: problem.shape.valueDimension)
    }

    /// Computes `weights` and `output` of one query row: softmax of the scores, times V.
    package mutating func compute(slice: Int, row: Int) {
        let shape = problem.shape
        // Query head h of batch element b attends key/value head h div (H / Hkv).
        let (batch, head) = slice.quotientAndRemainder(dividingBy: shape.heads)
        let headsPerGroup = shape.heads / shape.keyValueHeads
        let keyValueSlice = batch * shape.keyValueHeads + head / headsPerGroup

        for key in attendedKeys { weights[key] = 0 }
        scoreSize = (0, 0)
        attendedKeys = visibility.visibleKeys(slice: slice, row: row)
        if !attendedKeys.isEmpty {
            computeScores(slice: slice, keyValueSlice: keyValueSlice, head: head, row: row)
            turnScoresIntoWeights()
        } else if problem.maskedRows == .uniform {
            attendedKeys = Array(0..<shape.keyLength)
            for key in attendedKeys { weights[key] = 1 / Double(shape.keyLength) }
        }
        sumValues(keyValueSlice: keyValueSlice)
    }

    /// Where a row stands among the keys.
    func position(slice: Int, row: Int) -> Int { visibility.position(slice: slice, row: row) }

    private mutating func computeScores(slice: Int, keyValueSlice: Int, head: Int, row: Int) {
        scores.begin(slice: slice, row: row, keyValueSlice: keyValueSlice)
        let slope = problem.alibi.isEmpty ? 0 : Double(problem.alibi[head])
        let position = position(slice: slice, row: row)
        for key in attendedKeys {
            var score = scores.score(key: key)
            if let cap = problem.softCap.map(Double.init) { score = cap * tanh(score / cap) }
            // The distance cost says nothing about the rounding of the products.
            if score.isFinite {
                scoreSize.largest = max(scoreSize.largest, score.magnitude)
                scoreSize.sumOfSquares += score * score
            }
            weights[key] = score - slope * Double(abs(position - key))
        }
    }

    private mutating func turnScoresIntoWeights() {
        var largest = -Double.infinity
        for key in attendedKeys where weights[key] > largest {
            largest = weights[key]
        }
        var sum = 0.0
        for key in attendedKeys {
            weights[key] = exp(weights[key] - largest)
            sum += weights[key]
        }
        for key in attendedKeys { weights[key] /= sum }
    }

    private mutating func sumValues(keyValueSlice: Int) {
        let dimension = problem.shape.valueDimension
        for column in 0..<dimension {
            output[column] = 0
            outputSize[column] = 0
        }
        for key in attendedKeys {
            let weight = weights[key]
            let valueRow = inputs.value(keyValueSlice: keyValueSlice, key)
            for column in 0..<dimension {
                let term = weight * valueRow.number(column)
                output[column] += term
                outputSize[column] += term.magnitude
            }
        }
    }
}
