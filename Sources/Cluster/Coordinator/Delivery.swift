import Attention
import Work

/// The inputs that one worker, or all, have been given in one trial, outputs of earlier stages among
/// them.
///
/// Key, value, lengths and mask parts travel once per worker and trial however many shards use
/// them, of keys and values that are cut only the spans that the worker computes; rows that belong to
/// one shard each, those of the queries, travel with it. In steps, the key of a step travels with it, and
/// those before it travel once.
///
/// A class, since all workers have one in common where inputs are copied for all.
final class Delivery {
    private let problem: AttentionProblem
    private let stages: [Stage]
    private let tensors: Set<TensorName>
    /// The end of what was given from a place on.
    private var delivered: [Place: Int] = [:]

    private struct Place: Hashable {
        var tensor: TensorName
        var byteOffset: Int
    }

    /// The worker lacks nothing of the other tensors.
    init(
        problem: AttentionProblem,
        tensors: Set<TensorName> = Set(TensorName.inputs + TensorName.intermediates)
    ) {
        self.problem = problem
        stages = problem.stages
        self.tensors = tensors
    }

    /// The pieces the worker still lacks for `shard`; from now on they count as sent.
    func takePieces(for shard: Shard) -> [InputPiece] {
        guard !tensors.isEmpty else { return [] }
        var pieces: [InputPiece] = []
        let stage = stages[shard.stage]
        let own = problem.rowTensor(of: stage)
        for tensor in TensorName.inputs + TensorName.intermediates
        where tensor != own?.tensor && tensors.contains(tensor) {
            for slice in shard.slices {
                guard let part = problem.part(of: tensor, stage, slice: slice) else { continue }
                let size = problem.partByteCount(of: tensor)
                for bytes in problem.bytes(ofRows: shard.rows, of: tensor, stage) ?? [0..<size] {
                    let first = part * size
                    let piece = InputPiece(
                        tensor: tensor,
                        byteRange: first + bytes.lowerBound..<first + bytes.upperBound
                    )
                    if let lacking = take(piece) { append(lacking, to: &pieces) }
                }
            }
        }
        guard let (tensor, rowBytes) = own, tensors.contains(tensor) else { return pieces }
        for slice in shard.slices {
            let firstRow = slice * stage.rowCount
            let lower = (firstRow + shard.rows.lowerBound) * rowBytes
            let upper = (firstRow + shard.rows.upperBound) * rowBytes
            append(InputPiece(tensor: tensor, byteRange: lower..<upper), to: &pieces)
        }
        return pieces
    }

    /// What the worker lacks of a piece: a later step reads more from the same place on.
    private func take(_ piece: InputPiece) -> InputPiece? {
        let range = piece.byteRange
        let place = Place(tensor: piece.tensor, byteOffset: range.lowerBound)
        let first = delivered[place] ?? range.lowerBound
        guard first < range.upperBound else { return nil }
        delivered[place] = range.upperBound
        return InputPiece(tensor: piece.tensor, byteRange: first..<range.upperBound)
    }

    /// Joins pieces that touch, so that neighbouring slices travel in full chunks.
    private func append(_ piece: InputPiece, to pieces: inout [InputPiece]) {
        if let last = pieces.last, last.tensor == piece.tensor,
            last.byteRange.upperBound == piece.byteRange.lowerBound
        {
            pieces[pieces.count - 1].byteRange =
                last.byteRange.lowerBound..<piece.byteRange.upperBound
        } else {
            pieces.append(piece)
        }
    }
}
