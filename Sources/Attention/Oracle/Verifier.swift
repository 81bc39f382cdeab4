import Platform

/// The check of an output: bit for bit against one process, within a bound against float64.
///
/// Where there is an exact answer, the output is compared with it, too. The bit comparison alone
/// would miss a fault that all processes share; the reference alone would miss a small difference
/// between processes. A check that cannot fail, because its output is all zeros or its inputs are
/// not finite, is called MISTRUSTED.
@unsafe
package struct Verifier {
    let problem: AttentionProblem
    let inputs: InputView
    let rows: [Int]
    private let mode: VerificationMode
    private let valueKind: ValueKind?
    private let seed: UInt64
    private let cancellation: Cancellation?

    /// Chooses the rows to check.
    ///
    /// `inputs` is memory that outlives the verifier. `valueKind` and `seed` say how the inputs
    /// were generated (nil: they come from elsewhere); the seed also draws the sample. `queryBlock`
    /// is the number of rows in a kernel block: a sample covers the edges of blocks. Once
    /// `cancellation` is cancelled, `verify` soon returns without a judgement. Throws when the
    /// problem is impossible or cannot have values of this kind.
    package init(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        valueKind: ValueKind?,
        seed: UInt64,
        mode: VerificationMode,
        queryBlock: Int,
        cancellation: Cancellation? = nil
    ) throws(AttentionError) {
        precondition(queryBlock >= 1, "a query block must have at least one row")
        try problem.validate()
        unsafe self.problem = problem
        unsafe self.inputs = inputs
        unsafe self.valueKind = valueKind
        unsafe self.seed = seed
        unsafe self.mode = mode
        unsafe self.cancellation = cancellation
        unsafe rows = CheckedRows.choose(
            problem,
            mode: mode,
            seed: seed,
            queryBlock: queryBlock
        )
        if let valueKind, valueKind.hasExactAnswer {
            // Made here once, so that it throws where the caller expects it.
            _ = unsafe try ExactAnswer(problem, inputs, kind: valueKind, seed: seed)
        }
    }

    /// Judges a whole output `[B,H,L,Dv]`.
    ///
    /// `singleProcessOutput` is the output of one process for the same inputs, in separate memory.
    package func verify(
        output: UnsafePointer<Float>,
        singleProcessOutput: UnsafePointer<Float>?
    ) -> VerificationReport {
        let report = unsafe judged(output: output, singleProcessOutput: singleProcessOutput)
        guard unsafe isCancelled else { return report }
        var stopped = VerificationReport()
        stopped.reasons = ["the check was interrupted"]
        return stopped
    }

    var isCancelled: Bool { unsafe cancellation?.isCancelled == true }

    /// The rows to check, as long as nobody cancels.
    var rowsUntilCancelled: some Sequence<Int> {
        let cancellation = unsafe cancellation
        return unsafe rows.lazy.prefix { _ in cancellation?.isCancelled != true }
    }

    private func judged(
        output: UnsafePointer<Float>,
        singleProcessOutput: UnsafePointer<Float>?
    ) -> VerificationReport {
        var evidence = VerificationEvidence()
        evidence.report.rowsTotal =
            unsafe problem.outputShape.sliceCount * problem.outputShape.queryLength
        guard unsafe mode != .none else {
            evidence.report.reasons = ["no check was requested"]
            return evidence.report
        }
        if let singleProcessOutput = unsafe singleProcessOutput {
            let comparison = unsafe BitwiseComparison(
                output,
                singleProcessOutput,
                shape: problem.outputShape
            )
            evidence.take(comparison, isSameMemory: unsafe output == singleProcessOutput)
        }
        if let layer = unsafe problem.layer {
            let report = unsafe LayerVerifier(
                layer,
                inputs.layer,
                seed: seed,
                mode: mode,
                cancellation: cancellation
            ).verify(output: output)
            return evidence.joined(to: report)
        }
        let count = unsafe problem.byteCount(of: .output) / 4
        if unsafe problem.operation == .maskedSoftmax, let scores = unsafe inputs.floats(.scores) {
            let given = unsafe FloatCensus(scores, count: problem.byteCount(of: .scores) / 4)
            unsafe evidence.take(
                output: FloatCensus(output, count: count),
                nonFinite: [("scores", problem.nonFiniteScores(scores, inputs))]
            ) { given.isConstant }
            unsafe compareWeightsWithReference(output, &evidence)
            return evidence.judged(hasExactAnswer: false)
        }
        var census = unsafe InputCensus(problem, inputs)
        unsafe evidence.take(
            output: FloatCensus(output, count: count),
            &census,
            isConstant: isMean
        )
        unsafe compareWithReference(output, &census, &evidence)
        if let training = unsafe TrainingVerifier(problem, inputs, seed: seed, mode: mode) {
            evidence.take(training: unsafe training.verify(cancellation: cancellation))
        }
        unsafe compareWithExactAnswer(output, &evidence)
        return unsafe evidence.judged(hasExactAnswer: valueKind?.hasExactAnswer == true)
    }

    /// Whether every row is the mean of all values.
    private var isMean: Bool { unsafe problem.operation.pooling == .average }

    private func compareWithReference(
        _ output: UnsafePointer<Float>,
        _ census: inout InputCensus,
        _ evidence: inout VerificationEvidence
    ) {
        let shape = unsafe problem.shape
        let columns = shape.valueDimension
        var reference = unsafe DoubleReference(problem, inputs)
        var eager = unsafe EagerReference(problem, inputs)
        var (norms, eagerNorms) = (ErrorNorms(), ErrorNorms())
        var magnitudes = unsafe RowMagnitudes(keyLength: problem.attended.shape.keyLength)
        var substitutes = RowSubstitutes(shape)
        var expected = ReferenceCensus()
        for flatRow in unsafe rowsUntilCancelled {
            let (slice, row) = flatRow.quotientAndRemainder(dividingBy: shape.queryLength)
            reference.compute(slice: slice, row: row)
            eager.compute(slice: slice, row: row)
            let keyValueSlice = shape.keyValueSlice(of: slice)
            var plainError = 0.0
            for column in 0..<columns {
                let index = flatRow * columns + column
                let exact = reference.output[column]
                expected.add(exact)
                norms.add(
                    unsafe output[index],
                    reference: exact,
                    index: index,
                    leavesRange: !eager.output[column].isFinite
                        || FloatRange.isLeft(by: reference, column: column)
                )
                eagerNorms.add(eager.output[column], reference: exact, index: index)
                plainError = max(plainError, (Double(eager.output[column]) - exact).magnitude)
            }
            substitutes.take(reference, plainError: plainError, keyValueSlice: keyValueSlice)
            magnitudes.note(reference, keyValueSlice: keyValueSlice)
        }
        evidence.report.rowsChecked = unsafe rows.count
        evidence.take(expected) { unsafe isMean || census.areValuesConstant() }
        evidence.take(norms, eager: eagerNorms, magnitudes, substitutes.census, shape)
    }

    private func compareWithExactAnswer(
        _ output: UnsafePointer<Float>,
        _ evidence: inout VerificationEvidence
    ) {
        guard let kind = unsafe valueKind, kind.hasExactAnswer else { return }
        let shape = unsafe problem.shape
        let columns = shape.valueDimension
        var answer: ExactAnswer
        do {
            answer = unsafe try ExactAnswer(problem, inputs, kind: kind, seed: seed)
        } catch {
            preconditionFailure(
                "the exact answer must be possible, as it was when the verifier was made"
            )
        }
        var (inexact, unanswered) = (0, 0)
        var first: ElementIndex?
        for flatRow in unsafe rowsUntilCancelled {
            let (slice, row) = flatRow.quotientAndRemainder(dividingBy: shape.queryLength)
            guard answer.compute(slice: slice, row: row) else {
                unanswered += 1
                continue
            }
            for column in 0..<columns
            where unsafe output[flatRow * columns + column] != answer.output[column] {
                inexact += 1
                first = first ?? ElementIndex(slice: slice, row: row, column: column)
            }
        }
        evidence.take(inexact: inexact, first: first, unansweredRows: unanswered)
    }
}
