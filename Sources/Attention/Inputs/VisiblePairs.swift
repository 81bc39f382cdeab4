/// How many (query, key) pairs the mask shows in parts of a stage's grid.
///
/// What is counted for a whole slice is kept, and heads that see the same keys share it.
@unsafe
package struct VisiblePairs {
    private let problem: AttentionProblem
    private let lengths: UnsafePointer<Int32>?
    private let visibility: UnsafePointer<UInt8>?
    /// The pairs of each span, by slice, or by batch element where its heads see the same keys.
    private var spans: [Int: [Int]] = [:]

    /// `inputs` is memory that outlives this value.
    package init(_ problem: AttentionProblem, _ inputs: InputView) {
        unsafe self.problem = problem
        unsafe lengths = inputs.lengths
        unsafe visibility = inputs.visibility
    }

    /// The pairs of some rows of a slice of the stage, or of some spans where it makes states; nil of a
    /// stage that makes no scores.
    package mutating func count(_ stage: Stage, _ slice: Int, _ rows: Range<Int>) -> Int? {
        switch stage.work {
        case .sequenceProjection, .tokens, .training, .fold: return nil
        case .attention, .softmax, .heads:
            return unsafe problem.visiblePairs(
                slice: slice,
                rows: rows,
                lengths: lengths,
                visibility: visibility
            )
        case .arc(let following):
            let visit = unsafe problem.visit(ofRows: rows, following: following)
            return visit.map { visit in
                unsafe problem.visiblePairs(
                    slice: slice,
                    rows: rows,
                    keys: problem.keys(ofArc: visit.arc),
                    lengths: lengths,
                    visibility: visibility
                )
            }
        case .states:
            let heads = unsafe problem.shape.heads
            let place = unsafe problem.headsSeeDifferentKeys ? slice : slice / heads
            let counts =
                unsafe spans[place]
                ?? problem.visiblePairsOfSpans(
                    slice: slice,
                    lengths: lengths,
                    visibility: visibility
                )
            unsafe spans[place] = counts
            return counts[rows].reduce(0, +)
        }
    }
}
