// The most that this processor can do.

#if ISA_BASELINE || arch(x86_64)

/// Independent chains of multiply-adds in registers: the largest rate of this instruction set.
///
/// Returns the floating-point operations done.
@inline(never)
func fmaChains(iterations: Int, seed: Float, sink: UnsafeMutablePointer<Float>) -> Double {
    let a = splat(seed)
    let b = splat(seed * 1e-7)
    var sums = InlineArray<12, Vec>(repeating: a)
    for i in 0..<12 { sums[i][0] = Float(i) }
    for _ in 0..<iterations {
        for i in 0..<12 { sums[i] = fma(a, b, sums[i]) }
    }
    for i in 0..<12 { sink.pointee += total(sums[i]) }
    return Double(iterations) * Double(12 * 2 * lanes)
}

/// Applies a function to every number of an array; the arrays may be the same.
@inline(__always)
func apply(
    _ function: (Vec) -> Vec,
    _ source: UnsafePointer<Float>,
    _ target: UnsafeMutablePointer<Float>,
    count: Int
) {
    var i = 0
    while i &+ lanes <= count {
        target.put(i, function(source.vec(i)))
        i &+= lanes
    }
    var rest = splat(0)
    for lane in i..<count { rest[lane &- i] = source[lane] }
    rest = function(rest)
    for lane in i..<count { target[lane] = rest[lane &- i] }
}

/// The sum of an array, in eight vectors: the speed of reading memory.
@inline(never)
func sumFloats(_ numbers: UnsafePointer<Float>, count: Int) -> Float {
    var sums = InlineArray<8, Vec>(repeating: splat(0))
    var i = 0
    while i &+ 8 &* lanes <= count {
        for s in 0..<8 { sums[s] += numbers.vec(i &+ s &* lanes) }
        i &+= 8 &* lanes
    }
    var rest: Float = 0
    while i < count {
        rest += numbers[i]
        i &+= 1
    }
    for s in 0..<8 { rest += total(sums[s]) }
    return rest
}

#endif
