// Sets of the keys of a block.

#if ISA_BASELINE || arch(x86_64)

/// Keys of one block: bit i is key `origin + i`.
struct KeySet {
    var low: UInt64
    var high: UInt64

    @inline(__always)
    init(low: UInt64 = 0, high: UInt64 = 0) {
        self.low = low
        self.high = high
    }

    /// Keys `lower ..< upper`, counted from the origin; keys outside of the block are left out.
    @inline(__always)
    init(_ lower: Int, _ upper: Int) {
        let all = KeySet.below(upper)
        let less = KeySet.below(lower)
        low = all.low & ~less.low
        high = all.high & ~less.high
    }

    @inline(__always)
    private static func below(_ key: Int) -> KeySet {
        let key = min(max(key, 0), keyBlock)
        if key < 64 { return KeySet(low: (1 &<< UInt64(key)) &- 1) }
        // A shift by 64 would act as a shift by 0.
        let high = key == keyBlock ? ~0 : (1 &<< UInt64(key &- 64)) &- 1
        return KeySet(low: ~0, high: high)
    }

    @inline(__always) var isEmpty: Bool { low | high == 0 }
    @inline(__always) var inverted: KeySet { KeySet(low: ~low, high: ~high) }

    @inline(__always)
    func union(_ other: KeySet) -> KeySet {
        KeySet(low: low | other.low, high: high | other.high)
    }

    @inline(__always)
    func intersection(_ other: KeySet) -> KeySet {
        KeySet(low: low & other.low, high: high & other.high)
    }

    @inline(__always)
    func contains(_ other: KeySet) -> Bool {
        (other.low & ~low) | (other.high & ~high) == 0
    }

    @inline(__always)
    func contains(_ key: Int) -> Bool {
        (key < 64 ? low &>> UInt64(key) : high &>> UInt64(key &- 64)) & 1 == 1
    }

    /// The first key from `key` on; `keyBlock` when there is none.
    @inline(__always)
    func first(from key: Int) -> Int {
        let rest = intersection(KeySet(key, keyBlock))
        if rest.low != 0 { return rest.low.trailingZeroBitCount }
        return rest.high == 0 ? keyBlock : 64 &+ rest.high.trailingZeroBitCount
    }

    /// `lanes` keys, with `key` in the lowest bit; all of them must be in one half.
    @inline(__always)
    func bits(from key: Int) -> Int32 {
        let half = key < 64 ? low &>> UInt64(key) : high &>> UInt64(key &- 64)
        return Int32(truncatingIfNeeded: half & ((1 &<< UInt64(lanes)) &- 1))
    }

    /// The index after the last key.
    @inline(__always)
    var end: Int {
        high != 0 ? 128 &- high.leadingZeroBitCount : 64 &- low.leadingZeroBitCount
    }

    /// Whether no key is missing between the first and the last.
    @inline(__always) var isRun: Bool { contains(KeySet(first(from: 0), end)) }

    /// The set with every aligned group of eight keys completed if it holds one of them.
    ///
    /// Shorter pieces cost a tile more than they save.
    @inline(__always)
    var coarsened: KeySet { KeySet(low: Self.coarsen(low), high: Self.coarsen(high)) }

    @inline(__always)
    private static func coarsen(_ bits: UInt64) -> UInt64 {
        var x = bits | bits &>> 4
        x |= x &>> 2
        x |= x &>> 1
        return (x & 0x0101_0101_0101_0101) &* 0xFF
    }
}

#endif
