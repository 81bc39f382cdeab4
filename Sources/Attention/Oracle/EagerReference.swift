#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Attention as a plain f32 program computes it, one row at a time with sequential sums.
///
/// Its error against `DoubleReference` is the error of plain f32, and so the yardstick for the
/// kernels.
package struct EagerReference {
    private let problem: AttentionProblem
    private let inputs: InputRows
    private var scores: ReferenceScores<Float>
    private let visibility: RowVisibility
    /// Keeps the memory of projected keys and values.
    private let projected: ProjectedReference<Float>?
    /// The row's attention weights `[S]`; the entries of hidden keys are meaningless.
    private(set) var weights: [Float]
    /// The row's output `[Dv]`.
    package private(set) var output: [Float]

    package init(_ problem: AttentionProblem, _ inputs: InputView) {
        projected = unsafe ProjectedReference<Float>(problem, inputs)
        var inputs = unsafe inputs
        if let projected {
            unsafe inputs[.key] = UnsafeRawPointer(projected.key)
            unsafe inputs[.value] = UnsafeRawPointer(projected.value)
        }
        let widths = unsafe problem.widths(inputs)
        let problem = problem.attended
        self.problem = problem
        unsafe self.inputs = InputRows(problem.shape, inputs)
        scores = ReferenceScores(problem, self.inputs, widths: widths)
        unsafe visibility = RowVisibility(problem, inputs)
        weights = Array(repeating: 0, count: problem.shape.keyLength)
        output = Array(repeating: 0, count: problem.shape.valueDimension)
    }

    /// Computes `output` of one query row.
    package mutating func compute(slice: Int, row: Int) {
        let shape = problem.shape
        let keyValueSlice = shape.keyValueSlice(of: slice)
        var keys = visibility.visibleKeys(slice: slice, row: row)
        if keys.isEmpty, problem.maskedRows == .uniform {
            keys = Array(0..<shape.keyLength)
            for key in keys { weights[key] = 1 / Float(shape.keyLength) }
        } else {
            computeWeights(keys, slice: slice, row: row)
        }
        guard problem.operation != .maskedSoftmax else { return }
        for column in 0..<shape.valueDimension { output[column] = 0 }
        for key in keys {
            let weight = weights[key]
            let valueRow = inputs.value(keyValueSlice: keyValueSlice, key)
            for column in 0..<shape.valueDimension {
                output[column] += weight * valueRow[column]
            }
        }
    }

    private mutating func computeWeights(_ keys: [Int], slice: Int, row: Int) {
        let shape = problem.shape
        let keyValueSlice = shape.keyValueSlice(of: slice)
        scores.begin(slice: slice, row: row, keyValueSlice: keyValueSlice)
        let slope = problem.alibi.isEmpty ? 0 : problem.alibi[slice % shape.heads]
        let position = visibility.position(slice: slice, row: row)
        // A distance common to all keys does not change the softmax, but costs digits in f32.
        let nearest = visibility.nearestDistance(slice: slice, row: row, to: keys)
        let bias = inputs.bias(slice: slice, row: row, problem)
        // The scores are larger by the cost of the nearest key's distance.
        let sink =
            problem.sinks.isEmpty
            ? nil : problem.sinks[slice % shape.heads] + slope * Float(nearest)
        var largest = sink ?? -Float.infinity
        let given =
            problem.operation == .maskedSoftmax ? inputs.scores(slice: slice, row: row) : nil
        for key in keys {
            var score = given.map { $0[key] } ?? scores.score(key: key)
            if let cap = problem.softCap { score = cap * tanhf(score / cap) }
            if slope != 0 { score -= slope * Float(abs(position - key) - nearest) }
            if let bias { score += bias[key] }
            weights[key] = score
            if score > largest { largest = score }
        }
        var sum: Float = sink.map { expf($0 - largest) } ?? 0
        for key in keys {
            weights[key] = expf(weights[key] - largest)
            sum += weights[key]
        }
        for key in keys { weights[key] /= sum }
    }
}
