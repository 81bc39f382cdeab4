// The innermost loops of passes 2b and 2d.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// The rows of one vector that see key `key`.
@inline(__always)
func visible(key: Int, row: Int, _ stretch: Stretch, _ work: Workspace) -> SIMDMask<IntVec> {
    let index = key &- stretch.origin
    let bit = Int32(truncatingIfNeeded: 1 &<< (index % wordKeys))
    let words = work.words.vec(index / wordKeys &* queryBlock &+ row)
    return words & IntVec(repeating: bit) .!= IntVec(repeating: 0)
}

/// Adds the terms of R numbers and C vectors of column `i` to `sums`.
@inline(__always)
func addTerms<Term: ScoreTerm, let R: Int, let C: Int>(
    _: Term.Type,
    _ i: Int,
    to sums: inout Tile<R, C>,
    _ numbers: UnsafePointer<Float>,
    rowStep: Int,
    step: Int,
    _ vectors: UnsafePointer<Float>,
    _ parameters: UnsafePointer<Float>
) {
    let parameter = splat(Term.hasParameters ? parameters[i] : 0)
    let right = InlineArray<C, Vec> { c in vectors.vec(i &* queryBlock &+ c &* lanes) }
    for r in 0..<R {
        let left = splat(numbers[i &* step &+ r &* rowStep])
        for c in 0..<C { sums[r][c] = Term.add(left, right[c], parameter, to: sums[r][c]) }
    }
}

/// `initial` plus the terms of `count` columns, of R numbers and C vectors each.
///
/// The numbers of a column are `rowStep` apart; those of the next column are `step` further on.
/// Without parameters, `parameters` is not read.
/// `everyFour` runs before each group of four columns and receives the index of the first one. The
/// four are written out, since a loop of four stays a loop where `step` is a variable. Its
/// instructions cost nothing on a quiet machine, and 2 % by the median on one with busy neighbours.
@inline(__always)
func sumOfTerms<Term: ScoreTerm, let R: Int, let C: Int>(
    _: Term.Type,
    _ initial: Tile<R, C>,
    count: Int,
    _ numbers: UnsafePointer<Float>,
    rowStep: Int,
    step: Int,
    _ vectors: UnsafePointer<Float>,
    _ parameters: UnsafePointer<Float>,
    everyFour: (_ product: Int) -> Void = { _ in }
) -> Tile<R, C> {
    var sums = initial
    var i = 0
    while i &+ 4 <= count {
        everyFour(i)
        addTerms(
            Term.self,
            i,
            to: &sums,
            numbers,
            rowStep: rowStep,
            step: step,
            vectors,
            parameters
        )
        addTerms(
            Term.self,
            i &+ 1,
            to: &sums,
            numbers,
            rowStep: rowStep,
            step: step,
            vectors,
            parameters
        )
        addTerms(
            Term.self,
            i &+ 2,
            to: &sums,
            numbers,
            rowStep: rowStep,
            step: step,
            vectors,
            parameters
        )
        addTerms(
            Term.self,
            i &+ 3,
            to: &sums,
            numbers,
            rowStep: rowStep,
            step: step,
            vectors,
            parameters
        )
        i &+= 4
    }
    while i < count {
        addTerms(
            Term.self,
            i,
            to: &sums,
            numbers,
            rowStep: rowStep,
            step: step,
            vectors,
            parameters
        )
        i &+= 1
    }
    return sums
}

/// Pass 2b for R keys, from `key` on, × C vectors of rows; raises `maximum` to the scores.
///
/// It also prefetches what is read next. That is the same rows of the next block, or of the first
/// block, where the next query block begins. It is also the values of these keys: a value tile
/// walks down their rows, and every step reads another line. Every four products of four rows, one
/// line of each is requested. Requesting all at once fills the queue of misses, and the tile waits:
/// that cost AVX2 4 to 7 % at D = 128.
@inline(__always)
func scoreTile<Term: ScoreTerm, let R: Int, let C: Int>(
    _: Term.Type,
    _: Tile<R, C>.Type,
    _ key: Int,
    _ stretch: Stretch,
    _ slice: Slice,
    _ maximum: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    let next = key &+ keyBlock &+ R <= slice.keyEnd ? key &+ keyBlock : 0
    let nextKeys = slice.key + next &* slice.headDimension
    let values = slice.value + key &* slice.valueDimension
    var sums = sumOfTerms(
        Term.self,
        Tile<R, C>(repeating: InlineArray(repeating: splat(0))),
        count: slice.headDimension,
        slice.key + key &* slice.headDimension,
        rowStep: slice.headDimension,
        step: 1,
        work.query + stretch.first,
        slice.parameters
    ) { product in
        for n in 0..<R / 4 {
            let line = 4 &* (n &* slice.headDimension &+ product)
            headwise_prefetch(nextKeys + line)
            headwise_prefetch(values + line)
        }
    }
    for r in 0..<R {
        for c in 0..<C { sums[r][c] = scaled(Term.self, sums[r][c], slice.scoreFactor) }
    }
    let scores = work.scores + (key &- stretch.origin) &* queryBlock + stretch.first
    for c in 0..<C {
        var m = maximum.vec(c &* lanes)
        for r in 0..<R {
            m = larger(m, sums[r][c])
            scores.put(r &* queryBlock &+ c &* lanes, sums[r][c])
        }
        maximum.put(c &* lanes, m)
    }
}

/// Writes to `work.bias` the bias of `lanes` keys, from `first` on, and the rows of vector `row`.
@inline(never)
func readBias(_ first: Int, _ row: Int, _ slice: Slice, _ work: Workspace) {
    let (bias, offsets) = (slice.bias + first, work.biasOffsets + row)
    if slice.keyLength < lanes {
        for r in 0..<lanes {
            for key in 0..<slice.keyLength {
                work.bias[key &* lanes &+ r] = bias[offsets[r] &+ key]
            }
        }
        return
    }
    transpose(row: {
        let numbers = bias + offsets[$0]
        headwise_prefetch(numbers + 2 &* lanes)
        return opaque(numbers.vec(0))
    }) { work.bias.put($0 &* lanes, $1) }
}

/// Pass 2b, second part, for vector `row` of rows: soft cap, distance, bias and hidden keys.
///
/// Where some rows do not see some keys, their scores become -Inf. The maximum begins at `start`
/// and rises to the resulting scores.
@inline(__always)
func finishScores(
    _ row: Int,
    hides: Bool,
    keys: Range<Int>,
    from start: Vec,
    _ stretch: Stretch,
    _ slice: Slice,
    _ work: Workspace
) {
    var m = start
    let caps = slice.cap != 0
    let inverse = splat(1 / slice.cap)
    let positions = work.positions.vec(row)
    let nearest = work.nearest.vec(row)
    let slopes = work.slopes.vec(row)
    // The keys of `work.bias`.
    var biasKeys = keys.lowerBound..<keys.lowerBound
    for key in keys {
        if slice.hasBias && key >= biasKeys.upperBound {
            let first = max(0, min(key / lanes &* lanes, slice.keyLength &- lanes))
            readBias(first, row, slice, work)
            biasKeys = first..<first &+ lanes
        }
        let place = (key &- stretch.origin) &* queryBlock &+ row
        var score = work.scores.vec(place)
        if caps { score = tanh(score * inverse) * splat(slice.cap) }
        if slice.hasSlopes {
            let ahead = positions &- IntVec(repeating: Int32(truncatingIfNeeded: key))
            let zero = IntVec(repeating: 0)
            let distance = ahead.replacing(with: zero &- ahead, where: ahead .< zero)
            score = fma(floats(distance &- nearest), slopes, score)
        }
        if slice.hasBias {
            let bias = work.bias.vec((key &- biasKeys.lowerBound) &* lanes)
            score = fma(bias, splat(log2e), score)
        }
        if hides {
            let shown = visible(key: key, row: row, stretch, work)
            score = splat(-.infinity).replacing(with: score, where: shown)
        }
        work.scores.put(place, score)
        m = larger(m, score)
    }
    work.maximum.put(row, m)
}

/// The start value of a value tile.
enum Beginning {
    /// Zero: no key was seen before.
    case zero
    /// The earlier output, times α.
    case decayed
    /// The present output: an earlier stretch of the block has applied α.
    case present
}

/// Pass 2d for R columns of value, from `column` on, × C vectors of rows.
@inline(__always)
func valueTile<let R: Int, let C: Int>(
    _: Tile<R, C>.Type,
    _ column: Int,
    _ beginning: Beginning,
    _ stretch: Stretch,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    let target = output + column &* queryBlock + stretch.first
    var sums = Tile<R, C>(repeating: InlineArray(repeating: splat(0)))
    if beginning != .zero {
        for r in 0..<R {
            for c in 0..<C { sums[r][c] = target.vec(r &* queryBlock &+ c &* lanes) }
        }
        if beginning == .decayed {
            let decay = work.decay + stretch.first
            for r in 0..<R {
                for c in 0..<C { sums[r][c] *= decay.vec(c &* lanes) }
            }
        }
    }
    sums = sumOfTerms(
        DotTerm.self,
        sums,
        count: stretch.upper &- stretch.lower,
        slice.value + stretch.lower &* slice.valueDimension + column,
        rowStep: 1,
        step: slice.valueDimension,
        work.scores + (stretch.lower &- stretch.origin) &* queryBlock + stretch.first,
        slice.value
    )
    for r in 0..<R {
        for c in 0..<C { target.put(r &* queryBlock &+ c &* lanes, sums[r][c]) }
    }
}

#endif
