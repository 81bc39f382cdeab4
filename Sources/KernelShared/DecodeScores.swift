// Decoding, pass b: the scores of `lanes` keys at a time.

#if ISA_BASELINE || arch(x86_64)

/// Adds the terms of column `column` of `lanes` keys and R rows to `sums`.
@inline(__always)
func addTerms<Term: ScoreTerm, let R: Int>(
    _: Term.Type,
    _ column: Int,
    _ keys: Vec,
    _ query: UnsafePointer<Float>,
    to sums: inout Width<R>
) {
    for r in 0..<R {
        sums[r] = Term.add(keys, splat(query[r &* rowStride &+ column]), to: sums[r])
    }
}

/// The sums of `lanes` keys and R rows; `put` receives each column of the keys as one vector.
///
/// `numbers` returns a vector of one key's columns.
@inline(__always)
func sumsOfKeys<Term: ScoreTerm, let R: Int>(
    _: Term.Type,
    _: Width<R>.Type,
    _ query: UnsafePointer<Float>,
    dimension: Int,
    _ numbers: (_ lane: Int, _ column: Int) -> Vec,
    put: (_ column: Int, Vec) -> Void
) -> Width<R> {
    var sums = Width<R>(repeating: splat(0))
    var first = 0
    while first &+ lanes <= dimension {
        transpose(row: { opaque(numbers($0, first)) }) { column, keys in
            addTerms(Term.self, first &+ column, keys, query, to: &sums)
            put(first &+ column, keys)
        }
        first &+= lanes
    }
    if first < dimension {
        // A square that would exceed the row begins earlier, with columns that are added already.
        let start = max(0, dimension &- lanes)
        transpose(row: { opaque(numbers($0, start)) }) { index, keys in
            let column = start &+ index
            if first <= column && column < dimension {
                addTerms(Term.self, column, keys, query, to: &sums)
                put(column, keys)
            }
        }
    }
    return sums
}

/// The sums of `lanes` keys, whose columns are vectors, and R rows.
@inline(__always)
func sumsOfColumns<Term: ScoreTerm, let R: Int>(
    _: Term.Type,
    _: Width<R>.Type,
    _ query: UnsafePointer<Float>,
    dimension: Int,
    _ columns: UnsafePointer<Float>
) -> Width<R> {
    var sums = Width<R>(repeating: splat(0))
    for column in 0..<dimension {
        addTerms(Term.self, column, columns.vec(column &* lanes), query, to: &sums)
    }
    return sums
}

/// Pass b for `lanes` keys from `first` on, and all rows.
@inline(__always)
func decodeScores<Term: ScoreTerm>(
    _: Term.Type,
    _ scores: UnsafeMutablePointer<Float>,
    _ decode: DecodeCall,
    _ numbers: (_ lane: Int, _ column: Int) -> Vec
) {
    let rows = decode.call.rows
    let dimension = decode.slice.headDimension
    let query = UnsafePointer(decode.work.query)
    let columns = decode.work.columns
    @inline(__always)
    func first<let R: Int>(_: Width<R>.Type, keeps: Bool) {
        let sums = sumsOfKeys(Term.self, Width<R>.self, query, dimension: dimension, numbers) {
            if keeps { columns.put($0 &* lanes, $1) }
        }
        for r in 0..<R { scores.put(r &* scoreStride, sums[r]) }
    }
    @inline(__always)
    func next<let R: Int>(_: Width<R>.Type, _ row: Int) {
        let sums = sumsOfColumns(
            Term.self,
            Width<R>.self,
            query + row &* rowStride,
            dimension: dimension,
            columns
        )
        for r in 0..<R { scores.put((row &+ r) &* scoreStride, sums[r]) }
    }
    switch rows {
    case 1: first(Width<1>.self, keeps: false)
    case 2: first(Width<2>.self, keeps: false)
    case 3: first(Width<3>.self, keeps: false)
    case 4: first(Width<4>.self, keeps: false)
    default:
        first(Width<4>.self, keeps: true)
        forEachTile(of: 8, 4..<rows) { row, count in
            switch count {
            case 8: next(Width<8>.self, row)
            case 4: next(Width<4>.self, row)
            case 2: next(Width<2>.self, row)
            default: next(Width<1>.self, row)
            }
        }
    }
}

/// Pass b for all rows and the first `count` of the span's blocks.
@inline(never)
func decodeScores<Term: ScoreTerm>(_: Term.Type, _ count: Int, _ decode: DecodeCall) {
    let dimension = decode.slice.headDimension
    for index in 0..<count {
        let block = decode.work.blocks[index]
        var first = block.lower / lanes &* lanes
        while first < block.upper {
            let scores = decode.work.scores(0, block) + (first &- block.origin)
            if first >= block.lower && first &+ lanes <= block.upper && dimension >= lanes {
                let keys = decode.slice.key + first &* dimension
                decodeScores(Term.self, scores, decode) { keys.vec($0 &* dimension &+ $1) }
            } else {
                decodeEdge(Term.self, scores, first, block, decode)
            }
            first &+= lanes
        }
    }
}

/// Pass b for a vector that the block does not fill, or for keys shorter than a vector.
@inline(never)
func decodeEdge<Term: ScoreTerm>(
    _: Term.Type,
    _ scores: UnsafeMutablePointer<Float>,
    _ first: Int,
    _ block: DecodeBlock,
    _ decode: DecodeCall
) {
    let dimension = decode.slice.headDimension
    decodeScores(Term.self, scores, decode) { lane, column in
        // Keys outside of the block are hidden; the nearest key inside is read in their place.
        let key = min(max(first &+ lane, block.lower), block.upper &- 1)
        let numbers = decode.slice.key + key &* dimension
        return dimension < lanes ? shortRow(numbers, dimension) : numbers.vec(column)
    }
}

#endif
