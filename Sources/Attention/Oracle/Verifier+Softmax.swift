// The check of a softmax of given scores: every weight of the checked rows against float64.

extension Verifier {
    /// Compares checked rows of `output`, `[slice][row][S]`, with the references.
    ///
    /// The absolute bounds are those of attention whose values are the weights. A small weight can be
    /// wrong within them, so each is held to the relative bound of `WeightsVerifier`, too.
    func compareWeightsWithReference(
        _ output: UnsafePointer<Float>,
        _ evidence: inout VerificationEvidence
    ) {
        let (shape, keys) = unsafe (problem.outputShape, problem.shape.keyLength)
        var reference = unsafe DoubleReference(problem, inputs)
        var eager = unsafe EagerReference(problem, inputs)
        var weights = unsafe WeightsVerifier(problem, inputs, rows: rows)
        var (norms, eagerNorms) = (ErrorNorms(), ErrorNorms())
        var magnitudes = RowMagnitudes(keyLength: keys)
        var expected = ReferenceCensus()
        for flatRow in unsafe rowsUntilCancelled {
            let (slice, row) = flatRow.quotientAndRemainder(dividingBy: shape.queryLength)
            reference.compute(slice: slice, row: row)
            eager.compute(slice: slice, row: row)
            for key in 0..<keys {
                let index = flatRow * keys + key
                let exact = reference.weights[key]
                expected.add(exact)
                norms.add(unsafe output[index], reference: exact, index: index)
                let plain = exact == 0 ? 0 : eager.weights[key]
                eagerNorms.add(plain, reference: exact, index: index)
            }
            magnitudes.note(weightsOf: reference)
            let own = unsafe UnsafeBufferPointer(start: output + flatRow * keys, count: keys)
            unsafe weights.take(slice: slice, row: row, keys: nil, weights: own)
        }
        // Then rows are missing, and what is known of the others means nothing.
        guard unsafe !isCancelled else { return }
        evidence.report.rowsChecked = unsafe rows.count
        evidence.take(expected) { false }
        evidence.take(norms, eager: eagerNorms, magnitudes, SubstituteCensus(), shape)
        evidence.take(weights.report())
    }
}
