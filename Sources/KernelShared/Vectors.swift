// The vectors of the instruction set, the kernel's sizes for them, and their operations.

#if ISA_BASELINE || arch(x86_64)

import CSystem

#if ISA_AVX512
typealias Vec = SIMD16<Float>
typealias IntVec = SIMD16<Int32>
/// The width of a tile in vectors of query rows; a tile has 4 rows, so 16 sums are in registers.
let columns = 4
#elseif ISA_AVX2
typealias Vec = SIMD8<Float>
typealias IntVec = SIMD8<Int32>
let columns = 3
#else
typealias Vec = SIMD4<Float>
typealias IntVec = SIMD4<Int32>
let columns = 2
#endif

let lanes = Vec.scalarCount
/// Query rows computed together; row ranges are cut at multiples of it.
let queryBlock = columns * lanes
/// Keys per softmax step.
///
/// Scores and packed query must stay in the first-level cache, and a row's keys in the 128 bits of
/// a `KeySet`.
let keyBlock = 128
/// Keys per span; the same in every build, so that a plan does not depend on the processor.
let spanKeys = 2048
/// The largest D and Dv.
let maximumDimension = 512
/// Scores are multiplied by this factor, so that e^x is computed as 2^x.
let log2e: Float = 1.442_695_04
/// The number of keys in one word of a row's bits.
let wordKeys = 32

typealias Width<let C: Int> = InlineArray<C, Vec>
typealias Tile<let R: Int, let C: Int> = InlineArray<R, InlineArray<C, Vec>>

/// a·b + c, in one rounding where the instruction set has it.
@inline(__always)
func fma(_ a: Vec, _ b: Vec, _ c: Vec) -> Vec {
    #if ISA_AVX512
    headwise_fma16(a, b, c)
    #elseif ISA_AVX2
    headwise_fma8(a, b, c)
    #elseif arch(arm64)
    headwise_fma4(a, b, c)
    #else
    a * b + c
    #endif
}

/// The integers converted to floats.
@inline(__always)
func floats(_ integers: IntVec) -> Vec {
    #if ISA_AVX512
    headwise_float16(integers)
    #elseif ISA_AVX2
    headwise_float8(integers)
    #else
    headwise_float4(integers)
    #endif
}

@inline(__always)
func splat(_ x: Float) -> Vec { Vec(repeating: x) }

/// The sum of the lanes.
///
/// It does not use `x.sum()`: several files would share the one specialisation of that function,
/// and the linker might use it in the rest of the program.
@inline(__always)
func total(_ x: Vec) -> Float {
    var sum = x[0]
    for lane in 1..<lanes { sum += x[lane] }
    return sum
}

/// The larger number, or `b` when either is NaN: the exact behaviour of the processor's
/// instruction.
@inline(__always)
func larger(_ a: Vec, _ b: Vec) -> Vec { b.replacing(with: a, where: a .> b) }

extension UnsafePointer<Float> {
    @inline(__always)
    func vec(_ index: Int) -> Vec {
        UnsafeRawPointer(self + index).loadUnaligned(as: Vec.self)
    }
}

extension UnsafeMutablePointer<Float> {
    @inline(__always)
    func vec(_ index: Int) -> Vec {
        UnsafeRawPointer(self + index).loadUnaligned(as: Vec.self)
    }
    @inline(__always)
    func put(_ index: Int, _ vector: Vec) {
        UnsafeMutableRawPointer(self + index).storeBytes(of: vector, as: Vec.self)
    }
}

extension UnsafeMutablePointer<Int32> {
    @inline(__always)
    func vec(_ index: Int) -> IntVec {
        UnsafeRawPointer(self + index).loadUnaligned(as: IntVec.self)
    }
    @inline(__always)
    func put(_ index: Int, _ vector: IntVec) {
        UnsafeMutableRawPointer(self + index).storeBytes(of: vector, as: IntVec.self)
    }
}

#if ISA_AVX512
@inline(__always)
func interleaveLow(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_low16(a, b) }
@inline(__always)
func interleaveHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_high16(a, b) }
@inline(__always)
func pairsLow(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_low16(a, b) }
@inline(__always)
func pairsHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_high16(a, b) }
/// Hides x from the compiler.
///
/// The compiler merges nothing across this call, and two of these calls keep their order.
@inline(__always)
func opaque(_ x: Vec) -> Vec { headwise_opaque16(x) }
/// The least integer, and the greatest.
@inline(__always)
func least(_ x: IntVec) -> Int32 { headwise_least16(x) }
@inline(__always)
func greatest(_ x: IntVec) -> Int32 { headwise_greatest16(x) }
#elseif ISA_AVX2
@inline(__always)
func interleaveLow(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_low8(a, b) }
@inline(__always)
func interleaveHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_high8(a, b) }
@inline(__always)
func pairsLow(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_low8(a, b) }
@inline(__always)
func pairsHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_high8(a, b) }
@inline(__always)
func opaque(_ x: Vec) -> Vec { headwise_opaque8(x) }
@inline(__always)
func least(_ x: IntVec) -> Int32 { headwise_least8(x) }
@inline(__always)
func greatest(_ x: IntVec) -> Int32 { headwise_greatest8(x) }
#else
@inline(__always)
func interleaveLow(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_low4(a, b) }
@inline(__always)
func interleaveHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_high4(a, b) }
@inline(__always)
func pairsLow(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_low4(a, b) }
@inline(__always)
func pairsHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_high4(a, b) }
@inline(__always)
func opaque(_ x: Vec) -> Vec { headwise_opaque4(x) }
@inline(__always)
func least(_ x: IntVec) -> Int32 { headwise_least4(x) }
@inline(__always)
func greatest(_ x: IntVec) -> Int32 { headwise_greatest4(x) }
#endif

#if ISA_AVX512
/// 2^x for x ≤ 0: exactly 1 at 0, exactly 0 below -126 and at -Inf, NaN for any NaN.
///
/// Adding 1.5·2¹⁸ rounds x to a multiple n/32 and leaves n in the low bits. Five of these bits
/// select 2^(i/32) from a table in two registers. The rest, |r| ≤ 1/64, needs a polynomial of
/// degree 2 (minimax with p(0) = 1, relative error 6e-8). The processor's scaling instruction
/// multiplies by the power of two and, with its mask, writes the zeros.
@inline(__always)
func exp2(_ x: Vec) -> Vec {
    let shifter = splat(393_216)
    let shifted = x + shifter
    let rounded = shifted - shifter
    let r = x - rounded
    let p = fma(fma(splat(0.240_226_6), r, splat(0.693_157_3)), r, splat(1))
    return headwise_exp2_finish16(x, shifted, rounded, p)
}
#else
/// 2^x for x ≤ 0: exactly 1 at 0, exactly 0 below -126.5 and at -Inf, NaN for any NaN.
///
/// Adding 1.5·2²³ + 127 rounds x to an integer n and leaves n + 127 in the low bits; a shift moves
/// it into the exponent, which gives 2^n. The last step multiplies. Adding n to the exponent bits
/// instead would turn a NaN whose payload has low bits into a number. The relative error is 1e-7
/// (degree 5, minimax with p(0) = 1).
@inline(__always)
func exp2(_ exponent: Vec) -> Vec {
    let x = larger(splat(-127), exponent)
    let shifter = splat(12_583_039)
    let shifted = x + shifter
    let r = x - (shifted - shifter)
    var p = splat(1.326_472_4e-3)
    p = fma(p, r, splat(9.671_513e-3))
    p = fma(p, r, splat(5.550_733_8e-2))
    p = fma(p, r, splat(0.240_222_42))
    p = fma(p, r, splat(0.693_146_98))
    p = fma(p, r, splat(1))
    let power = unsafeBitCast(shifted, to: IntVec.self) &<< IntVec(repeating: 23)
    return p * unsafeBitCast(power, to: Vec.self)
}
#endif

/// tanh, within 2 ULP over its whole range; NaN for any NaN.
///
/// Below 1 it is an odd polynomial (degree 15, minimax, relative error 5e-9), since 1 - 2e/(1 + e)
/// would amplify the error of e = e^(-2|y|) there.
@inline(__always)
func tanh(_ y: Vec) -> Vec {
    let size = larger(y, splat(0) - y)
    let z = y * y
    var p = splat(-3.584_518_3e-4)
    p = fma(p, z, splat(2.301_364e-3))
    p = fma(p, z, splat(-7.946_106e-3))
    p = fma(p, z, splat(2.148_665_7e-2))
    p = fma(p, z, splat(-5.387_980_1e-2))
    p = fma(p, z, splat(0.133_323_45))
    p = fma(p, z, splat(-0.333_332_96))
    let near = fma(p * z, size, size)
    let e = exp2(size * splat(-2.885_390_1))
    let far = splat(1) - (e + e) / (splat(1) + e)
    let value = far.replacing(with: near, where: size .< splat(1))
    return value.replacing(with: splat(0) - value, where: y .< splat(0))
}

/// The number that is subtracted for a running maximum.
///
/// A row without a score above -Inf subtracts 0, so that its weights are 2^-Inf = 0 and not
/// 2^(-Inf + Inf) = NaN.
@inline(__always)
func subtrahend(_ maximum: Vec) -> Vec {
    maximum.replacing(with: 0, where: maximum .== splat(-.infinity))
}

/// Replaces every NaN by one NaN and every zero by one zero, before a number leaves the kernel.
///
/// The payload of a NaN and the sign of a zero depend on which additions were skipped.
@inline(__always)
func canonical(_ x: Vec) -> Vec {
    (x + splat(0)).replacing(with: .nan, where: x .!= x)
}

/// The canonical m and l of rows.
///
/// A NaN among a row's scores makes its sum NaN. Its maximum then depends on the order in which the
/// scores were compared, so it becomes NaN, too.
@inline(__always)
func canonical(_ maximum: Vec, _ sum: Vec) -> (maximum: Vec, sum: Vec) {
    (canonical(maximum).replacing(with: .nan, where: sum .!= sum), canonical(sum))
}

/// `canonical(x * y)`.
@inline(__always)
func canonicalProduct(_ x: Vec, _ y: Vec) -> Vec {
    let product = fma(x, y, splat(0))
    return product.replacing(with: .nan, where: product .!= product)
}

#endif
