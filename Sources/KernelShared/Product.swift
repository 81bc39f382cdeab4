// The matrix product, for the projections.
//
//     left [M, K]   right [K, N] or [N, K]   output [M, N] = left · right + bias
//
// **A lane is an output column.** The numbers of `left` are broadcast to all lanes, and the tiles
// are those of attention's scores. For each strip of `stripColumns` columns, for each
// `productDepth` steps of K:
//   1. pack     the strip of `right` → panels [productDepth, queryBlock]
//   2. for each block of `productRows` rows: copy them, since rows that are a power of two apart
//      would share few places of the caches; then panel after panel, tile after tile
// A panel and a block lie in the second-level cache together. A single panel reads the rows once, so
// they stay in place.
//
// **An element is one chain of multiply-adds** over K, from 0 on, in ascending order. Between two
// panels it waits in the output. So its bits depend on its row and column alone, and a product can
// be cut anywhere in M and N.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// Steps of K that are packed together.
let productDepth = 512
/// Rows of `left` that pass a panel together.
let productRows = 256
/// Columns whose panels are packed together.
let stripColumns = 2048 / queryBlock * queryBlock

/// A call and its scratch memory.
struct Product {
    let call: headwise_product
    /// [stripColumns / queryBlock, productDepth, queryBlock].
    let panels: UnsafeMutablePointer<Float>
    /// [productRows, productDepth].
    let block: UnsafeMutablePointer<Float>
    /// [8, queryBlock]: a tile that reaches beyond the output's last column.
    let edge: UnsafeMutablePointer<Float>
    /// [queryBlock]: the bias of a panel's columns, or zeros.
    let bias: UnsafeMutablePointer<Float>

    static let bytes =
        4 * (stripColumns * productDepth + productRows * productDepth + 9 * queryBlock)

    init(_ call: headwise_product) {
        self.call = call
        panels = call.workspace.assumingMemoryBound(to: Float.self)
        block = panels + stripColumns * productDepth
        edge = block + productRows * productDepth
        bias = edge + 8 * queryBlock
    }
}

/// The part of a product that a block of rows and a panel give.
struct ProductPart {
    /// Rows and columns of the output.
    let rows: Range<Int>
    let columns: Range<Int>
    /// Steps of K.
    let steps: Range<Int>
    let isLast: Bool
    /// [steps, queryBlock].
    let panel: UnsafeMutablePointer<Float>
    /// [rows, steps], and the numbers from a row to the next.
    let left: UnsafePointer<Float>
    let leftStep: Int
}

/// The product of a call.
@inline(never)
func multiply(_ call: headwise_product) {
    let product = Product(call)
    for strip in stride(from: 0, to: call.columns, by: stripColumns) {
        let last = min(strip &+ stripColumns, call.columns)
        var start = 0
        // Even without a step, the output is written.
        repeat {
            let steps = start..<min(start &+ productDepth, call.depth)
            packStrip(strip..<last, steps, product)
            for row in stride(from: 0, to: call.rows, by: productRows) {
                let rows = row..<min(row &+ productRows, call.rows)
                if last &- strip > queryBlock { copyBlock(rows, steps, product) }
                multiplyBlock(rows, strip..<last, steps, product)
            }
            start = steps.upperBound
        } while start < call.depth
    }
}

/// The panel that begins at column `column` of a strip.
@inline(__always)
func panel(_ column: Int, _ product: Product) -> UnsafeMutablePointer<Float> {
    product.panels + column &* productDepth
}

/// Pass 2: copies the numbers of a block of rows.
@inline(never)
func copyBlock(_ rows: Range<Int>, _ steps: Range<Int>, _ product: Product) {
    let call = product.call
    for row in rows {
        let source = call.left + row &* call.leftStride + steps.lowerBound
        let target = product.block + (row &- rows.lowerBound) &* productDepth
        var i = 0
        while i &+ lanes <= steps.count {
            target.put(i, source.vec(i))
            i &+= lanes
        }
        while i < steps.count {
            target[i] = source[i]
            i &+= 1
        }
    }
}

/// Pass 2: the products of a block of rows.
@inline(never)
func multiplyBlock(
    _ rows: Range<Int>,
    _ strip: Range<Int>,
    _ steps: Range<Int>,
    _ product: Product
) {
    let isCopied = strip.count > queryBlock
    let inPlace = product.call.left + rows.lowerBound &* product.call.leftStride + steps.lowerBound
    for column in stride(from: strip.lowerBound, to: strip.upperBound, by: queryBlock) {
        let part = ProductPart(
            rows: rows,
            columns: column..<min(column &+ queryBlock, strip.upperBound),
            steps: steps,
            isLast: steps.upperBound == product.call.depth,
            panel: panel(column &- strip.lowerBound, product),
            left: isCopied ? UnsafePointer(product.block) : inPlace,
            leftStep: isCopied ? productDepth : product.call.leftStride
        )
        for i in 0..<queryBlock {
            let hasBias = i < part.columns.count
            product.bias[i] = hasBias ? product.call.bias.map { $0[column &+ i] } ?? 0 : 0
        }
        switch (part.columns.count &+ lanes &- 1) / lanes {
        case 4 where columns > 3: multiplyPanel(Width<4>.self, isCopied, part, product)
        case 3 where columns > 2: multiplyPanel(Width<3>.self, isCopied, part, product)
        case 2: multiplyPanel(Width<2>.self, isCopied, part, product)
        default: multiplyPanel(Width<1>.self, isCopied, part, product)
        }
    }
}

/// Pass 1: packs a strip of `right`, with zeros beside its last column.
@inline(never)
func packStrip(_ strip: Range<Int>, _ steps: Range<Int>, _ product: Product) {
    for column in stride(from: strip.lowerBound, to: strip.upperBound, by: queryBlock) {
        let width = min(queryBlock, strip.upperBound &- column)
        let target = panel(column &- strip.lowerBound, product)
        if product.call.isRightTransposed == 0 {
            packRows(column, width, steps, product.call, target)
        } else {
            packTransposed(column, width, steps, product.call, target)
        }
    }
}

/// Packs a panel of `right` [K, N].
@inline(__always)
func packRows(
    _ column: Int,
    _ width: Int,
    _ steps: Range<Int>,
    _ call: headwise_product,
    _ panel: UnsafeMutablePointer<Float>
) {
    for k in steps {
        let row = call.right + k &* call.rightStride + column
        let target = panel + (k &- steps.lowerBound) &* queryBlock
        var i = 0
        while i &+ lanes <= width {
            target.put(i, row.vec(i))
            i &+= lanes
        }
        while i < queryBlock {
            target[i] = i < width ? row[i] : 0
            i &+= 1
        }
    }
}

/// Packs a panel of `right` [N, K].
@inline(__always)
func packTransposed(
    _ column: Int,
    _ width: Int,
    _ steps: Range<Int>,
    _ call: headwise_product,
    _ panel: UnsafeMutablePointer<Float>
) {
    let step = call.rightStride
    let source = call.right + column &* step + steps.lowerBound
    if steps.count < lanes {
        for i in 0..<queryBlock {
            for k in 0..<steps.count {
                panel[k &* queryBlock &+ i] = i < width ? source[i &* step &+ k] : 0
            }
        }
        return
    }
    for i in stride(from: 0, to: queryBlock, by: lanes) {
        for k in stride(from: 0, to: steps.count, by: lanes) {
            // The last square begins earlier rather than exceed the end.
            let first = min(k, steps.count &- lanes)
            let square = source + (i &* step &+ first)
            let target = panel + (first &* queryBlock &+ i)
            @inline(__always)
            func row(_ r: Int) -> Vec { opaque(square.vec(r &* step)) }
            @inline(__always)
            func rowIfAny(_ r: Int) -> Vec { i &+ r < width ? row(r) : splat(0) }
            @inline(__always)
            func put(_ k: Int, _ x: Vec) { target.put(k &* queryBlock, x) }
            if i &+ lanes <= width {
                transpose(row: row, put: put)
            } else {
                transpose(row: rowIfAny, put: put)
            }
        }
    }
}

/// A block of rows times one panel of C vectors.
@inline(__always)
func multiplyPanel<let C: Int>(
    _: Width<C>.Type,
    _ isCopied: Bool,
    _ part: ProductPart,
    _ product: Product
) {
    if isCopied {
        multiplyCopied(Width<C>.self, part, product)
    } else {
        multiplyInPlace(Width<C>.self, part, product)
    }
}

/// With a constant step, which leaves more registers.
@inline(never)
func multiplyCopied<let C: Int>(_: Width<C>.Type, _ part: ProductPart, _ product: Product) {
    multiplyTiles(Width<C>.self, leftStep: productDepth, part, product)
}

@inline(never)
func multiplyInPlace<let C: Int>(_: Width<C>.Type, _ part: ProductPart, _ product: Product) {
    multiplyTiles(Width<C>.self, leftStep: part.leftStep, part, product)
}

@inline(__always)
func multiplyTiles<let C: Int>(
    _: Width<C>.Type,
    leftStep: Int,
    _ part: ProductPart,
    _ product: Product
) {
    var row = part.rows.lowerBound
    while C == 1 && row &+ 8 <= part.rows.upperBound {
        productTile(Tile<8, C>.self, row, leftStep: leftStep, part, product)
        row &+= 8
    }
    while row &+ 4 <= part.rows.upperBound {
        productTile(Tile<4, C>.self, row, leftStep: leftStep, part, product)
        row &+= 4
    }
    while row < part.rows.upperBound {
        productTile(Tile<1, C>.self, row, leftStep: leftStep, part, product)
        row &+= 1
    }
}

/// R rows × C vectors of columns; also requests the output of the next rows.
@inline(__always)
func productTile<let R: Int, let C: Int>(
    _: Tile<R, C>.Type,
    _ row: Int,
    leftStep: Int,
    _ part: ProductPart,
    _ product: Product
) {
    let call = product.call
    let isEdge = part.columns.count != C &* lanes
    let output = call.output + row &* call.outputStride + part.columns.lowerBound
    let target = isEdge ? product.edge : output
    let step = isEdge ? queryBlock : call.outputStride
    let isFirst = part.steps.lowerBound == 0
    if isEdge && !isFirst {
        copy(R, part.columns.count, from: output, call.outputStride, to: target, step)
    }
    var sums = Tile<R, C>(repeating: InlineArray(repeating: splat(0)))
    if !isFirst {
        for r in 0..<R {
            for c in 0..<C { sums[r][c] = target.vec(r &* step &+ c &* lanes) }
        }
    }
    let following = row &+ 2 &* R <= part.rows.upperBound ? R : 0
    let next = output + following &* call.outputStride
    let left = part.left + (row &- part.rows.lowerBound) &* leftStep
    let nextLeft = left + following &* leftStep
    sums = sumOfTerms(
        DotTerm.self,
        sums,
        count: part.steps.count,
        left,
        rowStep: leftStep,
        step: 1,
        part.panel,
        product.block
    ) { step in
        for n in 0..<R / 4 {
            // A line of one of four rows.
            let line = step % 16 / 4 &+ 4 &* n
            headwise_prefetch(nextLeft + line &* leftStep + step / 16 &* 16)
        }
        if step < 4 &* R {
            for c in 0..<C {
                headwise_prefetch_to_write(next + step / 4 &* call.outputStride + c &* lanes)
            }
        }
    }
    if part.isLast {
        for c in 0..<C {
            let bias = product.bias.vec(c &* lanes)
            for r in 0..<R { sums[r][c] = canonical(sums[r][c] + bias) }
        }
    }
    for r in 0..<R {
        for c in 0..<C { target.put(r &* step &+ c &* lanes, sums[r][c]) }
    }
    if isEdge { copy(R, part.columns.count, from: target, step, to: output, call.outputStride) }
}

/// Copies some numbers of each of some rows.
@inline(never)
func copy(
    _ rows: Int,
    _ count: Int,
    from source: UnsafeMutablePointer<Float>,
    _ sourceStep: Int,
    to target: UnsafeMutablePointer<Float>,
    _ targetStep: Int
) {
    for r in 0..<rows {
        for i in 0..<count { target[r &* targetStep &+ i] = source[r &* sourceStep &+ i] }
    }
}

/// Divides rows by their Euclidean norm; a row of zeros stays zeros.
///
/// A row is first multiplied by the power of two that takes its largest number near 1, so that no
/// square overflows.
@inline(never)
func normalise(
    rows: Int,
    columns: Int,
    _ source: UnsafePointer<Float>,
    _ target: UnsafeMutablePointer<Float>
) {
    for row in 0..<rows {
        let from = source + row &* columns
        let to = target + row &* columns
        var largest: Float = 0
        for column in 0..<columns {
            let size = from[column].magnitude
            if size > largest { largest = size }
        }
        // The exponent of the power, between 1 and 253, is that of the number mirrored.
        let exponent = min(max(1, Int(largest.bitPattern &>> 23)), 253)
        let power = Float(bitPattern: UInt32(truncatingIfNeeded: 254 &- exponent) &<< 23)
        let whole = columns / lanes &* lanes
        var sums = splat(0)
        for column in stride(from: 0, to: whole, by: lanes) {
            let x = from.vec(column) * power
            sums = fma(x, x, sums)
        }
        var last = splat(0)
        for column in whole..<columns { last[column &- whole] = from[column] * power }
        let norm = total(fma(last, last, sums)).squareRoot()
        // The power divided by the norm of a row of denormals could overflow.
        let factor = largest == 0 ? 0 : 1 / norm
        for column in stride(from: 0, to: whole, by: lanes) {
            to.put(column, from.vec(column) * power * factor)
        }
        for column in whole..<columns { to[column] = from[column] * power * factor }
    }
}

#endif
