import Attention
import Files

/// A block-sparse layout in a `.npy` file: booleans, or integers of 0 and 1, `[row blocks, key blocks]`, or
/// `[H, row blocks, key blocks]` with a layout for each head; what is not zero is computed.
package enum BlockLayoutFile {
    package static func read(_ path: String, block: Int) throws(ExperimentError) -> BlockLayout {
        let file = try OpenFile(reading: path)
        let tensor = try NpyFile.tensor(in: file, byteCount: file.byteCount, name: "layout")
        guard try tensor.hasFlags() else { throw try TypeRefusal(tensor).error(for: .flags) }
        guard (2...3).contains(tensor.shape.count), tensor.count > 0 else {
            throw tensor.refusal(
                "of shape \(tensor.shape) is not a block layout",
                expected: "[row blocks, key blocks] or [H, row blocks, key blocks]",
                remedy: "save a boolean array of that shape with numpy.save"
            )
        }
        guard tensor.count <= largestBytes else {
            throw tensor.refusal(
                "has \(tensor.count) blocks",
                expected: "at most \(largestBytes), because every worker receives them",
                remedy: "use larger blocks, or one layout for all heads"
            )
        }
        var isVisible = [Bool](repeating: false, count: tensor.count)
        try tensor.forEachInteger { index, number in isVisible[index] = number != 0 }
        let sizes = tensor.shape.suffix(2)
        return BlockLayout(
            block: block,
            heads: tensor.shape.count == 3 ? tensor.shape[0] : 1,
            rowBlocks: sizes[sizes.startIndex],
            keyBlocks: sizes[sizes.startIndex + 1],
            isVisible: isVisible
        )
    }

    /// 1448 blocks either way: as text they fit the message that describes the problem.
    package static let largestBytes = 1 << 21
}
