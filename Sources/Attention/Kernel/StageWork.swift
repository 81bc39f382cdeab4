// The stages of a problem, for a team of threads.

extension ThreadTeam {
    /// Computes `rows` of `slices` of one stage; returns when all of it is written.
    ///
    /// `inputs` holds the outputs of the stages that it waits for. `output` points at row
    /// `rows.lowerBound` of slice `slices.lowerBound`; slices are `outputSliceStride` floats apart.
    @unsafe
    @discardableResult
    package func compute(
        _ stage: Stage,
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slices: Range<Int>,
        rows: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int
    ) -> TeamTimes {
        switch stage.work {
        case .attention:
            if let pooling = problem.operation.pooling {
                return unsafe predict(
                    kernel,
                    problem,
                    pooling,
                    inputs,
                    slices: slices,
                    rows: rows,
                    output: output,
                    outputSliceStride: outputSliceStride
                )
            }
            return unsafe forward(
                kernel,
                problem.attended,
                inputs.attended(problem),
                slices: slices,
                rows: rows,
                output: output,
                outputSliceStride: outputSliceStride
            )
        case .heads:
            guard let layer = problem.layer else {
                preconditionFailure("only a layer has heads of its own")
            }
            precondition(rows == 0..<stage.rowCount, "a head must be computed whole")
            let whole = unsafe output - stage.offset(slice: slices.lowerBound, row: 0)
            return unsafe computeHeads(
                kernel,
                layer,
                inputs.layer,
                slices: slices,
                into: HeadRows(layer, whole: whole),
                scratch: layerScratch.memory(for: layer, slices: slices.count, threadCount).scratch
            )
        case .tokens:
            guard let layer = problem.layer, let heads = unsafe inputs.floats(.heads) else {
                preconditionFailure("the heads of a layer must be given")
            }
            var times = TeamTimes()
            for slice in slices {
                let first = slice * stage.rowCount + rows.lowerBound
                times =
                    unsafe times
                    + computeTokens(
                        kernel,
                        layer,
                        inputs.layer,
                        rows: first..<first + rows.count,
                        heads: heads,
                        output: output + (slice - slices.lowerBound) * outputSliceStride
                    )
            }
            return times
        case .softmax:
            return unsafe run(
                SoftmaxWork(
                    kernel,
                    problem,
                    inputs,
                    slices: slices,
                    rows: rows,
                    output: output,
                    outputSliceStride: outputSliceStride
                )
            )
        case .states:
            return unsafe run(
                StatesWork(
                    kernel,
                    problem,
                    inputs.attended(problem),
                    slices: slices,
                    states: rows,
                    output: output,
                    outputSliceStride: outputSliceStride,
                    threadCount: threadCount
                )
            )
        case .fold:
            return unsafe run(
                FoldWork(
                    kernel,
                    problem,
                    inputs.attended(problem),
                    slices: slices,
                    rows: rows,
                    output: output,
                    outputSliceStride: outputSliceStride,
                    threadCount: threadCount
                )
            )
        case .arc(let following):
            return unsafe run(
                ArcWork(
                    kernel,
                    problem,
                    inputs.attended(problem),
                    stage,
                    following: following,
                    slices: slices,
                    rows: rows,
                    output: output,
                    outputSliceStride: outputSliceStride,
                    threadCount: threadCount
                )
            )
        case .training(let epoch):
            return unsafe run(
                TrainingWork(
                    kernel,
                    problem,
                    inputs,
                    epoch: epoch,
                    slices: slices,
                    spans: rows,
                    output: output,
                    outputSliceStride: outputSliceStride
                )
            )
        case .sequenceProjection(let tensor, let matrix):
            guard let source = unsafe inputs.floats(tensor),
                let weights = unsafe inputs.floats(matrix)
            else { preconditionFailure("the tensors of a projection must be given") }
            let (depth, columns) = (problem.shape.keyLength, stage.columnCount)
            let products = unsafe slices.map { slice in
                unsafe MatrixProduct(
                    ProductShape(rows: rows.count, columns: columns, depth: depth),
                    left: weights + rows.lowerBound * depth,
                    right: source + slice * depth * columns,
                    output: output + (slice - slices.lowerBound) * outputSliceStride
                )
            }
            return unsafe run(ProductsWork(kernel, products, threadCount: threadCount))
        }
    }

    /// Computes the whole of a problem into `output`, `[slice][row][Dv]`, step by step.
    ///
    /// The outputs of earlier stages are written to the memory that `inputs` has for them.
    @unsafe
    @discardableResult
    package func forwardWhole(
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ inputs: InputView,
        output: UnsafeMutablePointer<Float>
    ) -> TeamTimes {
        var times = TeamTimes()
        let stages = problem.stages
        for step in 0..<problem.stepCount {
            for (stage, rows) in problem.rowParts(of: stages, inStep: step) {
                let earlier = unsafe inputs.floats(stage.output).map {
                    unsafe UnsafeMutablePointer(mutating: $0) + problem.firstElement(of: stage)
                }
                let target = unsafe stage.output == .output ? output : earlier ?? output
                times =
                    unsafe times
                    + compute(
                        stage,
                        kernel,
                        problem,
                        inputs,
                        slices: 0..<stage.sliceCount,
                        rows: rows,
                        output: target + stage.offset(slice: 0, row: rows.lowerBound),
                        outputSliceStride: stage.rowCount * stage.columnCount
                    )
            }
        }
        return times
    }
}

/// Products of one shape, whose threads take rows.
@unsafe
struct ProductsWork: @unsafe ThreadWork {
    private let kernel: AttentionKernel
    private let products: [MatrixProduct]
    private let rows: RowPieces

    init(_ kernel: AttentionKernel, _ products: [MatrixProduct], threadCount: Int) {
        unsafe self.kernel = kernel
        unsafe self.products = products
        // Where there are products for all threads, each is computed whole.
        let threads = unsafe products.count >= 2 * threadCount ? 1 : threadCount
        unsafe rows = RowPieces(products.first?.shape.rows ?? 0, threadCount: threads)
    }

    var pieceCount: Int { unsafe products.count * rows.count }

    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        let (product, part) = unsafe piece.quotientAndRemainder(dividingBy: rows.count)
        unsafe products[product].compute(kernel, rows: rows[part], workspace.products)
        return 1
    }
}
