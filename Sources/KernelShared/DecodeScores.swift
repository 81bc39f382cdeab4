// Decoding, pass b: the scores of `lanes` keys at a time.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// The numbers of a line of the cache.
let lineFloats = 16

/// How far ahead of the squares lines are read and dropped, in floats.
///
/// They must be read in memory order, for the processor to fetch ahead of them. Measured with 128
/// columns: without these reads, one row has a third of the speed; in the order in which `transpose`
/// takes the rows, nine tenths.
let touchAhead = 2048

/// How many floats ahead the cache lines of keys and values are requested.
///
/// Every fourth line is enough to fill the gaps that computing leaves in the stream. With four query
/// rows, to request every line, or none, took a tenth longer.
let fetchAhead = 8192

/// `lanes` whole keys, one after the other.
struct KeyVector {
    let numbers: UnsafePointer<Float>
    let dimension: Int
    /// The lines to read now that are used a little later, and those to request.
    let touched: UnsafePointer<Float>
    let fetched: UnsafePointer<Float>
    /// The parameters of the columns, and the factor of the sums.
    let parameters: UnsafePointer<Float>
    let factor: Float
    /// The scores of the first row; `scoreStride` further on are those of the next.
    let scores: UnsafeMutablePointer<Float>
}

/// Adds the terms of column `column` of `lanes` keys and R rows to `sums`.
@inline(__always)
func addTerms<Term: ScoreTerm, let R: Int>(
    _: Term.Type,
    _ column: Int,
    _ keys: Vec,
    _ query: UnsafePointer<Float>,
    _ parameters: UnsafePointer<Float>,
    to sums: inout Width<R>
) {
    let parameter = splat(Term.hasParameters ? parameters[column] : 0)
    for r in 0..<R {
        let number = splat(query[r &* rowStride &+ column])
        sums[r] = Term.add(keys, number, parameter, to: sums[r])
    }
}

/// The sums of `lanes` keys and R rows; `keys` gives their parameters.
///
/// `numbers` returns a vector of one key's columns; `put` receives each column of all keys.
@inline(__always)
func sumsOfKeys<Term: ScoreTerm, let R: Int>(
    _: Term.Type,
    _: Width<R>.Type,
    _ query: UnsafePointer<Float>,
    _ keys: KeyVector,
    numbers: (_ lane: Int, _ column: Int) -> Vec,
    put: (_ column: Int, Vec) -> Void
) -> Width<R> {
    let (dimension, parameters) = (keys.dimension, keys.parameters)
    var sums = Width<R>(repeating: splat(0))
    var first = 0
    while first &+ lanes <= dimension {
        transpose(row: { opaque(numbers($0, first)) }) { column, keys in
            addTerms(Term.self, first &+ column, keys, query, parameters, to: &sums)
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
                addTerms(Term.self, column, keys, query, parameters, to: &sums)
                put(column, keys)
            }
        }
    }
    return sums
}

/// Pass b for whole keys and the first R rows; `keep` receives each column of the keys.
///
/// It is a closure since a flag would be asked at every column: this function is too long to be
/// compiled into its callers.
@inline(__always)
func scoreKeys<Term: ScoreTerm, let R: Int>(
    _: Term.Type,
    _: Width<R>.Type,
    _ keys: KeyVector,
    _ work: DecodeWorkspace,
    keep: (_ column: Int, Vec) -> Void
) {
    let sums = sumsOfKeys(Term.self, Width<R>.self, work.query, keys) {
        lane,
        column in
        // As many vectors as the square has rows: the squares of all columns touch all lines once.
        let turn = transposeTurn(lane) &* lanes
        let place = column &* lanes &+ turn
        if turn % lineFloats == 0 { _ = opaque(keys.touched.vec(place)) }
        if turn % (4 &* lineFloats) == 0 { headwise_prefetch(keys.fetched + place) }
        return keys.numbers.vec(lane &* keys.dimension &+ column)
    } put: {
        keep($0, $1)
    }
    for r in 0..<R {
        keys.scores.put(r &* scoreStride, scaled(Term.self, sums[r], keys.factor))
    }
}

/// Pass b for the kept columns of `lanes` keys and R rows, from `row` on.
@inline(__always)
func scoreColumns<Term: ScoreTerm, let R: Int>(
    _: Term.Type,
    _: Width<R>.Type,
    _ row: Int,
    _ keys: KeyVector,
    _ work: DecodeWorkspace
) {
    var sums = Width<R>(repeating: splat(0))
    let query = work.query + row &* rowStride
    for column in 0..<keys.dimension {
        let numbers = work.columns.vec(column &* lanes)
        addTerms(Term.self, column, numbers, query, keys.parameters, to: &sums)
    }
    for r in 0..<R {
        keys.scores.put((row &+ r) &* scoreStride, scaled(Term.self, sums[r], keys.factor))
    }
}

/// Pass b for `lanes` whole keys and all rows.
@inline(__always)
func scoreRows<Term: ScoreTerm>(
    _: Term.Type,
    _ keys: KeyVector,
    _ rows: Int,
    _ work: DecodeWorkspace
) {
    switch rows {
    case 1: scoreKeys(Term.self, Width<1>.self, keys, work) { _, _ in }
    case 2: scoreKeys(Term.self, Width<2>.self, keys, work) { _, _ in }
    case 3: scoreKeys(Term.self, Width<3>.self, keys, work) { _, _ in }
    case 4: scoreKeys(Term.self, Width<4>.self, keys, work) { _, _ in }
    default:
        scoreKeys(Term.self, Width<4>.self, keys, work) {
            work.columns.put($0 &* lanes, $1)
        }
        scoreRest(Term.self, keys, 4..<rows, work)
    }
}

/// Pass b for kept columns and the rows after the first tile.
@inline(__always)
func scoreRest<Term: ScoreTerm>(
    _: Term.Type,
    _ keys: KeyVector,
    _ rows: Range<Int>,
    _ work: DecodeWorkspace
) {
    forEachTile(of: 8, rows) { row, count in
        switch count {
        case 8: scoreColumns(Term.self, Width<8>.self, row, keys, work)
        case 4: scoreColumns(Term.self, Width<4>.self, row, keys, work)
        case 2: scoreColumns(Term.self, Width<2>.self, row, keys, work)
        default: scoreColumns(Term.self, Width<1>.self, row, keys, work)
        }
    }
}

/// Pass b for all rows and the first `count` of the span's blocks.
@inline(never)
func decodeScores<Term: ScoreTerm>(_: Term.Type, _ count: Int, _ decode: DecodeCall) {
    let (slice, work, rows) = (decode.slice, decode.work, decode.call.rows)
    let dimension = slice.headDimension
    let end = work.blocks[count &- 1].upper &* dimension
    for index in 0..<count {
        let block = work.blocks[index]
        var first = block.lower / lanes &* lanes
        while first < block.upper {
            let place = first &* dimension
            let touched = place &+ touchAhead
            let keys = KeyVector(
                numbers: slice.key + place,
                dimension: dimension,
                // Memory after the last block may not exist; a request may go anywhere.
                touched: slice.key + (touched &+ lanes &* dimension <= end ? touched : place),
                fetched: slice.key + (place &+ fetchAhead),
                parameters: slice.parameters,
                factor: slice.scoreFactor,
                scores: work.scores(0, block) + (first &- block.origin)
            )
            let isWhole = first >= block.lower && first &+ lanes <= block.upper
            if isWhole && dimension >= lanes && Term.isScaledInQuery {
                scoreRows(Term.self, keys, rows, work)
            } else {
                scoreEdge(Term.self, keys, first, block, decode)
            }
            first &+= lanes
        }
    }
}

/// Pass b for a vector that the block does not fill, for keys shorter than a vector, and for terms
/// that are more than a multiply-add: written out for a whole square they would be very long.
@inline(never)
func scoreEdge<Term: ScoreTerm>(
    _: Term.Type,
    _ keys: KeyVector,
    _ first: Int,
    _ block: DecodeBlock,
    _ decode: DecodeCall
) {
    keepColumns(first, block, decode)
    scoreRest(Term.self, keys, 0..<decode.call.rows, decode.work)
}

/// Transposes `lanes` keys, from `first` on, to columns.
///
/// Keys outside of the block are hidden; the nearest key inside is read in their place.
@inline(never)
func keepColumns(_ first: Int, _ block: DecodeBlock, _ decode: DecodeCall) {
    let (dimension, columns) = (decode.slice.headDimension, decode.work.columns)
    for next in stride(from: 0, to: dimension, by: lanes) {
        // A square that would exceed the row begins earlier, with columns that are there already.
        let start = max(0, min(next, dimension &- lanes))
        transpose(row: { lane in
            let key = min(max(first &+ lane, block.lower), block.upper &- 1)
            let numbers = decode.slice.key + key &* dimension
            return opaque(
                dimension < lanes ? shortRow(numbers, dimension) : numbers.vec(start)
            )
        }) { column, keys in
            columns.put((start &+ column) &* lanes, keys)
        }
    }
}

#endif
