import Platform
import Testing

struct LargeCopyTests {
    /// Sizes about the threshold and the lines of a cache, at all alignments of 16 bytes, and odd ones.
    @Test(arguments: [0, 1, 63, 64, 65, LargeCopy.leastBytes, LargeCopy.leastBytes + 127])
    func `every byte arrives, and none beside`(count: Int) {
        let room = 160
        let source = [UInt8](
            (0..<count + room).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        )
        for (from, to) in [(0, 0), (1, 0), (0, 1), (16, 48), (63, 17), (5, 64), (32, 79)] {
            var target = [UInt8](repeating: 0xA5, count: count + room)
            unsafe source.withUnsafeBytes { source in
                unsafe target.withUnsafeMutableBytes { target in
                    guard let first = source.baseAddress, let place = target.baseAddress else {
                        return
                    }
                    unsafe LargeCopy.copy(first + from, to: place + to, byteCount: count)
                }
            }
            #expect(target[to..<to + count].elementsEqual(source[from..<from + count]))
            #expect(target[..<to].allSatisfy { $0 == 0xA5 })
            #expect(target[(to + count)...].allSatisfy { $0 == 0xA5 })
        }
    }
}
