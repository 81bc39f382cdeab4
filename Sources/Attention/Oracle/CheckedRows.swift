/// The rows of a problem that are compared with the float64 reference.
enum CheckedRows {
    /// All rows are checked in a problem of at most this many floating-point operations.
    private static let wholeOperations = 1e9
    private static let sampleCount = 256
    /// The stream of `Philox` words for the sample; the generator of the inputs uses the lower
    /// numbers.
    private static let stream: UInt32 = 7

    /// What a tanh of the references costs, in operations.
    private static let operationsPerTanh = 20

    /// Whether the seed draws some rows; false when all rows or none are taken.
    fileprivate static func isSample(
        of shape: AttentionShape,
        _ function: ScoreFunction,
        _ mode: VerificationMode
    ) -> Bool {
        let total = shape.sliceCount * shape.queryLength
        var columns = 2 * (function.columns(shape) + shape.valueDimension)
        if case .additive(let hidden) = function { columns += operationsPerTanh * hidden }
        let operations = Double(total) * Double(shape.keyLength) * Double(columns)
        return mode == .sampled && operations > wholeOperations && total > sampleCount
    }

    /// The flat rows (slice · L + row) in ascending order.
    ///
    /// A sample holds the first and the last row, the ends of slices and both sides of block edges.
    /// It takes the other rows from all slices in turn, so that no slice is left out while another
    /// is sampled twice.
    static func choose(
        _ problem: AttentionProblem,
        mode: VerificationMode,
        seed: UInt64,
        queryBlock: Int
    ) -> [Int] {
        let shape = problem.shape
        let total = shape.sliceCount * shape.queryLength
        guard isSample(of: shape, problem.score.function, mode) else {
            return mode == .none ? [] : Array(0..<total)
        }
        let philox = Philox(seed: seed)
        var drawn = 0
        func draw(_ bound: Int) -> Int {
            defer { drawn += 1 }
            return Philox.below(bound, philox.word(stream: stream, index: drawn))
        }
        var rows: Set<Int> = [0, total - 1]
        let firstSlice = draw(shape.sliceCount)
        func slice(_ index: Int) -> Int { (firstSlice + index) % shape.sliceCount }
        let edges = (shape.queryLength - 1) / queryBlock
        for index in 0..<16 {
            let start = slice(index) * shape.queryLength
            rows.formUnion([start, start + shape.queryLength - 1])
            if edges > 0 {
                let edge = start + (1 + draw(edges)) * queryBlock
                rows.formUnion([edge - 1, edge])
            }
        }
        var index = 0
        while rows.count < sampleCount {
            rows.insert(slice(index) * shape.queryLength + draw(shape.queryLength))
            index += 1
        }
        return rows.sorted()
    }
}

extension VerificationMode {
    /// Whether the seed decides which rows of a problem are compared with the float64 reference.
    package func drawsRows(of shape: AttentionShape, _ function: ScoreFunction) -> Bool {
        CheckedRows.isSample(of: shape, function, self)
    }
}
