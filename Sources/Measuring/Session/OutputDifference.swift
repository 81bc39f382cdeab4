import Attention

/// How an output differs from the right one, and which worker made the first wrong element.
struct OutputDifference: CustomStringConvertible {
    private let count: Int
    private let element: ElementIndex
    private let found: Float
    private let expected: Float
    private let worker: Int?
    private let shard: Int?

    /// Nil when all bits are the same; `point` has just computed `output`.
    @unsafe
    init?(
        _ output: UnsafePointer<Float>,
        _ expected: UnsafePointer<Float>,
        _ point: MeasuredPoint
    ) {
        let shape = point.problem.shape
        let comparison = unsafe BitwiseComparison(output, expected, shape: shape)
        guard let first = comparison.firstMismatch else { return nil }
        let index =
            (first.slice * shape.queryLength + first.row) * shape.valueDimension + first.column
        count = comparison.mismatchedElements
        element = first
        found = unsafe output[index]
        self.expected = unsafe expected[index]
        let place = point.shardPlan.shards.firstIndex {
            $0.slices.contains(first.slice) && $0.rows.contains(first.row)
        }
        shard = place
        worker = place.flatMap { point.cluster?.worker(ofShard: $0) }
    }

    var description: String {
        let maker =
            worker.flatMap { worker in shard.map { " (worker \(worker), shard \($0))" } } ?? ""
        let rest = count == 1 ? "" : ", the first of \(count) such elements"
        let value =
            found.bitPattern == OutputSentinel.bits
            ? "was never written" : "is \(Self.text(found)), not \(Self.text(expected))"
        return "\(element)\(maker) \(value)\(rest)"
    }

    /// The shortest decimal text of the value; for NaN, its bits.
    private static func text(_ value: Float) -> String {
        value.isNaN ? "NaN (bits \(String(value.bitPattern, radix: 16)))" : "\(value)"
    }
}
