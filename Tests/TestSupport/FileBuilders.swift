/// Little-endian bytes of numbers.
package func littleEndian<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
    numbers.flatMap { number in
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
    }
}

package func littleEndian(_ numbers: [Float]) -> [UInt8] {
    littleEndian(numbers.map(\.bitPattern))
}

/// 0, 1, 2 … as Floats that f16 and bf16 hold exactly.
package func ramp(_ shape: [Int]) -> [Float] {
    (0..<shape.reduce(1, *)).map { Float($0 % 128) - 64 }
}

/// CRC-32 as its definition has it: a division of polynomials, bit by bit.
package func crc32(_ bytes: [UInt8]) -> UInt32 {
    var register = UInt32.max
    for byte in bytes {
        register ^= UInt32(byte)
        for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~register
}

/// A `.npy` file, as NumPy writes it unless told otherwise.
package struct NpyBuilder {
    package var descriptor = "<f4"
    package var order = "False"
    package var shape: [Int]
    package var content: [UInt8]
    package var major: UInt8 = 1
    /// Replaces the dictionary.
    package var dictionary: String?

    package init(_ shape: [Int], _ content: [UInt8], descriptor: String = "<f4") {
        self.shape = shape
        self.content = content
        self.descriptor = descriptor
    }

    package init(_ shape: [Int]) {
        self.init(shape, littleEndian(ramp(shape)))
    }

    package var bytes: [UInt8] {
        let sizes = shape.map { "\($0)," }.joined(separator: " ")
        let text =
            dictionary
            ?? "{'descr': '\(descriptor)', 'fortran_order': \(order), 'shape': (\(sizes)), }"
        let header = Array((text + "\n").utf8)
        let length =
            major == 1
            ? littleEndian([UInt16(header.count)]) : littleEndian([UInt32(header.count)])
        return [0x93] + Array("NUMPY".utf8) + [major, 0] + length + header + content
    }
}

/// A ZIP file with stored members unless told otherwise, with room to lie.
package struct ZipBuilder {
    package var members: [(name: String, content: [UInt8])]
    package var method: UInt16 = 0
    /// What a member's content is stored as.
    package var compress: ([UInt8]) -> [UInt8] = { $0 }
    /// What a member's name is stored as.
    package var changeName: ([UInt8]) -> [UInt8] = { $0 }
    package var flags: UInt16 = 0
    /// Writes sizes and offsets in 64 bits only.
    package var isLarge = false
    /// What the local headers say of the checksums, as where these follow the content.
    package var localChecksum: UInt32?
    /// Changes the central directory's entries; by member, stored size, size, offset.
    package var lie: (Int, inout [UInt32]) -> Void = { _, _ in }

    package init(members: [(name: String, content: [UInt8])]) { self.members = members }

    package var bytes: [UInt8] {
        var file: [UInt8] = []
        var table: [UInt8] = []
        for (index, member) in members.enumerated() {
            let name = changeName(Array(member.name.utf8))
            let stored = compress(member.content)
            let (storedSize, size) = (stored.count, member.content.count)
            let checksum = crc32(member.content)
            var fields = [UInt32(storedSize), UInt32(size), UInt32(file.count)]
            lie(index, &fields)
            let large = littleEndian([UInt64(fields[1]), UInt64(fields[0]), UInt64(fields[2])])
            let extra = isLarge ? littleEndian([UInt16(1), 24]) + large : []
            if isLarge { fields = [.max, .max, .max] }
            table += littleEndian([UInt32(0x0201_4b50)])
            table += littleEndian([20, 20, flags, method, 0, 0] as [UInt16])
            table += littleEndian([checksum, fields[0], fields[1]] as [UInt32])
            table += littleEndian([UInt16(name.count), UInt16(extra.count), 0, 0, 0])
            table += littleEndian([0, fields[2]] as [UInt32]) + name + extra
            file += littleEndian([UInt32(0x0403_4b50)])
            file += littleEndian([20, flags, method, 0, 0] as [UInt16])
            let local = localChecksum ?? checksum
            file += littleEndian([local, UInt32(storedSize), UInt32(size)] as [UInt32])
            file += littleEndian([UInt16(name.count), 0]) + name + stored
        }
        let tableStart = file.count
        file += table
        let largeEnd = file.count
        if isLarge {
            file += littleEndian([UInt32(0x0606_4b50)]) + littleEndian([UInt64(44)])
            file += littleEndian([45, 45] as [UInt16]) + littleEndian([0, 0] as [UInt32])
            file += littleEndian([members.count, members.count, table.count, tableStart])
            file += littleEndian([0x0706_4b50, 0] as [UInt32])
            file += littleEndian([UInt64(largeEnd)]) + littleEndian([UInt32(1)])
        }
        let count = isLarge ? UInt16.max : UInt16(members.count)
        file += littleEndian([UInt32(0x0605_4b50)])
        file += littleEndian([0, 0, count, count] as [UInt16])
        file += littleEndian(
            isLarge ? [.max, .max] : [UInt32(table.count), UInt32(tableStart)]
        )
        return file + [0, 0]
    }
}

/// A `.safetensors` file; the header can be replaced.
package struct SafetensorsBuilder {
    package var tensors: [(name: String, type: String, shape: [Int], content: [UInt8])] = []
    /// Replaces the header.
    package var header: String?
    /// Replaces the header's length.
    package var headerBytes: UInt64?

    package init() {}

    package var bytes: [UInt8] {
        var entries = [#""__metadata__":{"format":"pt"}"#]
        var content: [UInt8] = []
        for tensor in tensors {
            let end = content.count + tensor.content.count
            entries.append(
                #""\#(tensor.name)":{"dtype":"\#(tensor.type)","shape":\#(tensor.shape),"#
                    + #""data_offsets":[\#(content.count),\#(end)]}"#
            )
            content += tensor.content
        }
        let text = Array((header ?? "{\(entries.joined(separator: ","))}").utf8)
        return littleEndian([headerBytes ?? UInt64(text.count)]) + text + content
    }
}
