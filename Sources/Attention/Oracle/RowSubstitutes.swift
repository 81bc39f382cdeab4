/// Substitutes for output rows, tried in each row whose right answer the reference has computed.
struct RowSubstitutes {
    private(set) var census = SubstituteCensus()
    /// The keys of a row of this slice, and the sum of their values.
    private var keys: [Int] = []
    private var keyValueSlice = -1
    private var sum: [Double]
    /// The answer of the previous row; nil when it is not finite.
    private var before: [Double]?

    init(_ shape: AttentionShape) {
        sum = Array(repeating: 0, count: shape.valueDimension)
    }

    /// Tries the substitutes in one row.
    ///
    /// `plainError` is the largest error of the plain f32
    /// program in this row.
    mutating func take(
        _ row: borrowing DoubleReference,
        plainError: Double,
        keyValueSlice: Int
    ) {
        let answer = row.output
        guard answer.allSatisfy(\.isFinite) else {
            before = nil
            return
        }
        add(row, keyValueSlice)
        let count = Double(max(1, keys.count))
        var (zeros, mean, otherRow) = (0.0, 0.0, 0.0)
        for (column, exact) in answer.enumerated() {
            zeros = max(zeros, exact.magnitude)
            mean = max(mean, (sum[column] / count - exact).magnitude)
            if let before { otherRow = max(otherRow, (before[column] - exact).magnitude) }
        }
        let size = row.outputSize.reduce(0, max)
        census.add(.zeros, error: zeros, plainError: plainError, size: size)
        census.add(.mean, error: mean, plainError: plainError, size: size)
        if before != nil {
            census.add(.otherRow, error: otherRow, plainError: plainError, size: size)
        }
        before = answer
    }

    /// Makes `sum` the sum of the values of the row's keys.
    ///
    /// Often these are the keys of the previous row and a few more, so that only these are added.
    private mutating func add(_ row: borrowing DoubleReference, _ keyValueSlice: Int) {
        let next = row.attendedKeys
        if keyValueSlice != self.keyValueSlice || !next.starts(with: keys) {
            keys = []
            for column in sum.indices { sum[column] = 0 }
        }
        for key in next[keys.count...] {
            let value = row.value(keyValueSlice: keyValueSlice, key: key)
            for column in sum.indices { sum[column] += value.number(column) }
        }
        keys = next
        self.keyValueSlice = keyValueSlice
    }
}
