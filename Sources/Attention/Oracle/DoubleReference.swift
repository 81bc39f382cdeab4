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
    /// Keeps the memory of projected keys and values.
    private var projected: ProjectedReference<Double>?
    /// The row's attention weights `[S]`; hidden keys have 0.
    package private(set) var weights: [Double]
    /// The row's output `[Dv]`.
    package private(set) var output: [Double]
    /// The size of the output if nothing cancelled: the sums of weight·|value|, `[Dv]`.
    private(set) var outputSize: [Double]
    /// The sum that the weights are divided by, the largest of them being 1 before.
    private(set) var weightSum = 1.0
    /// The keys that contribute to the row's output, in ascending order.
    package private(set) var attendedKeys: [Int] = []
    /// The largest |score| of the row.
    private(set) var largestScore = 0.0
    /// The scores of the keys that can have a weight: the largest size, the sum of squares, the count.
    private(set) var weighedScores = (largest: 0.0, sumOfSquares: 0.0, count: 0)
    /// The size of what is rounded in the score of each attended key, without its distance cost.
    private var scoreSizes: [Double]

    package init(_ problem: AttentionProblem, _ inputs: InputView) {
        let projected = unsafe ProjectedReference<Double>(problem, inputs)
        let wide = projected.map { unsafe WideRows(query: nil, key: $0.key, value: $0.value) }
        unsafe self.init(problem.attended, inputs, wide: wide, widths: problem.widths(inputs))
        self.projected = projected
    }

    /// With `wide`, queries, keys and values are those of `wide`; the ones of `inputs` are unused.
    ///
    /// `widths` are those of kernel regression.
    init(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        wide: WideRows?,
        widths: [Float] = []
    ) {
        self.problem = problem
        unsafe self.inputs = InputRows(problem.shape, inputs, wide: wide)
        scores = ReferenceScores(problem, self.inputs, widths: widths)
        unsafe visibility = RowVisibility(problem, inputs)
        weights = Array(repeating: 0, count: problem.shape.keyLength)
        scoreSizes = weights
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
        (largestScore, weighedScores, weightSum) = (0, (0, 0, 0), 1)
        attendedKeys = visibility.visibleKeys(slice: slice, row: row)
        if !attendedKeys.isEmpty, problem.operation == .maskedSoftmax {
            takeScores(slice: slice, row: row)
            turnScoresIntoWeights(sink: nil)
        } else if !attendedKeys.isEmpty {
            computeScores(slice: slice, keyValueSlice: keyValueSlice, head: head, row: row)
            turnScoresIntoWeights(sink: problem.sinks.isEmpty ? nil : Double(problem.sinks[head]))
        } else if problem.maskedRows == .uniform {
            attendedKeys = Array(0..<shape.keyLength)
            for key in attendedKeys { weights[key] = 1 / Double(shape.keyLength) }
        }
        if problem.operation != .maskedSoftmax { sumValues(keyValueSlice: keyValueSlice) }
    }

    /// The scores of a softmax, which are given: what is rounded is how far each is below the largest.
    private mutating func takeScores(slice: Int, row: Int) {
        let scores = inputs.scores(slice: slice, row: row)
        let largest = attendedKeys.reduce(-Double.infinity) { max($0, Double(scores[$1])) }
        for key in attendedKeys {
            weights[key] = Double(scores[key])
            let distance = largest - weights[key]
            // Farther below, no rounding makes a weight that counts: e⁻⁸⁰ is less than 2⁻¹⁰⁰.
            noteSize(of: distance <= 80 ? distance : 0, key)
        }
    }

    /// A value of the key/value slice, as exactly as it is known.
    func value(keyValueSlice: Int, key: Int) -> FloatRow {
        inputs.value(keyValueSlice: keyValueSlice, key)
    }

    /// Where a row stands among the keys.
    func position(slice: Int, row: Int) -> Int { visibility.position(slice: slice, row: row) }

    private mutating func computeScores(slice: Int, keyValueSlice: Int, head: Int, row: Int) {
        scores.begin(slice: slice, row: row, keyValueSlice: keyValueSlice)
        let slope = problem.alibi.isEmpty ? 0 : Double(problem.alibi[head])
        let position = position(slice: slice, row: row)
        let bias = inputs.bias(slice: slice, row: row, problem)
        for key in attendedKeys {
            var score = scores.score(key: key)
            if let cap = problem.softCap.map({ Double($0) }) { score = cap * tanh(score / cap) }
            // The distance cost says nothing about the rounding of the products.
            noteSize(of: max(score.magnitude, scores.conditioning), key)
            weights[key] = score - slope * Double(abs(position - key))
            if let bias { weights[key] += Double(bias[key]) }
        }
        if let bias { noteSizes(of: bias) }
    }

    /// Adds the biases to the sizes, since their sums with scores are rounded.
    ///
    /// One that hides its key, such as −10⁹, moves no weight: e⁻⁸⁰ is less than 2⁻¹⁰⁰.
    private mutating func noteSizes(of bias: FloatRow) {
        let largest = attendedKeys.reduce(-Double.infinity) { max($0, weights[$1]) }
        for key in attendedKeys where largest - weights[key] <= 80 {
            noteSize(of: scoreSizes[key] + Double(bias[key]).magnitude, key)
        }
    }

    private mutating func noteSize(of score: Double, _ key: Int) {
        scoreSizes[key] = score.isFinite ? score.magnitude : 0
        largestScore = max(largestScore, scoreSizes[key])
    }

    /// Notes the scores that are not so far below the largest one that no rounding could give their
    /// key a weight which an f32 sum would show.
    private mutating func noteWeighedScores(largest: Double) {
        for key in attendedKeys {
            let size = scoreSizes[key]
            guard largest - weights[key] <= 40 + 0x1p-20 * size else { continue }
            weighedScores.largest = max(weighedScores.largest, size)
            weighedScores.sumOfSquares += size * size
            weighedScores.count += 1
        }
    }

    private mutating func turnScoresIntoWeights(sink: Double?) {
        var largest = sink ?? -Double.infinity
        for key in attendedKeys where weights[key] > largest {
            largest = weights[key]
        }
        noteWeighedScores(largest: largest)
        var sum = sink.map { exp($0 - largest) } ?? 0
        for key in attendedKeys {
            weights[key] = exp(weights[key] - largest)
            sum += weights[key]
        }
        for key in attendedKeys { weights[key] /= sum }
        weightSum = sum
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
