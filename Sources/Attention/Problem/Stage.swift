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
        case .attention: return [attention]
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
            last,
        ]
    }

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
        case .attention, .maskedSoftmax: return self
        case .linformer(let rank): problem.shape.keyLength = rank
        case .kernelRegression: problem.score = Score(.gaussian, scale: 1)
        case .multiHead: break
        }
        problem.operation = .attention
        return problem
    }

    /// E of a layer.
    package var embedding: Int { shape.heads * shape.headDimension }

    /// The sizes of the output, `[B,H,L,columns]`: the columns are Dv, or S of a softmax; of a layer it
    /// is `[B,1,L,E]`.
    package var outputShape: AttentionShape {
        var output = shape
        switch operation {
        case .attention, .linformer, .kernelRegression: break
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
        case .heads, .sequenceProjection, .training: nil
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
        case .attention:
            if tensor == .training, let training = operation.pooling?.training {
                return trainingPart(epoch: training.epochs - 1, slice: slice)
            }
            let projected: Set<TensorName> = [.key, .value, .keyProjection, .valueProjection]
            if operation.projectedKeys != nil, projected.contains(tensor) { return nil }
            return part(of: tensor, slice: slice)
        }
    }
}
