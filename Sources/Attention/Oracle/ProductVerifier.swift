/// The check of a matrix product: a grid of its elements against float64, beside a plain f32 chain.
///
/// The grid has the first and the last row and column, both sides of the middle, and others that the
/// seed draws. The order of the plain chain is that of the formula: a product, then a sum, each
/// rounded.
@unsafe
package struct ProductVerifier {
    private static let gridLines = 64
    /// The stream of `Philox` words for rows; the next one is for columns.
    private static let stream: UInt32 = 53

    private let shape: ProductShape
    private let left: UnsafePointer<Float>
    private let right: UnsafePointer<Float>
    private let bias: UnsafePointer<Float>?
    private let seed: UInt64

    /// `left` is `[M,K]`, `right` `[K,N]` and `bias` `[N]`, all contiguous.
    package init(
        _ shape: ProductShape,
        left: UnsafePointer<Float>,
        right: UnsafePointer<Float>,
        bias: UnsafePointer<Float>?,
        seed: UInt64
    ) {
        unsafe self.shape = shape
        unsafe self.left = left
        unsafe self.right = right
        unsafe self.bias = bias
        unsafe self.seed = seed
    }

    /// Judges an output `[M,N]`.
    package func verify(output: UnsafePointer<Float>) -> VerificationReport {
        let (rows, columns) = unsafe (
            lines(of: shape.rows, stream: Self.stream),
            lines(of: shape.columns, stream: Self.stream + 1)
        )
        let count = unsafe shape.columns
        var errors = SampledErrors()
        for row in rows {
            for column in columns {
                let index = row * count + column
                let (exact, plain) = unsafe element(row, column)
                errors.add(unsafe output[index], exact: exact, plain: plain, index: index)
            }
        }
        return errors.judged(
            unsafe FloatCensus(output, count: shape.rows * count),
            rowsChecked: rows.count,
            rowsTotal: unsafe shape.rows
        ) { ElementIndex(slice: 0, row: $0 / count, column: $0 % count) }
    }

    private func element(_ row: Int, _ column: Int) -> (exact: Double, plain: Float) {
        var (exact, plain) = (0.0, Float(0))
        for k in 0..<(unsafe shape.depth) {
            let a = unsafe left[row * shape.depth + k]
            let b = unsafe right[k * shape.columns + column]
            exact += Double(a) * Double(b)
            plain += a * b
        }
        let added = unsafe bias?[column] ?? 0
        return (exact + Double(added), plain + added)
    }

    private func lines(of count: Int, stream: UInt32) -> [Int] {
        guard count > (unsafe Self.gridLines) else { return Array(0..<count) }
        let philox = unsafe Philox(seed: seed)
        var lines: Set<Int> = [0, count / 2 - 1, count / 2, count - 1]
        var drawn = 0
        while lines.count < (unsafe Self.gridLines) {
            lines.insert(Philox.below(count, philox.word(stream: stream, index: drawn)))
            drawn += 1
        }
        return lines.sorted()
    }
}
