/// The checksum of headers and payloads: XXH64 with seed 0.
///
/// It runs at the speed of memory without special instructions, so it can stay on where links are
/// not trusted. Every language has it, or needs forty lines. It protects against accidents, not
/// against an attacker.
package enum Checksum {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// The checksum field of a payload: XXH64, or 1 if that is 0, because 0 means "none".
    package static func ofPayload(_ bytes: Span<UInt8>) -> UInt64 {
        max(1, xxh64(bytes))
    }

    /// XXH64 of `bytes`, seed 0.
    package static func xxh64(_ bytes: Span<UInt8>) -> UInt64 {
        var offset = 0
        var hash = prime5
        if bytes.count >= 32 {
            var (v1, v2, v3, v4) = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
            repeat {
                v1 = round(v1, load(bytes, offset))
                v2 = round(v2, load(bytes, offset + 8))
                v3 = round(v3, load(bytes, offset + 16))
                v4 = round(v4, load(bytes, offset + 24))
                offset += 32
            } while offset + 32 <= bytes.count
            hash = rotate(v1, 1) &+ rotate(v2, 7) &+ rotate(v3, 12) &+ rotate(v4, 18)
            for lane in [v1, v2, v3, v4] {
                hash = (hash ^ round(0, lane)) &* prime1 &+ prime4
            }
        }
        hash &+= UInt64(bytes.count)
        while offset + 8 <= bytes.count {
            hash = rotate(hash ^ round(0, load(bytes, offset)), 27) &* prime1 &+ prime4
            offset += 8
        }
        if offset + 4 <= bytes.count {
            var word: UInt64 = 0
            for index in 0..<4 { word |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
            hash = rotate(hash ^ (word &* prime1), 23) &* prime2 &+ prime3
            offset += 4
        }
        while offset < bytes.count {
            hash = rotate(hash ^ (UInt64(bytes[offset]) &* prime5), 11) &* prime1
            offset += 1
        }
        hash = (hash ^ (hash >> 33)) &* prime2
        hash = (hash ^ (hash >> 29)) &* prime3
        return hash ^ (hash >> 32)
    }

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* prime2, 31) &* prime1
    }

    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
        word << count | word >> (64 - count)
    }

    /// Eight bytes as a little-endian number; the bounds are checked, and any bytes are a number.
    private static func load(_ bytes: Span<UInt8>, _ offset: Int) -> UInt64 {
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        return UInt64(littleEndian: word)
    }
}
