/// A part of a computation that writes one tensor, `[slice][row][column]`, cut in slices and rows.
///
/// Attention is one stage. Where something is computed before it, that is a stage of its own: it is
/// split over the workers, too, and a shard of a later stage waits until the output of its batch
/// elements is gathered as a whole. So no sum is split, and a stage's bits do not depend on who
/// computed the stage before.
package struct Stage: Hashable, Sendable {
    package enum Work: Hashable, Sendable {
        case attention
        /// The softmax of given scores.
        case softmax
        /// E·K or F·V of Linformer: a projection along the sequence.
        case sequenceProjection(of: TensorName, by: TensorName)
        /// Projections and attention of the heads of a layer: whole slices.
        case heads
        /// The output projection of the rows of a layer.
        case tokens
        /// An epoch of kernel regression: a row has the sums of a span of data.
        case training(epoch: Int)
        /// Attention over spans of keys: a row of a slice is one span, and has the state that each
        /// query row reaches over it (`[L]` maxima, `[L]` sums, `[L,Dv]` sums of values).
        case states
        /// The output of attention from the states of all spans, folded from left to right.
        case fold
        /// Rows over one of their arcs: into what they carry from the stage before, which a shard reads in
        /// its own rows alone, the arc's spans are folded. It is divided where no arc is `following`.
        case arc(following: Int)
    }

    package var work: Work
    /// What it writes: the output, or a tensor that later stages read.
    package var output: TensorName
    package var sliceCount: Int
    package var rowCount: Int
    package var columnCount: Int
    /// The slices of one batch element.
    package var slicesPerBatch: Int
    /// Rows are best cut at multiples of this number; nil for the query block of the kernel.
    package var rowBlock: Int?
    /// The stages whose output it reads: in a slice, that of the same batch element.
    package var waitsFor: [Int]
    /// How many slices stand side by side in a row of memory: 1, or the heads of a layer.
    package var interleaved = 1
    /// The part of the tensor with which its output begins.
    package var firstPart = 0

    /// Where a row of a slice begins in memory, in numbers.
    package func offset(slice: Int, row: Int) -> Int {
        Self.offset(
            slice: slice,
            row: row,
            rowCount: rowCount,
            columnCount: columnCount,
            interleaved: interleaved
        )
    }

    /// The same by the sizes of a stage alone.
    package static func offset(
        slice: Int,
        row: Int,
        rowCount: Int,
        columnCount: Int,
        interleaved: Int
    ) -> Int {
        let (group, place) = slice.quotientAndRemainder(dividingBy: interleaved)
        return ((group * rowCount + row) * interleaved + place) * columnCount
    }

    /// The bytes of its output.
    package var byteCount: Int { sliceCount * rowCount * columnCount * 4 }
}

extension AttentionProblem {
    /// What is computed, one stage after the other; the last one writes the output.
    package var stages: [Stage] {
        let attention = Stage(
            work: .attention,
            output: .output,
            sliceCount: shape.sliceCount,
            rowCount: shape.queryLength,
            columnCount: shape.valueDimension,
            slicesPerBatch: shape.heads,
            waitsFor: []
        )
        var last = attention
        switch operation {
        case .attention, .decodeSteps: return foldingStages(attention)
        case .maskedSoftmax:
            last.work = .softmax
            last.columnCount = shape.keyLength
            return [last]
        case .linformer(let rank): return linformerStages(rank, attention)
        case .kernelRegression(let pooling):
            let epochs = 0..<(pooling.training?.epochs ?? 0)
            last.waitsFor = epochs.suffix(1)
            return epochs.map(trainingStage) + [last]
        case .multiHead:
            var heads = attention
            heads.work = .heads
            heads.output = .heads
            heads.rowBlock = shape.queryLength
            heads.interleaved = shape.heads
            return [
                heads,
                Stage(
                    work: .tokens,
                    output: .output,
                    sliceCount: shape.batch,
                    rowCount: shape.queryLength,
                    columnCount: embedding,
                    slicesPerBatch: 1,
                    rowBlock: 32,
                    waitsFor: [0]
                ),
            ]
        }
    }

    private func linformerStages(_ rank: Int, _ attention: Stage) -> [Stage] {
        func projection(of tensor: TensorName, by matrix: TensorName, columns: Int) -> Stage {
            Stage(
                work: .sequenceProjection(of: tensor, by: matrix),
                output: tensor == .key ? .projectedKey : .projectedValue,
                sliceCount: shape.keyValueSliceCount,
                rowCount: rank,
                columnCount: columns,
                slicesPerBatch: shape.keyValueHeads,
                rowBlock: 32,
                waitsFor: []
            )
        }
        var last = attention
        last.waitsFor = [0, 1]
        return [
            projection(of: .key, by: .keyProjection, columns: shape.keyDimension),
            projection(of: .value, by: .valueProjection, columns: shape.valueDimension),
        ] + foldingStages(last)
    }

    /// Attention itself, or the states of its spans and their fold if keys are cut.
    private func foldingStages(_ attention: Stage) -> [Stage] {
        guard spanKeys != nil else { return [attention] }
        guard arcs == nil else { return arcStages(attention) }
        var states = attention
        states.work = .states
        states.output = .states
        states.rowCount = stepCount * spanCount
        states.columnCount = stateNumbers
        states.rowBlock = 1
        var fold = attention
        fold.work = .fold
        // What the states wait for comes right before them.
        fold.waitsFor = [attention.waitsFor.count]
        return [states, fold]
    }

    /// The spans of the keys that rows attend to; 1 where keys are not cut.
    package var spanCount: Int {
        guard let spanKeys else { return 1 }
        return (attended.shape.keyLength - 1) / spanKeys + 1
    }

    /// The numbers of a state of a slice: of each row of a step a maximum, a sum and Dv sums of values.
    package var stateNumbers: Int { rowsOfStep * (2 + shape.valueDimension) }

    private func trainingStage(_ epoch: Int) -> Stage {
        Stage(
            work: .training(epoch: epoch),
            output: .training,
            sliceCount: shape.sliceCount,
            rowCount: trainingSpans,
            columnCount: Training.sumColumns,
            slicesPerBatch: shape.heads,
            rowBlock: 1,
            waitsFor: epoch == 0 ? [] : [epoch - 1],
            firstPart: trainingPart(epoch: epoch, slice: 0)
        )
    }

    /// The attention inside: over the projected keys of Linformer, of the Gaussian scores of kernel
    /// regression, or the problem itself.
    package var attended: AttentionProblem {
        var problem = self
        switch operation {
        case .maskedSoftmax: return self
        case .attention: break
        case .linformer(let rank): problem.shape.keyLength = rank
        case .kernelRegression: problem.score = Score(.gaussian, scale: 1)
        case .multiHead, .decodeSteps: break
        }
        // The kernel computes rows that are steps as few rows, however many there are.
        if !isInSteps { problem.operation = .attention }
        (problem.spanKeys, problem.arcs) = (nil, nil)
        return problem
    }

    /// E of a layer.
    package var embedding: Int { shape.heads * shape.headDimension }

    /// The sizes of the output, `[B,H,L,columns]`: the columns are Dv, or S of a softmax; of a layer it
    /// is `[B,1,L,E]`.
    package var outputShape: AttentionShape {
        var output = shape
        switch operation {
        case .attention, .linformer, .kernelRegression, .decodeSteps: break
        case .maskedSoftmax: output.valueDimension = shape.keyLength
        case .multiHead:
            (output.heads, output.keyValueHeads, output.valueDimension) = (1, 1, embedding)
        }
        return output
    }

    /// Where the output of a stage begins in its tensor, in numbers.
    package func firstElement(of stage: Stage) -> Int {
        stage.firstPart * partByteCount(of: stage.output) / 4
    }

    /// The tensor of which a shard of a stage reads its own rows only, and the bytes of a row.
    package func rowTensor(of stage: Stage) -> (tensor: TensorName, rowBytes: Int)? {
        switch stage.work {
        case .attention: (.query, shape.headDimension * 4)
        case .tokens: (.heads, embedding * 4)
        case .softmax: (.scores, shape.keyLength * 4)
        case .heads, .sequenceProjection, .training, .states, .fold, .arc: nil
        }
    }

    /// The bytes of a part of a tensor that some rows of a stage read, where that is not all of the part:
    /// those of their spans, of their step, and of the keys that are there in it; nil for all.
    ///
    /// What a later step reads begins where that of an earlier one does, and is longer, or begins
    /// elsewhere.
    package func bytes(
        ofRows rows: Range<Int>,
        of tensor: TensorName,
        _ stage: Stage
    ) -> [Range<Int>]? {
        guard isInSteps || spanKeys != nil else { return nil }
        if case .arc(let following) = stage.work {
            return bytes(ofRows: rows, of: tensor, following: following)
        }
        let step = step(of: rows, stage)
        if stage.work == .fold {
            return tensor == .states ? bytesOfStates(ofRows: rows, step: step) : nil
        }
        guard stage.work == .attention || stage.work == .states else { return nil }
        let columns: Int
        switch tensor {
        case .query:
            let (row, rows) = (shape.headDimension * 4, queryRows(ofStep: step))
            return [rows.lowerBound * row..<rows.upperBound * row]
        case .key, .projectedKey: columns = shape.keyDimension
        case .value, .projectedValue: columns = shape.valueDimension
        default: return nil
        }
        let (keys, spans) = (keyCount(ofStep: step), spanCount)
        guard stage.work == .states, let spanKeys else { return [0..<keys * columns * 4] }
        return rows.compactMap { row in
            let first = row % spans * spanKeys
            let end = min(first + spanKeys, keys)
            return first < end ? first * columns * 4..<end * columns * 4 : nil
        }
    }

    /// The maxima, sums and values of some rows of a step, for each span; see `SpanStates`.
    private func bytesOfStates(ofRows rows: Range<Int>, step: Int) -> [Range<Int>] {
        let (length, columns) = (rowsOfStep, shape.valueDimension)
        let spans = step * spanCount..<(step + 1) * spanCount
        if rows.count == length {
            return [spans.lowerBound * stateNumbers * 4..<spans.upperBound * stateNumbers * 4]
        }
        let first = rows.lowerBound - step * length
        return spans.flatMap { span in
            [(0, 1), (length, 1), (2 * length, columns)].map { offset, width in
                let start = span * stateNumbers + offset + first * width
                return start * 4..<(start + rows.count * width) * 4
            }
        }
    }

    /// Which part of a tensor a slice of a stage reads; nil for none.
    package func part(of tensor: TensorName, _ stage: Stage, slice: Int) -> Int? {
        guard partCount(of: tensor) > 0 else { return nil }
        switch stage.work {
        case .sequenceProjection(let source, let matrix):
            return tensor == source ? slice : tensor == matrix ? 0 : nil
        case .softmax: return part(of: tensor, slice: slice)
        case .heads:
            let later: Set<TensorName> = [.outputWeights, .outputBias, .heads]
            return later.contains(tensor) ? nil : part(of: tensor, slice: slice)
        case .tokens: return [.outputWeights, .outputBias].contains(tensor) ? 0 : nil
        case .training(let epoch):
            if tensor == .training {
                return epoch == 0 ? nil : trainingPart(epoch: epoch - 1, slice: slice)
            }
            return tensor == .query ? nil : part(of: tensor, slice: slice)
        case .fold: return foldReads(tensor) ? part(of: tensor, slice: slice) : nil
        case .arc(let following):
            guard tensor == .carried else { return part(of: tensor, slice: slice) }
            // What the stage before wrote.
            let place = arcCount - 1 - following
            return place == 0 ? nil : (place - 1) * shape.sliceCount + slice
        case .attention, .states:
            if tensor == .states { return nil }
            if tensor == .training, let training = operation.pooling?.training {
                return trainingPart(epoch: training.epochs - 1, slice: slice)
            }
            let projected: Set<TensorName> = [.key, .value, .keyProjection, .valueProjection]
            if operation.projectedKeys != nil, projected.contains(tensor) { return nil }
            return part(of: tensor, slice: slice)
        }
    }

    /// Whether a fold reads a tensor beside the states: what says which rows see nothing and what they
    /// become, and how far the nearest key is.
    private func foldReads(_ tensor: TensorName) -> Bool {
        switch tensor {
        case .states, .lengths: true
        case .visibility: maskedRows == .uniform || !alibi.isEmpty
        case .value: maskedRows == .uniform && mask != .none
        default: false
        }
    }
}
