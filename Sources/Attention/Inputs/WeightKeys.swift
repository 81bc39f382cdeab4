/// The keys that have a weight in a row.
///
/// These are the visible keys, or all keys where a row that sees none is the mean of all values.
/// Asking for rows in ascending order is cheap.
@unsafe
package struct WeightKeys {
    private let problem: AttentionProblem
    private let inputs: InputView
    private var ranges: KeyRanges

    package init(_ problem: AttentionProblem, _ inputs: InputView) {
        unsafe self.problem = problem
        unsafe self.inputs = inputs
        unsafe ranges = KeyRanges(problem)
    }

    /// Calls `body` with the ranges of keys that the row sees, in ascending order.
    package mutating func forEachVisible(slice: Int, row: Int, _ body: (Range<Int>) -> Void) {
        let length = unsafe problem.length(slice: slice, row: row, lengths: inputs.lengths)
        let bytes = unsafe problem.visibilityBytes(slice: slice, row: row, inputs)
        unsafe ranges.forEach(slice: slice, row: row, length: length) { range in
            guard let bytes = unsafe bytes else { return body(range) }
            var key = range.lowerBound
            while key < range.upperBound {
                let first = key
                while key < range.upperBound, unsafe bytes[key] != 0 { key += 1 }
                if first < key { body(first..<key) }
                while key < range.upperBound, unsafe bytes[key] == 0 { key += 1 }
            }
        }
    }

    /// Appends the row's keys in ascending order.
    package mutating func append(slice: Int, row: Int, to keys: inout [Int32]) {
        let before = keys.count
        unsafe forEachVisible(slice: slice, row: row) { range in
            keys.append(contentsOf: Int32(range.lowerBound)..<Int32(range.upperBound))
        }
        if keys.count == before, unsafe problem.maskedRows == .uniform {
            keys.append(contentsOf: 0..<Int32(unsafe problem.shape.keyLength))
        }
    }
}
