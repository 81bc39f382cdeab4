import Testing

@testable import Tensors

struct WideningTests {
    @Test func `every half precision number is widened to itself`() {
        for bits in UInt16.min...UInt16.max {
            let half = Float16(bitPattern: bits)
            let wide = Widening.float16(bits)
            if half.isNaN {
                // The processor would make a signalling NaN quiet; the bits are kept instead.
                let payload = UInt32(bits & 0x3ff) << 13
                #expect(wide.bitPattern == UInt32(bits & 0x8000) << 16 | 0x7f80_0000 | payload)
            } else {
                #expect(wide.bitPattern == Float(half).bitPattern)
            }
        }
    }

    @Test(
        arguments: [
            (0x0001, Float(0x1p-24)), (0x03ff, 0x1.ff8p-15), (0x0400, 0x1p-14), (0x7bff, 65504),
            (0x3c00, 1), (0xc000, -2), (0x7c00, .infinity), (0xfc00, -.infinity),
        ] as [(UInt16, Float)]
    )
    func `the edges of half precision are the standard's`(bits: UInt16, value: Float) {
        #expect(Widening.float16(bits) == value)
    }

    @Test func `every bfloat16 is the upper half of its Float`() {
        for bits in UInt16.min...UInt16.max {
            #expect(Widening.bfloat16(bits).bitPattern == UInt32(bits) << 16)
        }
        #expect(Widening.bfloat16(0x3f80) == 1)
        #expect(Widening.bfloat16(0x0001) == 0x1p-133)
    }
}
