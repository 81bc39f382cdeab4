/// The counter-based random generator Philox 4x32-10.
///
/// The source is Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
/// 2011. It has no state: the same key and counter give the same four words in any process, in any
/// order. So every worker can make any part of any tensor by itself.
package struct Philox: Hashable, Sendable {
    package let key: SIMD2<UInt32>

    /// The key is the seed, low word first.
    package init(seed: UInt64) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    }

    /// The four words of one counter.
    @inline(__always)
    package func block(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
        var (c0, c1, c2, c3) = (counter[0], counter[1], counter[2], counter[3])
        var (k0, k1) = (key[0], key[1])
        for _ in 0..<10 {
            let even = UInt64(c0) &* 0xD251_1F53
            let odd = UInt64(c2) &* 0xCD9E_8D57
            c0 = UInt32(truncatingIfNeeded: odd >> 32) ^ c1 ^ k0
            c1 = UInt32(truncatingIfNeeded: odd)
            c2 = UInt32(truncatingIfNeeded: even >> 32) ^ c3 ^ k1
            c3 = UInt32(truncatingIfNeeded: even)
            k0 &+= 0x9E37_79B9
            k1 &+= 0xBB67_AE85
        }
        return SIMD4(c0, c1, c2, c3)
    }

    /// Word `index` of a numbered stream: word `index mod 4` of the block with the counter
    /// (low half of `index div 4`, high half of it, stream, 0).
    @inline(__always)
    package func word(stream: UInt32, index: Int) -> UInt32 {
        block(Self.counter(stream: stream, block: index >> 2))[index & 3]
    }

    @inline(__always)
    package static func counter(stream: UInt32, block: Int) -> SIMD4<UInt32> {
        SIMD4(
            UInt32(truncatingIfNeeded: block),
            UInt32(truncatingIfNeeded: block >> 32),
            stream,
            0
        )
    }

    /// Maps a word to 0..<`bound` as the high half of word × bound.
    @inline(__always)
    package static func below(_ bound: Int, _ word: UInt32) -> Int {
        Int((UInt64(word) &* UInt64(bound)) >> 32)
    }
}
