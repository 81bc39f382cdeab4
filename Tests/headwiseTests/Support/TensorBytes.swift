import TestSupport

/// Tensor files made byte by byte, right or wrong.
enum TensorBytes {
    static func npy(
        shape: [Int],
        type: String = "<f4",
        order: String = "False",
        payload: [UInt8]
    ) -> [UInt8] {
        var file = NpyBuilder(shape, payload, descriptor: type)
        file.order = order
        return file.bytes
    }

    /// A `.npy` file of Floats.
    static func npy(shape: [Int], _ value: (Int) -> Float = { Float($0 % 7) - 3 }) -> [UInt8] {
        npy(shape: shape, payload: floats(shape.reduce(1, *), value))
    }

    static func floats(_ count: Int, _ value: (Int) -> Float = { Float($0 % 7) - 3 }) -> [UInt8] {
        littleEndian((0..<count).map(value))
    }

    /// A `.safetensors` file with the given header text.
    static func safetensors(header: String, payload: [UInt8]) -> [UInt8] {
        littleEndian([UInt64(header.utf8.count)]) + Array(header.utf8) + payload
    }

    /// A `.safetensors` file of q, k and v, all of one shape and type.
    static func safetensors(shape: [Int], type: String = "F32", bytesPerElement: Int = 4) -> [UInt8]
    {
        let byteCount = shape.reduce(bytesPerElement, *)
        let entries = ["q", "k", "v"].enumerated().map { index, name in
            entry(name, type: type, shape: shape, index * byteCount..<(index + 1) * byteCount)
        }
        let header = "{" + entries.joined(separator: ",") + "}"
        return safetensors(
            header: header,
            payload: (0..<3 * byteCount).map { UInt8(truncatingIfNeeded: $0 % 50) }
        )
    }

    static func entry(_ name: String, type: String, shape: [Int], _ range: Range<Int>) -> String {
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"#
            + #""data_offsets":[\#(range.lowerBound),\#(range.upperBound)]}"#
    }

    /// A ZIP file of stored members; `method` 8 calls them deflated.
    static func zip(_ members: [(name: String, bytes: [UInt8])], method: UInt16 = 0) -> [UInt8] {
        var file = ZipBuilder(members: members.map { ($0.name, $0.bytes) })
        file.method = method
        return file.bytes
    }
}
