// Passes 1 and 4: rows become lanes, and back.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// Four rows as one vector per column, for each of their groups of 4 × 4 numbers.
@inline(__always)
func transposeQuads(_ a: Vec, _ b: Vec, _ c: Vec, _ d: Vec) -> (Vec, Vec, Vec, Vec) {
    let (lowAB, highAB) = (interleaveLow(a, b), interleaveHigh(a, b))
    let (lowCD, highCD) = (interleaveLow(c, d), interleaveHigh(c, d))
    return (
        pairsLow(lowAB, lowCD), pairsHigh(lowAB, lowCD),
        pairsLow(highAB, highCD), pairsHigh(highAB, highCD)
    )
}

#if ISA_AVX512
/// The first, second, third and last four numbers of four rows.
@inline(__always)
func gatherQuads(_ a: Vec, _ b: Vec, _ c: Vec, _ d: Vec) -> (Vec, Vec, Vec, Vec) {
    let (evenAB, oddAB) = (headwise_even_quads16(a, b), headwise_odd_quads16(a, b))
    let (evenCD, oddCD) = (headwise_even_quads16(c, d), headwise_odd_quads16(c, d))
    return (
        headwise_even_quads16(evenAB, evenCD), headwise_even_quads16(oddAB, oddCD),
        headwise_odd_quads16(evenAB, evenCD), headwise_odd_quads16(oddAB, oddCD)
    )
}
#elseif ISA_AVX2
/// The first and the last four numbers of two rows.
@inline(__always)
func gatherQuads(_ a: Vec, _ b: Vec) -> (Vec, Vec) {
    (Vec(lowHalf: a.lowHalf, highHalf: b.lowHalf), Vec(lowHalf: a.highHalf, highHalf: b.highHalf))
}
#endif

/// Transposes a square of `lanes` rows; the columns come in ascending order.
///
/// It is written out, since an array would go through memory, which takes as long again.
@inline(__always)
func transpose(row: (_ row: Int) -> Vec, put: (_ column: Int, Vec) -> Void) {
    @inline(__always)
    func putQuads(_ column: Int, _ a: Vec, _ b: Vec, _ c: Vec, _ d: Vec) {
        let quads = transposeQuads(a, b, c, d)
        put(column, quads.0)
        put(column &+ 1, quads.1)
        put(column &+ 2, quads.2)
        put(column &+ 3, quads.3)
    }
    #if ISA_AVX512
    let a = gatherQuads(row(0), row(4), row(8), row(12))
    let b = gatherQuads(row(1), row(5), row(9), row(13))
    let c = gatherQuads(row(2), row(6), row(10), row(14))
    let d = gatherQuads(row(3), row(7), row(11), row(15))
    putQuads(0, a.0, b.0, c.0, d.0)
    putQuads(4, a.1, b.1, c.1, d.1)
    putQuads(8, a.2, b.2, c.2, d.2)
    putQuads(12, a.3, b.3, c.3, d.3)
    #elseif ISA_AVX2
    let a = gatherQuads(row(0), row(4))
    let b = gatherQuads(row(1), row(5))
    let c = gatherQuads(row(2), row(6))
    let d = gatherQuads(row(3), row(7))
    putQuads(0, a.0, b.0, c.0, d.0)
    putQuads(4, a.1, b.1, c.1, d.1)
    #else
    putQuads(0, row(0), row(1), row(2), row(3))
    #endif
}

/// The turn of row `row` in `transpose`, which takes every fourth row first.
@inline(__always)
func transposeTurn(_ row: Int) -> Int { row / 4 &+ row % 4 &* (lanes / 4) }

/// Pass 1.
///
/// If the last square would pass the end of the row, it is moved back and packs some columns
/// twice. Pass 4 does the same.
@inline(never)
func pack(_ call: headwise_call, first: Int, rows: Int, _ work: Workspace) {
    let dimension = call.headDimension
    let query = call.query + first &* dimension
    let packed = work.query
    let factor = queryFactor(call)
    if dimension < lanes {
        for i in 0..<queryBlock {
            for e in 0..<dimension {
                packed[e &* queryBlock &+ i] = i < rows ? query[i &* dimension &+ e] * factor : 0
            }
        }
        return
    }
    for i in stride(from: 0, to: queryBlock, by: lanes) {
        for column in stride(from: 0, to: dimension, by: lanes) {
            let e = min(column, dimension &- lanes)
            let source = query + (i &* dimension &+ e)
            let target = packed + (e &* queryBlock &+ i)
            @inline(__always)
            func row(_ r: Int) -> Vec { opaque(source.vec(r &* dimension) * factor) }
            @inline(__always)
            func rowIfAny(_ r: Int) -> Vec { i &+ r < rows ? row(r) : splat(0) }
            @inline(__always)
            func put(_ column: Int, _ x: Vec) { target.put(column &* queryBlock, x) }
            if i &+ lanes <= rows {
                transpose(row: row, put: put)
            } else {
                transpose(row: rowIfAny, put: put)
            }
        }
    }
}

/// Pass 4: each row of the output times its entry of `work.sum`.
@inline(never)
func unpack(_ call: headwise_call, first: Int, rows: Int, _ work: Workspace) {
    let dimension = call.valueDimension
    let output = call.output + first &* dimension
    let packed = work.total.output
    for i in stride(from: 0, to: rows, by: lanes) {
        let factor = work.sum.vec(i)
        let hidden = work.seen.vec(i) .== 0
        if dimension < lanes {
            for e in 0..<dimension {
                let x = canonicalProduct(packed.vec(e &* queryBlock &+ i), factor)
                    .replacing(with: 0, where: hidden)
                for r in 0..<min(lanes, rows &- i) { output[(i &+ r) &* dimension &+ e] = x[r] }
            }
            continue
        }
        for column in stride(from: 0, to: dimension, by: lanes) {
            let e = min(column, dimension &- lanes)
            let source = packed + (e &* queryBlock &+ i)
            let target = output + (i &* dimension &+ e)
            @inline(__always)
            func columnOfRows(_ c: Int) -> Vec {
                let x = canonicalProduct(source.vec(c &* queryBlock), factor)
                return opaque(x.replacing(with: 0, where: hidden))
            }
            @inline(__always)
            func put(_ r: Int, _ x: Vec) { target.put(r &* dimension, x) }
            @inline(__always)
            func putIfAny(_ r: Int, _ x: Vec) { if i &+ r < rows { put(r, x) } }
            if i &+ lanes <= rows {
                transpose(row: columnOfRows, put: put)
            } else {
                transpose(row: columnOfRows, put: putIfAny)
            }
        }
    }
}

#endif
