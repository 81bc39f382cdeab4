import Attention
import Statistics
import Work

/// In which order the files have the axes of query, key, value and output.
///
/// A mask and weights are `[B,H,L,S]` in either.
package enum TensorLayout: String, Codable, Sendable, CaseIterable {
    /// `[B,H,L,D]`, or `[H,L,D]`, as PyTorch, ONNX and MLX have them.
    case bhld
    /// `[B,L,H,D]`, or `[L,H,D]`, as JAX, Keras, Paddle and FlashAttention have them.
    case blhd
    /// `[B,L,H·D]`, as projections make them: the heads of a row side by side. How many there are is in
    /// no file.
    case bld
}

extension TensorLayout {
    /// The one that the same sizes may mean, too.
    package var other: TensorLayout { self == .bhld ? .blhd : .bhld }

    /// How many sizes a tensor has.
    var ranks: ClosedRange<Int> { self == .bld ? 3...3 : 3...4 }

    /// The sizes `[B,H,L,D]` of a tensor with three or four sizes in this order, or the other way
    /// round.
    func axes(of sizes: [Int]) -> [Int] {
        var axes = sizes.count == 3 ? [1] + sizes : sizes
        if self == .blhd { axes.swapAt(1, 2) }
        return axes
    }

    /// `[B,H,L,D]`.
    package func text(rank: Int = 4) -> String {
        if self == .bld { return "[B,L,H·D]" }
        let letters = "\(rank == 3 ? "" : "b")\(rawValue.dropFirst())".uppercased()
        return "[\(letters.map(String.init).joined(separator: ","))]"
    }
}

extension AttentionShape {
    /// `8 heads of 300 rows`.
    var headsOfRows: String { "\(counted(heads, "head")) of \(counted(queryLength, "row"))" }
}
