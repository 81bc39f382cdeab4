// Decoding, pass d: the values times their weights.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// Pass d for R rows, C vectors of columns from `slot` on, and some keys.
@inline(__always)
func decodeValues<let R: Int, let C: Int>(
    _: Tile<R, C>.Type,
    _ row: Int,
    _ slot: Int,
    _ keys: Range<Int>,
    _ block: DecodeBlock,
    _ state: DecodeState,
    _ decode: DecodeCall
) {
    let slice = decode.slice
    let weights = decode.work.scores(row, block)
    let step = slice.valueDimension
    // With each key one line is requested, of which a quarter is enough; two tiles take turns.
    let fetched = fetchAhead &+ row % 4 &* (C &* lanes / 4)
    var values = slice.value + (keys.lowerBound &* step &+ slot &* lanes)
    var sums = Tile<R, C>(repeating: Width<C>(repeating: splat(0)))
    for r in 0..<R {
        for c in 0..<C { sums[r][c] = state.vec(row &+ r, slot &+ c) }
    }
    for key in keys {
        var right = Width<C>(repeating: splat(0))
        headwise_prefetch(values + fetched)
        for c in 0..<C { right[c] = opaque(values.vec(c &* lanes)) }
        for r in 0..<R {
            let weight = splat(weights[r &* scoreStride &+ key &- block.origin])
            for c in 0..<C { sums[r][c] = fma(weight, right[c], sums[r][c]) }
        }
        values += step
    }
    for r in 0..<R {
        for c in 0..<C { state.put(row &+ r, slot &+ c, sums[r][c]) }
    }
}

/// Pass d for R rows and some keys.
@inline(__always)
func decodeValues<let R: Int>(
    _: Width<R>.Type,
    _ row: Int,
    _ keys: Range<Int>,
    _ block: DecodeBlock,
    _ state: DecodeState,
    _ decode: DecodeCall
) {
    let dimension = decode.slice.valueDimension
    let whole = dimension / lanes
    var slot = 0
    #if ISA_AVX512
    while slot &+ 8 <= whole {
        decodeValues(Tile<R, 8>.self, row, slot, keys, block, state, decode)
        slot &+= 8
    }
    #endif
    while slot &+ 4 <= whole {
        decodeValues(Tile<R, 4>.self, row, slot, keys, block, state, decode)
        slot &+= 4
    }
    while slot < whole {
        decodeValues(Tile<R, 1>.self, row, slot, keys, block, state, decode)
        slot &+= 1
    }
    if dimension % lanes != 0 {
        for r in 0..<R { decodeLastValues(row &+ r, keys, block, state, decode) }
    }
}

/// Pass d for one row and one key: the value is read from end to end, for any width.
@inline(__always)
func addValue(
    _ key: Int,
    _ weight: Float,
    _ sums: UnsafeMutablePointer<Float>,
    _ slice: Slice
) {
    let dimension = slice.valueDimension
    let value = slice.value + key &* dimension
    let weight = splat(weight)
    let whole = dimension / lanes
    for slot in 0..<whole {
        let right = opaque(value.vec(slot &* lanes))
        sums.put(slot &* lanes, fma(weight, right, sums.vec(slot &* lanes)))
    }
    if dimension % lanes != 0 {
        let right = columnsOf(value, whole, dimension)
        sums.put(whole &* lanes, fma(weight, right, sums.vec(whole &* lanes)))
    }
}

/// Pass d for the last vector of columns, which the row fills only in part.
@inline(never)
func decodeLastValues(
    _ row: Int,
    _ keys: Range<Int>,
    _ block: DecodeBlock,
    _ state: DecodeState,
    _ decode: DecodeCall
) {
    let slice = decode.slice
    let weights = decode.work.scores(row, block)
    let slot = slice.valueDimension / lanes
    var sum = state.vec(row, slot)
    for key in keys {
        let value = slice.value + key &* slice.valueDimension
        let right = columnsOf(value, slot, slice.valueDimension)
        sum = fma(splat(weights[key &- block.origin]), right, sum)
    }
    state.put(row, slot, sum)
}

/// Pass d for one row that does not see the whole block: hidden values are not read.
@inline(never)
func decodeSeenValues(
    _ row: Int,
    _ keys: KeySet,
    _ block: DecodeBlock,
    _ state: DecodeState,
    _ decode: DecodeCall
) {
    let weights = decode.work.scores(row, block)
    let sums = state.output + row &* rowStride
    var index = keys.first(from: block.lower &- block.origin)
    while index < keyBlock {
        addValue(block.origin &+ index, weights[index], sums, decode.slice)
        index = keys.first(from: index &+ 1)
    }
}

/// Multiplies a row's output by the α of a block.
@inline(__always)
func decay(_ row: Int, _ decay: Float, _ state: DecodeState, _ decode: DecodeCall) {
    if decay == 1 { return }
    for slot in 0..<slotCount(decode.slice.valueDimension) {
        state.put(row, slot, state.vec(row, slot) * splat(decay))
    }
}

/// Pass d for all rows and the first `count` of the span's blocks.
@inline(never)
func decodeValues(_ count: Int, _ state: DecodeState, _ decode: DecodeCall) {
    let (call, work) = (decode.call, decode.work)
    #if ISA_AVX512
    let columns = decode.slice.valueDimension
    let isTile = columns == 4 &* lanes || columns == 8 &* lanes
    #else
    let isTile = decode.slice.valueDimension == 4 &* lanes
    #endif
    // A single tile reads everything once, for any length of its turn.
    let length = isTile && call.rows <= 2 ? keyBlock : turnKeys
    for index in 0..<count {
        let block = work.blocks[index]
        for row in 0..<call.rows {
            decay(row, work.decays[row &* spanBlocks &+ index], state, decode)
        }
        if !block.isFull {
            for row in 0..<call.rows {
                let keys = work.keys[index &* fewRows &+ row]
                decodeSeenValues(row, keys, block, state, decode)
            }
            continue
        }
        forEachTurn(block, of: length) { keys in
            var rows = 0..<call.rows
            if !isTile {
                // Tiles would read pieces of rows: these are in the cache by then.
                let weights = work.scores(0, block)
                for key in keys {
                    addValue(key, weights[key &- block.origin], state.output, decode.slice)
                }
                rows = 1..<call.rows
            }
            forEachTile(of: 2, rows) { row, count in
                switch count {
                case 2: decodeValues(Width<2>.self, row, keys, block, state, decode)
                default: decodeValues(Width<1>.self, row, keys, block, state, decode)
                }
            }
        }
    }
}

#endif
