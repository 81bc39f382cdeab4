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

extension AttentionInputs {
    /// The numbers of elements of query, key and value that can reach the output and are not
    /// finite.
    package func nonFiniteCount() -> Int {
        var census = unsafe InputCensus(problem, view)
        return unsafe census.nonFinite().reduce(0, +)
    }
}
