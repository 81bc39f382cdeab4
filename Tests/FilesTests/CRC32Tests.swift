import TestSupport
import Testing

@testable import Files

struct CRC32Tests {
    private func value(of bytes: [UInt8], inPartsOf size: Int? = nil) -> UInt32 {
        var checksum = CRC32()
        bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: size ?? max(bytes.count, 1)) {
                let end = min(start + (size ?? bytes.count), bytes.count)
                checksum.update(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            }
        }
        return checksum.value
    }

    /// The check value of the CRC catalogue, and others of zlib.
    @Test(
        arguments: [
            ("", 0), ("a", 0xE8B7_BE43), ("123456789", 0xCBF4_3926),
            ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
        ] as [(String, UInt32)]
    )
    func `published texts have their published checksums`(text: String, checksum: UInt32) {
        #expect(value(of: Array(text.utf8)) == checksum)
    }

    @Test(arguments: 0...33)
    func `eight bytes at a time are the same as one bit at a time`(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 77) }
        #expect(value(of: bytes) == crc32(bytes))
        for size in [1, 3, 7, 8, 9] { #expect(value(of: bytes, inPartsOf: size) == crc32(bytes)) }
    }

    @Test func `every flipped bit is seen`() {
        let bytes = [UInt8](0..<24)
        let whole = value(of: bytes)
        for bit in 0..<8 * bytes.count {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(value(of: damaged) != whole, "bit \(bit)")
        }
    }
}
