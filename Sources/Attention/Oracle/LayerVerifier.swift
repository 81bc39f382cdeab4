import Platform

/// The check of a layer's output: some of its rows against float64, beside a plain f32 program.
///
/// Both references begin with the inputs of the layer, so an error of any step shows. A sample has
/// rows of a few batch elements, since a row needs the projected keys of its whole element.
@unsafe
package struct LayerVerifier {
    /// More rows or elements are sampled.
    private static let wholeRows = 256
    private static let wholeElements = 4
    /// The stream of `Philox` words for rows; the next one is for batch elements.
    private static let stream: UInt32 = 55

    private let layer: MultiHeadLayer
    private let inputs: LayerView
    private let seed: UInt64
    private let mode: VerificationMode
    private let cancellation: Cancellation?

    /// Once `cancellation` is cancelled, `verify` soon returns a report that means nothing.
    package init(
        _ layer: MultiHeadLayer,
        _ inputs: LayerView,
        seed: UInt64,
        mode: VerificationMode = .sampled,
        cancellation: Cancellation? = nil
    ) {
        unsafe self.layer = layer
        unsafe self.inputs = inputs
        unsafe self.seed = seed
        unsafe self.mode = mode
        unsafe self.cancellation = cancellation
    }

    /// Judges an output `[B,L,E]`.
    package func verify(output: UnsafePointer<Float>) -> VerificationReport {
        let (length, columns) = unsafe (layer.attention.shape.queryLength, layer.embedding)
        let exact = unsafe LayerReference<Double>(layer, inputs)
        let plain = unsafe LayerReference<Float>(layer, inputs)
        var exactHeads = unsafe DoubleReference(
            layer.attention,
            inputs.attention(plain),
            wide: WideRows(
                query: exact.rows(.query),
                key: exact.rows(.key),
                value: exact.rows(.value)
            )
        )
        var plainHeads = unsafe EagerReference(layer.attention, inputs.attention(plain))
        var errors = SampledErrors()
        let rows = unsafe checkedRows()
        for token in rows {
            guard unsafe cancellation?.isCancelled != true else { break }
            let (batch, row) = token.quotientAndRemainder(dividingBy: length)
            exact.project(batch: batch)
            plain.project(batch: batch)
            var (exactRow, plainRow) = ([Double](), [Float]())
            for head in 0..<(unsafe layer.attention.shape.heads) {
                let slice = unsafe batch * layer.attention.shape.heads + head
                exactHeads.compute(slice: slice, row: row)
                plainHeads.compute(slice: slice, row: row)
                errors.noteScores(of: exactHeads)
                exactRow += exactHeads.output
                plainRow += plainHeads.output
            }
            let (expected, eager) = (exact.output(heads: exactRow), plain.output(heads: plainRow))
            errors.noteRow(expected)
            for column in 0..<columns {
                let index = token * columns + column
                errors.add(
                    unsafe output[index],
                    exact: expected[column],
                    plain: eager[column],
                    index: index
                )
            }
        }
        return errors.judged(
            unsafe FloatCensus(output, count: layer.tokenCount * columns),
            rowsChecked: rows.count,
            rowsTotal: unsafe layer.tokenCount
        ) { index in
            let (token, column) = index.quotientAndRemainder(dividingBy: columns)
            return ElementIndex(slice: token / length, row: token % length, column: column)
        }
    }

    /// Rows of `[B·L]`, ascending.
    ///
    /// A sample has the first and the last row of its batch elements, which are the first, the last
    /// and others that the seed draws.
    private func checkedRows() -> [Int] {
        let total = unsafe layer.tokenCount
        let (batch, length) = unsafe (
            layer.attention.shape.batch, layer.attention.shape.queryLength
        )
        guard unsafe mode == .sampled, total > (unsafe Self.wholeRows) else {
            return unsafe mode == .none ? [] : Array(0..<total)
        }
        let philox = unsafe Philox(seed: seed)
        var elements: Set<Int> = [0, batch - 1]
        var rows: Set<Int> = []
        var drawn = 0
        func draw(_ bound: Int, _ stream: UInt32) -> Int {
            defer { drawn += 1 }
            return Philox.below(bound, philox.word(stream: stream, index: drawn))
        }
        while elements.count < (unsafe min(batch, Self.wholeElements)) {
            elements.insert(draw(batch, unsafe Self.stream + 1))
        }
        let wanted = unsafe Self.wholeRows / elements.count
        for element in elements.sorted() {
            var own: Set<Int> = [0, length - 1]
            while own.count < min(length, wanted) { own.insert(draw(length, unsafe Self.stream)) }
            rows.formUnion(own.map { element * length + $0 })
        }
        return rows.sorted()
    }
}

extension LayerView {
    /// The inputs of the attention of a plain f32 program.
    fileprivate func attention(_ plain: LayerReference<Float>) -> InputView {
        unsafe attention(
            query: plain.rows(.query),
            key: plain.rows(.key),
            value: plain.rows(.value)
        )
    }
}
