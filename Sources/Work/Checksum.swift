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

    /// XXH64, seed 0, of 60 bytes: little-endian words, and the half of one.
    package static func xxh64(_ words: InlineArray<7, UInt64>, last: UInt32) -> UInt64 {
        let lanes: InlineArray<4, UInt64> = [
            round(prime1 &+ prime2, words[0]), round(prime2, words[1]), round(0, words[2]),
            round(0 &- prime1, words[3]),
        ]
        var hash = merged(lanes) &+ 60
        for index in 4..<7 { hash = step(hash, words[index]) }
        return finished(rotate(hash ^ (UInt64(last) &* prime1), 23) &* prime2 &+ prime3)
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
            hash = merged([v1, v2, v3, v4])
        }
        hash &+= UInt64(bytes.count)
        while offset + 8 <= bytes.count {
            hash = step(hash, load(bytes, offset))
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
        return finished(hash)
    }

    private static func merged(_ lanes: InlineArray<4, UInt64>) -> UInt64 {
        var hash =
            rotate(lanes[0], 1) &+ rotate(lanes[1], 7) &+ rotate(lanes[2], 12)
            &+ rotate(lanes[3], 18)
        for index in lanes.indices {
            hash = (hash ^ round(0, lanes[index])) &* prime1 &+ prime4
        }
        return hash
    }

    private static func step(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        rotate(hash ^ round(0, word), 27) &* prime1 &+ prime4
    }

    private static func finished(_ hash: UInt64) -> UInt64 {
        let second = (hash ^ (hash >> 33)) &* prime2
        let third = (second ^ (second >> 29)) &* prime3
        return third ^ (third >> 32)
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
