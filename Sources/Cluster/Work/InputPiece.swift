import Attention

/// A contiguous piece of one input tensor, `[part][row][column]`.
struct InputPiece: Hashable {
    var tensor: TensorName
    var byteRange: Range<Int>
}

extension InputPiece {
    /// Every part of `tensor` from its first byte to its last; nil if the problem has no such tensor.
    init?(whole tensor: TensorName, of problem: AttentionProblem) {
        let count = problem.byteCount(of: tensor)
        guard count > 0 else { return nil }
        self.init(tensor: tensor, byteRange: 0..<count)
    }
}
