/// Steps: what is computed one after the other, each over what is there when the one before has ended.
extension AttentionProblem {
    /// The most steps of a problem.
    package static let largestSteps = 4096

    /// Whether rows are steps.
    package var isInSteps: Bool { operation == .decodeSteps }

    /// The steps that follow each other: one for each row of decoding, else one of all rows.
    package var stepCount: Int { isInSteps ? shape.queryLength : 1 }

    /// The query rows of a step: one in decoding, else all.
    var rowsOfStep: Int { isInSteps ? 1 : shape.queryLength }

    func queryRows(ofStep step: Int) -> Range<Int> {
        step * rowsOfStep..<(step + 1) * rowsOfStep
    }

    /// The rows of a stage that are computed in a step: as many in each.
    package func rows(of stage: Stage, inStep step: Int) -> Range<Int> {
        let count = stage.rowCount / stepCount
        return step * count..<(step + 1) * count
    }

    /// The step of some rows of a stage.
    func step(of rows: Range<Int>, _ stage: Stage) -> Int {
        rows.lowerBound / (stage.rowCount / stepCount)
    }

    /// The keys that are there in a step.
    func keyCount(ofStep step: Int) -> Int {
        isInSteps ? shape.keyLength - shape.queryLength + step + 1 : attended.shape.keyLength
    }

    /// Throws why rows cannot be steps.
    func validateSteps() throws(AttentionError) {
        let steps = 1...Self.largestSteps
        guard steps.contains(shape.queryLength) else {
            throw .sizeOutOfRange(field: .queryLength, found: shape.queryLength, allowed: steps)
        }
        let isPlain =
            shape.keyLength > shape.queryLength && mask.band == .causalBottomRight
            && mask.lengths == .none && mask.visibility == .none && mask.bias == .none
            && score.function == .dot && maskedRows == .zeros
        guard isPlain else { throw .stepsOfProblem }
    }
}
