/// Tensor files made byte by byte, right or wrong as a test wants them.
enum TensorBytes {
    /// A `.npy` file of format version 1.0 as NumPy lays it out.
    static func npy(
        shape: [Int],
        type: String = "<f4",
        order: String = "False",
        payload: [UInt8]
    ) -> [UInt8] {
        let sizes = shape.map { "\($0)," }.joined(separator: " ")
        var text = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(sizes)), }"
        text += String(repeating: " ", count: (64 - (text.utf8.count + 11) % 64) % 64) + "\n"
        let count = text.utf8.count
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xff), UInt8(count >> 8)]
            + Array(text.utf8) + payload
    }

    /// A `.npy` file of Floats.
    static func npy(shape: [Int], _ value: (Int) -> Float = { Float($0 % 7) - 3 }) -> [UInt8] {
        npy(shape: shape, payload: floats(shape.reduce(1, *), value))
    }

    static func floats(_ count: Int, _ value: (Int) -> Float = { Float($0 % 7) - 3 }) -> [UInt8] {
        (0..<count).flatMap { littleEndian(value($0).bitPattern) }
    }

    /// A `.safetensors` file with the given header text.
    static func safetensors(header: String, payload: [UInt8]) -> [UInt8] {
        littleEndian(UInt64(header.utf8.count)) + Array(header.utf8) + payload
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

    /// A ZIP file of stored members (or of members that say that they are deflated).
    static func zip(_ members: [(name: String, bytes: [UInt8])], method: UInt16 = 0) -> [UInt8] {
        var file: [UInt8] = []
        var table: [UInt8] = []
        for (name, bytes) in members {
            let offset = UInt32(file.count)
            let size = littleEndian(UInt32(bytes.count))
            let checksum = littleEndian(crc32(bytes))
            let common =
                littleEndian(UInt16(20)) + littleEndian(UInt16(0)) + littleEndian(method)
                + [0, 0, 0, 0] + checksum + size + size
                + littleEndian(UInt16(name.utf8.count)) + [0, 0]
            file += [0x50, 0x4b, 3, 4] + common + Array(name.utf8) + bytes
            table += [0x50, 0x4b, 1, 2] + [20, 0] + common + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            table += littleEndian(offset) + Array(name.utf8)
        }
        let count = littleEndian(UInt16(members.count))
        return file + table + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count
            + littleEndian(UInt32(table.count)) + littleEndian(UInt32(file.count)) + [0, 0]
    }

    /// As its definition has it: a division of polynomials, bit by bit.
    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var register = UInt32.max
        for byte in bytes {
            register ^= UInt32(byte)
            for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~register
    }

    static func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (Number($0) * 8)) }
    }
}
