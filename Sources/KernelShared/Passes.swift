// Passes 2b to 2d over a stretch of keys.
//
// Each pass is compiled for every width that a stretch can have. Dimensions stay variables: with
// constants, the compiler unrolls whole tiles, which then exceed the processor's cache of decoded
// code.

#if ISA_BASELINE || arch(x86_64)

/// Pass 2b.
@inline(never)
func score<Term: ScoreTerm>(
    _: Term.Type,
    _ stretch: Stretch,
    _ slice: Slice,
    _ work: Workspace
) {
    switch stretch.vectors {
    case 4 where columns > 3: score(Term.self, Width<4>.self, stretch, slice, work)
    case 3 where columns > 2: score(Term.self, Width<3>.self, stretch, slice, work)
    case 2: score(Term.self, Width<2>.self, stretch, slice, work)
    default: score(Term.self, Width<1>.self, stretch, slice, work)
    }
}

@inline(__always)
func score<Term: ScoreTerm, let C: Int>(
    _: Term.Type,
    _: Width<C>.Type,
    _ stretch: Stretch,
    _ slice: Slice,
    _ work: Workspace
) {
    // A score that will still change must not raise the maximum: after the tiles with such keys, these
    // vectors restore the earlier maximum.
    let unfinished = slice.adjusts ? (1 &<< C) &- 1 : stretch.partial
    let settled = slice.adjusts ? stretch.lower : stretch.hiddenLower
    let maximum = work.maximum + stretch.first
    var before = InlineArray<C, Vec>(repeating: splat(0))
    var key = scoreTiles(Term.self, Width<C>.self, stretch.lower, settled, stretch, slice, work)
    if unfinished != 0 {
        let first = key
        let changing = slice.adjusts ? stretch.upper : stretch.hiddenUpper
        let last = min(stretch.upper, first &+ (changing &- first &+ 3) / 4 &* 4)
        for c in 0..<C { before[c] = maximum.vec(c &* lanes) }
        key = scoreRange(Term.self, Width<C>.self, first, last, stretch, slice, work)
        for c in 0..<C where unfinished &>> c & 1 == 1 {
            finishScores(
                stretch.first &+ c &* lanes,
                hides: stretch.partial &>> c & 1 == 1,
                keys: first..<last,
                from: before[c],
                stretch,
                slice,
                work
            )
        }
    }
    _ = scoreRange(Term.self, Width<C>.self, key, stretch.upper, stretch, slice, work)
}

/// All keys from `lower` to `upper`; returns `upper`.
@inline(__always)
func scoreRange<Term: ScoreTerm, let C: Int>(
    _: Term.Type,
    _: Width<C>.Type,
    _ lower: Int,
    _ upper: Int,
    _ stretch: Stretch,
    _ slice: Slice,
    _ work: Workspace
) -> Int {
    var key = scoreTiles(Term.self, Width<C>.self, lower, upper, stretch, slice, work)
    while key < upper {
        scoreTile(
            Term.self,
            Tile<1, C>.self,
            key,
            stretch,
            slice,
            work.maximum + stretch.first,
            work
        )
        key &+= 1
    }
    return key
}

/// The whole tiles from `lower` to `upper`; returns the key after the last.
@inline(__always)
func scoreTiles<Term: ScoreTerm, let C: Int>(
    _: Term.Type,
    _: Width<C>.Type,
    _ lower: Int,
    _ upper: Int,
    _ stretch: Stretch,
    _ slice: Slice,
    _ work: Workspace
) -> Int {
    let maximum = work.maximum + stretch.first
    var key = lower
    // A tile of one vector needs more rows to keep the multipliers busy.
    while C == 1 && key &+ 8 <= upper {
        scoreTile(Term.self, Tile<8, C>.self, key, stretch, slice, maximum, work)
        key &+= 8
    }
    while key &+ 4 <= upper {
        scoreTile(Term.self, Tile<4, C>.self, key, stretch, slice, maximum, work)
        key &+= 4
    }
    return key
}

/// Pass 2c.
@inline(never)
func weigh(_ stretch: Stretch, _ work: Workspace) {
    switch stretch.vectors {
    case 4 where columns > 3: weigh(Width<4>.self, stretch, work)
    case 3 where columns > 2: weigh(Width<3>.self, stretch, work)
    case 2: weigh(Width<2>.self, stretch, work)
    default: weigh(Width<1>.self, stretch, work)
    }
}

@inline(__always)
func weigh<let C: Int>(_: Width<C>.Type, _ stretch: Stretch, _ work: Workspace) {
    var m = InlineArray<C, Vec>(repeating: splat(0))
    var sums = InlineArray<C, Vec>(repeating: splat(0))
    for c in 0..<C {
        m[c] = work.maximum.vec(stretch.first &+ c &* lanes)
        sums[c] = work.sum.vec(stretch.first &+ c &* lanes)
    }
    let weights = work.scores + (stretch.lower &- stretch.origin) &* queryBlock + stretch.first
    for j in 0..<(stretch.upper &- stretch.lower) {
        for c in 0..<C {
            let weight = exp2(weights.vec(j &* queryBlock &+ c &* lanes) - m[c])
            sums[c] += weight
            weights.put(j &* queryBlock &+ c &* lanes, weight)
        }
    }
    for c in 0..<C { work.sum.put(stretch.first &+ c &* lanes, sums[c]) }
}

/// Pass 2d.
@inline(never)
func addValues(
    _ beginning: Beginning,
    _ stretch: Stretch,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    switch stretch.vectors {
    case 4 where columns > 3: addValues(Width<4>.self, beginning, stretch, slice, output, work)
    case 3 where columns > 2: addValues(Width<3>.self, beginning, stretch, slice, output, work)
    case 2: addValues(Width<2>.self, beginning, stretch, slice, output, work)
    default: addValues(Width<1>.self, beginning, stretch, slice, output, work)
    }
}

@inline(__always)
func addValues<let C: Int>(
    _: Width<C>.Type,
    _ beginning: Beginning,
    _ stretch: Stretch,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    var column = 0
    while C == 1 && column &+ 8 <= slice.valueDimension {
        valueTile(Tile<8, C>.self, column, beginning, stretch, slice, output, work)
        column &+= 8
    }
    while column &+ 4 <= slice.valueDimension {
        valueTile(Tile<4, C>.self, column, beginning, stretch, slice, output, work)
        column &+= 4
    }
    while column < slice.valueDimension {
        valueTile(Tile<1, C>.self, column, beginning, stretch, slice, output, work)
        column &+= 1
    }
}

/// Pass 2d where a value that some rows do not see is NaN or infinite; adds to the present output.
///
/// The weight is 0 there, and 0·NaN is NaN, so a selection removes the product. The other additions
/// are the same as on the fast path, in the same order.
@inline(never)
func addValuesSelectively(
    _ stretch: Stretch,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    for c in 0..<stretch.vectors {
        let row = stretch.first &+ c &* lanes
        let hides = stretch.partial &>> c & 1 == 1
        for column in 0..<slice.valueDimension {
            let target = output + column &* queryBlock
            var sum = target.vec(row)
            for j in stretch.lower..<stretch.upper {
                let value = splat(slice.value[j &* slice.valueDimension &+ column])
                let weight = work.scores.vec((j &- stretch.origin) &* queryBlock &+ row)
                let next = fma(value, weight, sum)
                if hides {
                    sum.replace(with: next, where: visible(key: j, row: row, stretch, work))
                } else {
                    sum = next
                }
            }
            target.put(row, sum)
        }
    }
}

/// Whether all numbers of the array are finite.
@inline(never)
func areFinite(_ numbers: UnsafePointer<Float>, _ count: Int) -> Bool {
    // 0·x is 0 for a finite x and otherwise NaN, and a sum with a NaN stays NaN.
    var sums = Width<4>(repeating: splat(0))
    var i = 0
    while i &+ 4 &* lanes <= count {
        for n in 0..<4 { sums[n] = fma(numbers.vec(i &+ n &* lanes), splat(0), sums[n]) }
        i &+= 4 &* lanes
    }
    var sum = total((sums[0] + sums[1]) + (sums[2] + sums[3]))
    while i < count {
        sum += numbers[i] * 0
        i &+= 1
    }
    return sum == 0
}

#endif
