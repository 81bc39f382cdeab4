import Files

/// Attention weights in a file, such as those of `--weights`, read row by row.
///
/// Dense weights are the one tensor of an `.npy` file, or `weights` or `o` of a `.safetensors` file:
/// `[L,S]`, `[H,L,S]` or `[B,H,L,S]`. Compressed ones are those that `WeightsOutput` writes; they stay
/// compressed.
package struct StoredWeights: Sendable {
    /// `[B,H,L,S]`.
    package let shape: [Int]
    private let weights: StoredTensor
    private let sparse: Sparse?

    private struct Sparse {
        var offsets: StoredTensor
        var keys: StoredTensor
    }

    /// Finds the weights in the file that `flag` names.
    package init(reading path: String, flag: String) throws(ExperimentError) {
        let file = try OpenFile(reading: path)
        let tensors: [StoredTensor]
        if path.hasSuffix(".npy") {
            tensors = [try NpyFile.tensor(in: file, byteCount: file.byteCount, name: "weights")]
        } else if path.hasSuffix(".safetensors") {
            tensors = try SafetensorsFile.tensors(in: file)
        } else {
            throw ExperimentError(
                .usage,
                "\(flag) \(path)",
                "has an unknown file type",
                expected: "an .npy or .safetensors file, as --weights writes",
                remedy: "save the weights in one of these formats"
            )
        }
        guard let weights = tensors.first(where: { ["weights", "o"].contains($0.name) }) else {
            throw ExperimentError(
                .usage,
                "\(flag) \(path)",
                "has no tensor named weights or o",
                expected: "the weights of attention, [B,H,L,S]",
                remedy: "write them with 'headwise run --weights', or name the tensor weights"
            )
        }
        guard let type = weights.elementType, ElementType.floats.contains(type) else {
            throw weights.refusal(
                "has the type \(weights.typeText)",
                expected: "floats of 64, 32 or 16 bits",
                remedy: "convert it, such as with numpy.float32"
            )
        }
        try weights.requireRowOrder()
        self.weights = weights
        func tensor(_ name: String) -> StoredTensor? { tensors.first { $0.name == name } }
        if let offsets = tensor("offsets"), let keys = tensor("keys"), let shape = tensor("shape") {
            let sparse = Sparse(offsets: offsets, keys: keys)
            self.shape = try Self.shape(of: sparse, shape, weights)
            self.sparse = sparse
        } else {
            sparse = nil
            shape = try Self.shape(of: weights)
        }
    }

    package var rowCount: Int { shape[0] * shape[1] * shape[2] }

    private static func shape(of weights: StoredTensor) throws(ExperimentError) -> [Int] {
        guard (2...4).contains(weights.shape.count), weights.shape.allSatisfy({ $0 > 0 }) else {
            throw weights.refusal(
                "has the shape \(weights.shape)",
                expected: "[L,S], [H,L,S] or [B,H,L,S]",
                remedy: "reshape it and write the file again"
            )
        }
        return Array(repeating: 1, count: 4 - weights.shape.count) + weights.shape
    }

    private static func shape(
        of sparse: Sparse,
        _ shape: StoredTensor,
        _ weights: StoredTensor
    ) throws(ExperimentError) -> [Int] {
        guard shape.elementType == .int64, (2...4).contains(shape.shape.first ?? 0),
            shape.shape.count == 1, sparse.offsets.elementType == .int64,
            sparse.keys.elementType == .int32, sparse.keys.shape == weights.shape,
            weights.shape.count == 1
        else {
            throw weights.refusal(
                "is beside shape, offsets and keys that do not fit it",
                expected: "the compressed rows that --weights writes",
                remedy: "write the file again with 'headwise run --weights'"
            )
        }
        let bytes = LittleEndian(bytes: try shape.bytes(0..<shape.byteCount))
        let sizes = (0..<shape.byteCount / 8).map { bytes.integer(at: 8 * $0, byteCount: 8) ?? 0 }
        let rows = StoredTensor.byteCount(of: sizes.dropLast(), elementByteCount: 1)
        guard sizes.allSatisfy({ (1...Int(Int32.max)).contains($0) }), let rows,
            sparse.offsets.shape == [rows + 1]
        else {
            throw shape.refusal(
                "says \(sizes), but there are \(sparse.offsets.shape) offsets",
                expected: "an offset for each row, and one more",
                remedy: "write the file again with 'headwise run --weights'"
            )
        }
        return Array(repeating: 1, count: 4 - sizes.count) + sizes
    }

    /// The keys of a row, numbered over all slices, in ascending order, and their weights.
    ///
    /// In a dense file zeros are hidden keys.
    package func row(_ row: Int) throws(ExperimentError) -> [(key: Int, weight: Float)] {
        guard let sparse else {
            let columns = shape[3]
            let found = try weights.floats(row * columns..<(row + 1) * columns)
            return found.enumerated().lazy.filter { $0.element != 0 }.map { ($0, $1) }
        }
        let ends = LittleEndian(bytes: try sparse.offsets.bytes(8 * row..<8 * row + 16))
        let (first, last) = (
            ends.integer(at: 0, byteCount: 8) ?? -1, ends.integer(at: 8, byteCount: 8) ?? -1
        )
        guard first >= 0, first <= last, last <= weights.shape[0] else {
            throw sparse.offsets.refusal(
                "has \(first) and \(last) for row \(row)",
                expected: "ascending numbers up to \(weights.shape[0])",
                remedy: "write the file again with 'headwise run --weights'"
            )
        }
        let keys = LittleEndian(bytes: try sparse.keys.bytes(4 * first..<4 * last))
        let found = try weights.floats(first..<last)
        var result: [(key: Int, weight: Float)] = []
        for (index, weight) in found.enumerated() {
            let key = keys.integer(at: 4 * index, byteCount: 4) ?? -1
            guard key > result.last?.key ?? -1, key < shape[3] else {
                throw sparse.keys.refusal(
                    "has the key \(key) in row \(row)",
                    expected: "ascending keys from 0 to \(shape[3] - 1)",
                    remedy: "write the file again with 'headwise run --weights'"
                )
            }
            result.append((key, weight))
        }
        return result
    }
}

extension StoredTensor {
    /// Some bytes of the tensor.
    fileprivate func bytes(_ range: Range<Int>) throws(ExperimentError) -> [UInt8] {
        try open().bytes(at: offset + range.lowerBound, count: range.count)
    }

    /// Some elements of a tensor of floats, widened.
    fileprivate func floats(_ range: Range<Int>) throws(ExperimentError) -> [Float] {
        guard let size = elementType?.byteCount else { return [] }
        var part = self
        part.offset += range.lowerBound * size
        part.byteCount = range.count * size
        part.shape = [range.count]
        // That of a part is not known.
        part.checksum = nil
        var floats: [Float] = []
        floats.reserveCapacity(range.count)
        try part.forEachFloat { _, number in floats.append(number) }
        return floats
    }
}
