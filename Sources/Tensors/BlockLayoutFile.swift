import Attention
import Files

/// A block-sparse layout in a `.npy` file: boolean or uint8, `[row blocks, key blocks]`, or
/// `[H, row blocks, key blocks]` with a layout for each head; what is not zero is computed.
package enum BlockLayoutFile {
    package static func read(_ path: String, block: Int) throws(ExperimentError) -> BlockLayout {
        let file = try OpenFile(reading: path)
        let tensor = try NpyFile.tensor(in: file, byteCount: file.byteCount, name: "layout")
        guard let type = tensor.elementType, ElementType.booleans.contains(type) else {
            throw try TypeRefusal(tensor).error(for: .flags)
        }
        guard (2...3).contains(tensor.shape.count), tensor.byteCount > 0 else {
            throw tensor.refusal(
                "of shape \(tensor.shape) is not a block layout",
                expected: "[row blocks, key blocks] or [H, row blocks, key blocks]",
                remedy: "save a boolean array of that shape with numpy.save"
            )
        }
        guard tensor.byteCount <= largestBytes else {
            throw tensor.refusal(
                "has \(tensor.byteCount) blocks",
                expected: "at most \(largestBytes), because every worker receives them",
                remedy: "use larger blocks, or one layout for all heads"
            )
        }
        let bytes = try file.bytes(at: tensor.offset, count: tensor.byteCount)
        let sizes = tensor.shape.suffix(2)
        return BlockLayout(
            block: block,
            heads: tensor.shape.count == 3 ? tensor.shape[0] : 1,
            rowBlocks: sizes[sizes.startIndex],
            keyBlocks: sizes[sizes.startIndex + 1],
            isVisible: bytes.map { $0 != 0 }
        )
    }

    /// 1448 blocks either way: as text they fit the message that describes the problem.
    package static let largestBytes = 1 << 21
}
