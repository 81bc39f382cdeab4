import Attention

extension KernelCase {
    /// The output of a case's only slice by way of one running softmax a span.
    func mergedOutput(_ kernel: AttentionKernel) -> [Float] {
        let rows = shape.queryLength
        let columns = shape.valueDimension
        let spans = AttentionKernel.spanCount(keyLength: shape.keyLength)
        var buffers = [[Float]](
            repeating: [Float](repeating: .pi, count: rows * (columns + 2)),
            count: spans
        )
        guard let workspace = KernelWorkspace() else { fatalError("no memory") }
        func view(_ base: UnsafeMutablePointer<Float>) -> RunningSoftmaxView {
            RunningSoftmaxView(maximum: base, sum: base + rows, output: base + 2 * rows)
        }
        withView { inputs in
            for span in 0..<spans {
                buffers[span].withUnsafeMutableBufferPointer {
                    kernel.forwardSpan(
                        problem,
                        inputs,
                        slice: 0,
                        rows: 0..<rows,
                        span: span,
                        into: view($0.start),
                        workspace: workspace
                    )
                }
            }
            var total = buffers[0]
            total.withUnsafeMutableBufferPointer { total in
                for span in 1..<max(spans, 1) {
                    buffers[span].withUnsafeMutableBufferPointer {
                        kernel.mergeSpans(
                            rowCount: rows,
                            valueDimension: columns,
                            into: view(total.start),
                            next: view($0.start)
                        )
                    }
                }
                kernel.finishSpans(
                    problem,
                    inputs,
                    slice: 0,
                    rows: 0..<rows,
                    total: view(total.start),
                    workspace: workspace
                )
            }
            buffers[0] = total
        }
        return Array(buffers[0][(2 * rows)...])
    }
}
