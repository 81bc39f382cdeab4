/// The checksum of members of a ZIP file: CRC-32 with the polynomial of IEEE 802.3 and ITU-T V.42,
/// 0x04C11DB7, from the lowest bit on, as section 4.4.7 of PKWARE's APPNOTE asks for.
///
/// Eight bytes at a time by eight tables (Kounavis and Berry, *A Systematic Approach to Building
/// High Performance Software-based CRC Generators*, ISCC 2005), which is faster than disks and needs
/// no instruction that only some processors have. It guards against accidents, not against an
/// adversary.
package struct CRC32: Equatable, Sendable {
    /// Complemented before the first and after the last byte.
    private var register = UInt32.max

    package init() {}

    /// The checksum of all bytes until now.
    package var value: UInt32 { ~register }

    /// Takes the bytes that follow those of the calls before.
    package mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// Takes the bytes that follow those of the calls before.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var register = register
        unsafe Self.tables.withUnsafeBufferPointer { tables in
            var offset = 0
            while offset <= bytes.count - 8 {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let mixed = UInt64(littleEndian: word) ^ UInt64(register)
                var next: UInt32 = 0
                for index in 0..<8 {
                    let byte = Int(truncatingIfNeeded: mixed >> UInt64(8 * index) & 0xff)
                    unsafe next ^= tables[(7 - index) << 8 | byte]
                }
                register = next
                offset += 8
            }
            while offset < bytes.count {
                let byte = unsafe Int((register ^ UInt32(bytes[offset])) & 0xff)
                unsafe register = register >> 8 ^ tables[byte]
                offset += 1
            }
        }
        self.register = register
    }

    /// `tables[256 * n + byte]` is what a byte leaves in the register after n zeros behind it.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var remainder = UInt32(byte)
            for _ in 0..<8 {
                // The polynomial with its bits in reverse.
                remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0)
            }
            tables[byte] = remainder
        }
        for index in 256..<tables.count {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xff)]
        }
        return tables
    }()
}
