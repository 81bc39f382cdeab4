// The distance to the nearest key that a row sees, which the kernels subtract from all distances.

import CSystem

extension headwise_call {
    /// Writes the distance of the nearest key that each row sees, and sets the call's pointer to
    /// them.
    ///
    /// The distance is 0 for a row that sees no key. A row's distance depends on the whole mask and
    /// on no other row, so it is the same in every shard and span.
    mutating func fillNearest(
        _ target: UnsafeMutablePointer<Int32>,
        positions: UnsafePointer<Int32>
    ) {
        for row in 0..<(unsafe rows) {
            let position = unsafe Int(positions[row])
            unsafe target[row] = Int32(clamping: nearestDistance(row, position: position))
        }
        unsafe nearest = UnsafePointer(target)
    }

    private func nearestDistance(_ row: Int, position: Int) -> Int {
        // Farther than any key.
        let none = unsafe abs(position) + keyLength + 1
        var nearest = none
        func look(_ keys: Range<Int>) {
            let lower = max(keys.lowerBound, position - nearest + 1)
            let before = unsafe lastShown(row, lower, min(keys.upperBound, position + 1))
            if let before { nearest = position - before }
            let upper = min(keys.upperBound, position + nearest)
            let after = unsafe firstShown(row, max(keys.lowerBound, position), upper)
            if let after { nearest = after - position }
        }
        if let offsets = unsafe rangeOffsets, let ranges = unsafe ranges {
            for n in unsafe Int(offsets[row])..<Int(offsets[row + 1]) {
                unsafe look(Int(ranges[2 * n])..<Int(ranges[2 * n + 1]))
            }
        } else {
            unsafe look(Int(visibleStart[row])..<Int(visibleEnd[row]))
        }
        return nearest == none ? 0 : nearest
    }

    /// The first key from `lower` to `upper` whose byte is not zero; nil when there is none.
    private func firstShown(_ row: Int, _ lower: Int, _ upper: Int) -> Int? {
        guard lower < upper else { return nil }
        guard let bytes = unsafe bytes(row) else { return lower }
        var key = lower
        while key + 8 <= upper {
            let word = unsafe word(bytes + key)
            if word != 0 { return key + word.trailingZeroBitCount / 8 }
            key += 8
        }
        while key < upper {
            if unsafe bytes[key] != 0 { return key }
            key += 1
        }
        return nil
    }

    /// The last such key.
    private func lastShown(_ row: Int, _ lower: Int, _ upper: Int) -> Int? {
        guard lower < upper else { return nil }
        guard let bytes = unsafe bytes(row) else { return upper - 1 }
        var end = upper
        while end - 8 >= lower {
            let word = unsafe word(bytes + end - 8)
            if word != 0 { return end - 1 - word.leadingZeroBitCount / 8 }
            end -= 8
        }
        while end > lower {
            end -= 1
            if unsafe bytes[end] != 0 { return end }
        }
        return nil
    }

    private func bytes(_ row: Int) -> UnsafePointer<UInt8>? {
        unsafe visibility.map { unsafe $0 + row % maskRows * keyLength }
    }

    /// Eight bytes as one integer, the first byte lowest.
    private func word(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: unsafe UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    }
}
