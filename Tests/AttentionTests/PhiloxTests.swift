import Attention
import Testing

struct PhiloxTests {
    /// The known answers published with the Random123 library.
    @Test(arguments: [
        (
            SIMD4<UInt32>(0, 0, 0, 0), SIMD2<UInt32>(0, 0),
            SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
        ),
        (
            SIMD4(repeating: UInt32.max), SIMD2(repeating: UInt32.max),
            SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
        ),
        (
            SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
            SIMD2(0xa409_3822, 0x299f_31d0),
            SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
        ),
    ])
    func `the published known answers come out`(
        counter: SIMD4<UInt32>,
        key: SIMD2<UInt32>,
        expected: SIMD4<UInt32>
    ) {
        let seed = UInt64(key[1]) << 32 | UInt64(key[0])
        #expect(Philox(seed: seed).block(counter) == expected)
    }

    @Test func `a seed is a key, low word first`() {
        #expect(Philox(seed: 0x1_0000_0002).key == SIMD2(2, 1))
    }

    @Test func `draws below a bound reach both ends and no further`() {
        #expect(Philox.below(100, 0) == 0)
        #expect(Philox.below(100, .max) == 99)
        #expect(Philox.below(1, .max) == 0)
    }
}
