/// Counts of what could make a comparison worthless in the queries, keys and values that count.
///
/// A query counts when its row sees a key. A key and its value count when some row sees the key.
/// All values of a slice count when one of its rows sees nothing and is therefore their mean. The
/// rest may hold anything.
@unsafe
struct InputCensus {
    private let problem: AttentionProblem
    private let inputs: InputView
    /// The counts over the whole tensors: query, key and value.
    private let whole: [FloatCensus]
    /// Computed only if the whole tensors do not settle a question.
    private lazy var counted: [FloatCensus] = unsafe countedCensuses()

    static let tensors = [TensorName.query, .key, .value]

    init(_ problem: AttentionProblem, _ inputs: InputView) {
        unsafe self.problem = problem
        unsafe self.inputs = inputs
        unsafe whole = Self.tensors.map { tensor in
            unsafe FloatCensus(
                Self.floats(tensor, inputs),
                count: problem.byteCount(of: tensor) / 4
            )
        }
    }

    /// How many elements that count are NaN or infinite: in query, key and value.
    mutating func nonFinite() -> [Int] {
        guard unsafe whole.contains(where: { $0.nonFinite > 0 }) else { return [0, 0, 0] }
        return unsafe counted.map(\.nonFinite)
    }

    /// Whether all values that count are the same.
    mutating func areValuesConstant() -> Bool {
        unsafe whole[2].isConstant || counted[2].isConstant
    }

    private static func floats(
        _ tensor: TensorName,
        _ inputs: InputView
    ) -> UnsafePointer<Float> {
        guard let floats = unsafe inputs.floats(tensor) else {
            preconditionFailure("only inputs of floats can be counted")
        }
        return unsafe floats
    }

    private func countedCensuses() -> [FloatCensus] {
        guard unsafe problem.mask != .none else { return unsafe whole }
        let marks = unsafe VisibleRows(problem, inputs)
        return unsafe [
            census(.query, marks.queries), census(.key, marks.keys), census(.value, marks.values),
        ]
    }

    private func census(_ tensor: TensorName, _ marks: [Bool]) -> FloatCensus {
        let floats = unsafe Self.floats(tensor, inputs)
        let columns = unsafe problem.byteCount(of: tensor) / 4 / marks.count
        var census = FloatCensus()
        var start = 0
        while start < marks.count {
            var end = start + 1
            while end < marks.count, marks[end] == marks[start] { end += 1 }
            if marks[start] {
                unsafe census.add(floats + start * columns, count: (end - start) * columns)
            }
            start = end
        }
        return census
    }
}

extension AttentionProblem {
    /// How many scores of a softmax are seen and not finite.
    @unsafe
    func nonFiniteScores(_ scores: UnsafePointer<Float>, _ inputs: InputView) -> Int {
        let whole = unsafe FloatCensus(scores, count: byteCount(of: .scores) / 4).nonFinite
        guard whole > 0, mask != .none else { return whole }
        let visibility = unsafe RowVisibility(self, inputs)
        var count = 0
        for row in 0..<shape.sliceCount * shape.queryLength {
            let (slice, place) = row.quotientAndRemainder(dividingBy: shape.queryLength)
            for key in visibility.visibleKeys(slice: slice, row: place)
            where unsafe !scores[row * shape.keyLength + key].isFinite { count += 1 }
        }
        return count
    }
}

extension AttentionInputs {
    /// The numbers of elements of query, key and value, or of scores, that can reach the output and are
    /// not finite; nil for a layer, whose rows and weights all mix.
    package func nonFiniteCount() -> Int? {
        guard !problem.operation.isLayer, problem.partCount(of: .bias) == 0 else { return nil }
        if let scores = unsafe view.floats(.scores) {
            return unsafe problem.nonFiniteScores(scores, view)
        }
        var census = unsafe InputCensus(problem, view)
        return unsafe census.nonFinite().reduce(0, +)
    }
}
