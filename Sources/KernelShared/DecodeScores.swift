// Decoding, passes a to c: visible keys, scores and weights of the rows.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// Pass a: returns the number of blocks.
@inline(never)
func readKeys(_ span: Range<Int>, _ decode: DecodeCall) -> Int {
    let (call, work) = (decode.call, decode.work)
    var count = 0
    var origin = span.lowerBound / keyBlock &* keyBlock
    while origin < span.upperBound {
        let lower = max(origin, span.lowerBound)
        let upper = min(origin &+ keyBlock, span.upperBound)
        let all = KeySet(lower &- origin, upper &- origin)
        var isFull = true
        var isSeen = false
        // The first key that may be visible after this block.
        var next = call.ranges == nil ? origin &+ keyBlock : Int.max
        for row in 0..<call.rows {
            let keys = rowKeys(
                start: Int(call.visibleStart[row]),
                end: Int(call.visibleEnd[row]),
                offsets: call.rangeOffsets.map { $0 + row },
                ranges: call.ranges,
                cursor: work.cursors + row,
                mask: call.visibility.map { $0 + row % call.maskRows &* call.keyLength },
                lower: lower,
                upper: upper,
                origin: origin,
                next: &next
            )
            work.keys[count &* decodeRows &+ row] = keys
            if !keys.isEmpty {
                work.seen[row] = 1
                isSeen = true
            }
            if !keys.contains(all) { isFull = false }
        }
        if isSeen {
            work.blocks[count] = DecodeBlock(
                lower: lower,
                upper: upper,
                origin: origin,
                place: origin % spanKeys,
                isFull: isFull
            )
            count &+= 1
        }
        origin = max(next / keyBlock &* keyBlock, origin &+ keyBlock)
    }
    return count
}

/// The sums of neighbouring lanes, in every four lanes: sums of `a` before sums of `b`.
///
/// It is opaque, since the compiler would turn two such steps into shuffles of four vectors, which
/// take as long as the products.
@inline(__always)
func neighbourSums(_ a: Vec, _ b: Vec) -> Vec { opaque(evens(a, b) + odds(a, b)) }

/// The sums of neighbouring groups of four lanes: sums of `a` before sums of `b`.
@inline(__always)
func quadSums(_ a: Vec, _ b: Vec) -> Vec {
    #if ISA_AVX512
    opaque(headwise_even_quads16(a, b) + headwise_odd_quads16(a, b))
    #elseif ISA_AVX2
    Vec(lowHalf: a.lowHalf, highHalf: b.lowHalf) + Vec(lowHalf: a.highHalf, highHalf: b.highHalf)
    #else
    a
    #endif
}

@inline(__always)
func each<let R: Int>(
    _ a: Width<R>,
    _ b: Width<R>,
    _ sums: (Vec, Vec) -> Vec
) -> Width<R> {
    var x = a
    for r in 0..<R { x[r] = sums(a[r], b[r]) }
    return x
}

/// For R rows, the lane sums of `lanes` vectors: lane i holds the sum of vector i.
///
/// The vectors are requested one after the other. Two are added as soon as both exist, so that few
/// must be kept.
@inline(__always)
func laneSums<let R: Int>(_ vector: (_ index: Int) -> Width<R>) -> Width<R> {
    @inline(__always)
    func quad(_ index: Int) -> Width<R> {
        let ab = each(vector(4 &* index), vector(4 &* index &+ 1), neighbourSums)
        let cd = each(vector(4 &* index &+ 2), vector(4 &* index &+ 3), neighbourSums)
        return each(ab, cd, neighbourSums)
    }
    #if ISA_AVX512
    let low = each(quad(0), quad(1), quadSums)
    return each(low, each(quad(2), quad(3), quadSums), quadSums)
    #elseif ISA_AVX2
    return each(quad(0), quad(1), quadSums)
    #else
    return quad(0)
    #endif
}

/// The sum of the lanes, added in the same order as the lanes of a product.
@inline(__always)
func laneSum(_ x: Vec) -> Float { laneSums { _ in Width<1>(repeating: x) }[0][0] }

/// The number of rows whose queries (four vectors each) fit into the registers with everything
/// else.
#if ISA_AVX512
let registerRows = 4
#else
let registerRows = 2
#endif

/// The products of a key with R rows, lane by lane; all have S vectors.
@inline(__always)
func products<Term: ScoreTerm, let R: Int, let S: Int>(
    _: Term.Type,
    _ query: Tile<R, S>,
    _ key: UnsafePointer<Float>
) -> Width<R> {
    var sums = Width<R>(repeating: splat(0))
    for slot in 0..<S {
        let x = opaque(key.vec(slot &* lanes))
        for r in 0..<R { sums[r] = Term.add(x, query[r][slot], splat(0), to: sums[r]) }
    }
    return sums
}

/// The products of a key with R rows, from `row` on, lane by lane.
@inline(__always)
func products<Term: ScoreTerm, let R: Int>(
    _: Term.Type,
    _: Width<R>.Type,
    _ key: UnsafePointer<Float>,
    _ row: Int,
    _ dimension: Int,
    _ work: DecodeWorkspace
) -> Width<R> {
    var sums = Width<R>(repeating: splat(0))
    let query = work.query + row &* rowStride
    let whole = dimension / lanes
    for slot in 0..<whole {
        let x = opaque(key.vec(slot &* lanes))
        for r in 0..<R {
            sums[r] = Term.add(x, query.vec(r &* rowStride &+ slot &* lanes), splat(0), to: sums[r])
        }
    }
    if dimension % lanes != 0 {
        var x = columnsOf(key, whole, dimension)
        // Columns that the last vector repeats become 0: their queries are 0, but 0·NaN would be
        // NaN.
        let repeated = dimension < lanes ? 0 : lanes &- dimension % lanes
        let isRepeated =
            work.ramp.vec(0) .< IntVec(repeating: Int32(truncatingIfNeeded: repeated))
        x.replace(with: splat(0), where: isRepeated)
        for r in 0..<R {
            sums[r] = Term.add(
                x,
                query.vec(r &* rowStride &+ whole &* lanes),
                splat(0),
                to: sums[r]
            )
        }
    }
    return sums
}

/// Pass b for R rows, from `row` on, and a whole turn of keys that have S vectors of columns.
@inline(__always)
func decodeScores<Term: ScoreTerm, let R: Int, let S: Int>(
    _: Term.Type,
    _: Tile<R, S>.Type,
    _ row: Int,
    _ keys: Range<Int>,
    _ block: DecodeBlock,
    _ decode: DecodeCall
) {
    let work = decode.work
    let scores = work.scores(row, block) + (keys.lowerBound &- block.origin)
    var query = Tile<R, S>(repeating: Width<S>(repeating: splat(0)))
    for r in 0..<R {
        for slot in 0..<S {
            query[r][slot] = opaque(work.query.vec((row &+ r) &* rowStride &+ slot &* lanes))
        }
    }
    for vector in stride(from: 0, to: turnKeys, by: lanes) {
        let first = decode.slice.key + (keys.lowerBound &+ vector) &* (S &* lanes)
        let sums = laneSums { products(Term.self, query, first + $0 &* (S &* lanes)) }
        for r in 0..<R { scores.put(r &* scoreStride &+ vector, sums[r]) }
    }
}

/// Pass b for R rows, from `row` on, and some keys of a turn, for any number of columns.
@inline(__always)
func decodeScores<Term: ScoreTerm, let R: Int>(
    _: Term.Type,
    _: Width<R>.Type,
    _ row: Int,
    _ keys: Range<Int>,
    _ block: DecodeBlock,
    _ decode: DecodeCall
) {
    let (slice, work) = (decode.slice, decode.work)
    var first = keys.lowerBound / lanes &* lanes
    while first < keys.upperBound {
        for lane in 0..<lanes {
            // Keys outside of `keys` are hidden; the nearest key inside is read in their place.
            let key = min(max(first &+ lane, keys.lowerBound), keys.upperBound &- 1)
            let numbers = slice.key + key &* slice.headDimension
            let x = products(Term.self, Width<R>.self, numbers, row, slice.headDimension, work)
            for r in 0..<R { work.products.put((lane &* R &+ r) &* lanes, x[r]) }
        }
        let sums = laneSums { lane in
            var x = Width<R>(repeating: splat(0))
            for r in 0..<R { x[r] = work.products.vec((lane &* R &+ r) &* lanes) }
            return x
        }
        let scores = work.scores(row, block) + (first &- block.origin)
        for r in 0..<R { scores.put(r &* scoreStride, sums[r]) }
        first &+= lanes
    }
}

/// Pass b for all rows and the first `count` of the span's blocks.
///
/// If the queries of a tile fit, they stay in registers, and only keys are read.
@inline(never)
func decodeScores<Term: ScoreTerm>(_: Term.Type, _ count: Int, _ decode: DecodeCall) {
    let rows = 0..<decode.call.rows
    for index in 0..<count {
        let block = decode.work.blocks[index]
        forEachTurn(block, of: turnKeys) { keys in
            let isWhole = keys.count == turnKeys
            switch decode.slice.headDimension {
            #if ISA_AVX512
            case 8 &* lanes where isWhole:
                forEachTile(of: 2, rows) { row, count in
                    switch count {
                    case 2: decodeScores(Term.self, Tile<2, 8>.self, row, keys, block, decode)
                    default: decodeScores(Term.self, Tile<1, 8>.self, row, keys, block, decode)
                    }
                }
            #endif
            case 4 &* lanes where isWhole:
                forEachTile(of: registerRows, rows) { row, count in
                    switch count {
                    case 4: decodeScores(Term.self, Tile<4, 4>.self, row, keys, block, decode)
                    case 2: decodeScores(Term.self, Tile<2, 4>.self, row, keys, block, decode)
                    default: decodeScores(Term.self, Tile<1, 4>.self, row, keys, block, decode)
                    }
                }
            default:
                forEachTile(of: 4, rows) { row, count in
                    switch count {
                    case 4: decodeScores(Term.self, Width<4>.self, row, keys, block, decode)
                    case 2: decodeScores(Term.self, Width<2>.self, row, keys, block, decode)
                    default: decodeScores(Term.self, Width<1>.self, row, keys, block, decode)
                    }
                }
            }
        }
    }
}

/// Pass b, second part, and pass c for one row and the first `count` of the span's blocks.
@inline(never)
func decodeWeights(
    _ row: Int,
    _ count: Int,
    _ state: DecodeState,
    _ decode: DecodeCall
) {
    let (slice, work) = (decode.slice, decode.work)
    let caps = slice.cap != 0
    let inverse = splat(1 / slice.cap)
    let slope = decode.call.slopes[row] * log2e
    let nearest = IntVec(repeating: decode.call.nearest.map { $0[row] } ?? 0)
    var largest = splat(-.infinity)
    for index in 0..<count {
        let block = work.blocks[index]
        let keys = work.keys[index &* decodeRows &+ row]
        let scores = work.scores(row, block)
        for place in places(block) {
            var x = scores.vec(place)
            if caps { x = tanh(x * inverse) * splat(slice.cap) }
            if slope != 0 {
                let key =
                    work.ramp.vec(0)
                    &+ IntVec(repeating: Int32(truncatingIfNeeded: block.origin &+ place))
                let ahead = IntVec(repeating: decode.call.positions[row]) &- key
                let zero = IntVec(repeating: 0)
                let distance = ahead.replacing(with: zero &- ahead, where: ahead .< zero)
                x = fma(floats(distance &- nearest), splat(-slope), x)
            }
            let bits = IntVec(repeating: keys.bits(from: place)) & work.laneBits.vec(0)
            let isSeen = bits .!= IntVec(repeating: 0)
            x = splat(-.infinity).replacing(with: x, where: isSeen)
            scores.put(place, x)
            largest = larger(largest, x)
        }
    }
    var maximum = -Float.infinity
    for lane in 0..<lanes {
        // The same rule as `larger`: a later number replaces a NaN, and the weights are NaN anyway.
        let x = largest[lane]
        maximum = maximum > x ? maximum : x
    }
    let safe = subtrahend(splat(maximum))
    var sums = splat(0)
    for index in 0..<count {
        let block = work.blocks[index]
        let scores = work.scores(row, block)
        for place in places(block) {
            let weight = exp2(scores.vec(place) - safe)
            scores.put(place, weight)
            sums += weight
        }
    }
    state.maximum[row] = maximum
    state.sum[row] = laneSum(sums)
}

/// The places where a block's vectors of keys begin, counted from the block's origin.
@inline(__always)
func places(_ block: DecodeBlock) -> StrideTo<Int> {
    let first = (block.lower &- block.origin) / lanes &* lanes
    return stride(from: first, to: block.upper &- block.origin, by: lanes)
}

#endif
