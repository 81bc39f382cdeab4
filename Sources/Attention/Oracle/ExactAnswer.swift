/// The right output of inputs that have an exact answer, computed from the seed alone.
///
/// It does not read queries, keys or values, so a fault in them shows, too.
package struct ExactAnswer {
    private let generator: InputGenerator
    private let rows: RowVisibility
    /// The key/value slice whose values `sliceValues` holds.
    private var heldSlice = -1
    private var sliceValues: [Float]
    /// The row's output `[Dv]`.
    package private(set) var output: [Float]

    /// Reads the mask from `inputs`; throws when the problem cannot have values of this kind.
    package init(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        kind: ValueKind,
        seed: UInt64
    ) throws(AttentionError) {
        precondition(kind.hasExactAnswer, "\(kind.rawValue) values have no exact answer")
        generator = try InputGenerator(problem, kind: kind, seed: seed)
        rows = unsafe RowVisibility(problem, inputs)
        try generator.checkCounts(rows)
        let (columns, keys) = (problem.shape.valueDimension, problem.shape.keyLength)
        output = Array(repeating: 0, count: columns)
        sliceValues = Array(repeating: 0, count: keys * columns)
    }

    /// Computes `output` of one query row; false when that row has no exact answer.
    package mutating func compute(slice: Int, row: Int) -> Bool {
        let shape = generator.problem.shape
        holdValues(shape.keyValueSlice(of: slice))
        for column in output.indices { output[column] = 0 }
        let count = rows.visibleKeyCount(slice: slice, row: row)
        if count == 0 {
            if generator.problem.maskedRows == .zeros { return true }
            guard generator.kind == .exactMean, shape.keyLength.nonzeroBitCount == 1 else {
                return false
            }
            addMean(of: 0..<shape.keyLength, count: shape.keyLength)
        } else if generator.kind == .exactPermutation {
            guard let target = generator.target(slice: slice, row: row, rows) else {
                preconditionFailure("a row that sees keys must have a target")
            }
            addMean(of: target..<target + 1, count: 1)
        } else {
            addMean(of: rows.visibleKeys(slice: slice, row: row), count: count)
        }
        return true
    }

    private mutating func addMean(of keys: some Sequence<Int>, count: Int) {
        let columns = generator.problem.shape.valueDimension
        for key in keys {
            for column in 0..<columns {
                output[column] += sliceValues[key * columns + column]
            }
        }
        for column in 0..<columns { output[column] /= Float(count) }
    }

    private mutating func holdValues(_ keyValueSlice: Int) {
        guard heldSlice != keyValueSlice else { return }
        heldSlice = keyValueSlice
        unsafe sliceValues.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            unsafe generator.fill(
                .value,
                parts: keyValueSlice..<keyValueSlice + 1,
                into: start,
                rows: rows
            )
        }
    }
}
