/// Which rows of query, key and value can reach the output.
struct VisibleRows {
    /// `[B·H·L]`: the row sees a key.
    private(set) var queries: [Bool]
    /// `[B·Hkv·S]`: some row sees the key.
    private(set) var keys: [Bool]
    /// `[B·Hkv·S]`: as `keys`, but all values of a slice that has a row which is their mean.
    private(set) var values: [Bool]

    @unsafe
    init(_ problem: AttentionProblem, _ inputs: InputView) {
        let shape = problem.shape
        queries = Array(repeating: false, count: shape.sliceCount * shape.queryLength)
        keys = Array(repeating: false, count: shape.keyValueSliceCount * shape.keyLength)
        values = keys
        let differsByHead =
            problem.mask.visibility.differsByHead || problem.mask.pattern.differsByHead
        var seen = SeenKeys(problem)
        for slice in 0..<shape.sliceCount {
            if differsByHead || slice % shape.heads == 0 { unsafe seen.read(slice: slice, inputs) }
            for row in 0..<shape.queryLength {
                queries[slice * shape.queryLength + row] = seen.rowsSee[row]
            }
            let first = shape.keyValueSlice(of: slice) * shape.keyLength
            let hasMean = problem.maskedRows == .uniform && seen.rowsSee.contains(false)
            for key in 0..<shape.keyLength where seen.isSeen[key] || hasMean {
                if seen.isSeen[key] { keys[first + key] = true }
                values[first + key] = true
            }
        }
    }
}

/// The keys that the rows of one slice see together.
private struct SeenKeys {
    private let problem: AttentionProblem
    private var ranges: KeyRanges
    /// `[L]`: whether the row sees a key.
    private(set) var rowsSee: [Bool]
    /// `[S]`: whether some row sees the key.
    private(set) var isSeen: [Bool]
    /// `[S + 1]`: how many more ranges hold this key than the key before.
    ///
    /// A long range thus costs two steps.
    private var steps: [Int]

    init(_ problem: AttentionProblem) {
        self.problem = problem
        ranges = KeyRanges(problem)
        rowsSee = Array(repeating: false, count: problem.shape.queryLength)
        isSeen = Array(repeating: false, count: problem.shape.keyLength)
        steps = Array(repeating: 0, count: problem.shape.keyLength + 1)
    }

    @unsafe
    mutating func read(slice: Int, _ inputs: InputView) {
        for key in isSeen.indices { (isSeen[key], steps[key]) = (false, 0) }
        for row in rowsSee.indices {
            rowsSee[row] = false
            let length = unsafe problem.length(slice: slice, row: row, lengths: inputs.lengths)
            let bytes = unsafe problem.visibilityBytes(slice: slice, row: row, inputs)
            ranges.forEach(slice: slice, row: row, length: length) { range in
                guard let bytes = unsafe bytes else {
                    rowsSee[row] = true
                    steps[range.lowerBound] += 1
                    steps[range.upperBound] -= 1
                    return
                }
                for key in range where unsafe bytes[key] != 0 {
                    rowsSee[row] = true
                    isSeen[key] = true
                }
            }
        }
        var depth = 0
        for key in isSeen.indices {
            depth += steps[key]
            if depth > 0 { isSeen[key] = true }
        }
    }
}
