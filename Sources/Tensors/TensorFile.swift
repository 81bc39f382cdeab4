import Files

/// A tensor of floats, whole, and the files that hold some of them.
package struct TensorFile: Equatable, Sendable {
    package let shape: [Int]
    package let elements: [Float]

    package init(_ shape: [Int], _ elements: [Float]) {
        precondition(shape.reduce(1, *) == elements.count, "a shape must say all elements")
        self.shape = shape
        self.elements = elements
    }

    /// Reads an `.npy` file of floats.
    package init(reading path: String) throws(ExperimentError) {
        let file = try OpenFile(reading: path)
        let tensor = try NpyFile.tensor(in: file, byteCount: file.byteCount, name: "array")
        guard let type = tensor.elementType, ElementType.floats.contains(type) else {
            throw tensor.refusal(
                "has the type \(tensor.typeText)",
                expected: "floats of 64, 32 or 16 bits",
                remedy: "convert it, such as with numpy.float32"
            )
        }
        var elements = [Float](repeating: 0, count: tensor.count)
        try tensor.forEachFloat { index, number in elements[index] = number }
        self.init(tensor.shape, elements)
    }

    /// The rows of the last two sizes, all in a row.
    package var rows: [ArraySlice<Float>] {
        let columns = shape.last ?? 1
        return stride(from: 0, to: elements.count, by: columns).map { elements[$0..<$0 + columns] }
    }

    /// The bytes of a `.safetensors` file of these tensors, and of lengths, if there are any.
    package static func bundle(
        _ tensors: [(name: String, tensor: TensorFile)],
        lengths: (shape: [Int], elements: [Int32])? = nil
    ) -> [UInt8] {
        var entries = tensors.map {
            SafetensorsFile.Entry(name: $0.name, type: .float32, shape: $0.tensor.shape)
        }
        if let lengths {
            entries.append(.init(name: "lengths", type: .int32, shape: lengths.shape))
        }
        let words =
            tensors.flatMap { $0.tensor.elements.map(\.bitPattern) }
            + (lengths?.elements ?? []).map { UInt32(bitPattern: $0) }
        return SafetensorsFile.header(entries)
            + words.flatMap { word in
                [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) }
            }
    }
}
