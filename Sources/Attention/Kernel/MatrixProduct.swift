import CSystem

/// A matrix product in memory: `[M,N]` = `[M,K]` · `[K,N]`, or `[N,K]` transposed, plus a bias.
///
/// Every element is one chain of multiply-adds over K, from 0 on and in ascending order; the bias is
/// added last. So its bits do not depend on which rows and columns are asked for together.
@unsafe
package struct MatrixProduct {
    package var left: UnsafePointer<Float>
    package var right: UnsafePointer<Float>
    /// `[N]`.
    package var bias: UnsafePointer<Float>?
    package var output: UnsafeMutablePointer<Float>
    package var shape: ProductShape
    /// Numbers from a row to the next.
    package var leftStride: Int
    package var rightStride: Int
    package var outputStride: Int
    /// Whether `right` is `[N,K]`, as the weights of linear layers are.
    package var isRightTransposed: Bool

    /// A product whose matrices are contiguous.
    package init(
        _ shape: ProductShape,
        left: UnsafePointer<Float>,
        right: UnsafePointer<Float>,
        isRightTransposed: Bool = false,
        bias: UnsafePointer<Float>? = nil,
        output: UnsafeMutablePointer<Float>
    ) {
        unsafe self.shape = shape
        unsafe self.left = left
        unsafe self.right = right
        unsafe self.isRightTransposed = isRightTransposed
        unsafe self.bias = bias
        unsafe self.output = output
        unsafe leftStride = shape.depth
        unsafe rightStride = isRightTransposed ? shape.depth : shape.columns
        unsafe outputStride = shape.columns
    }

    /// Computes some rows on the calling thread.
    func compute(_ kernel: AttentionKernel, rows: Range<Int>, _ scratch: ProductScratch) {
        scratch.reserve(kernel)
        var call = unsafe headwise_product(
            left: left + rows.lowerBound * leftStride,
            right: right,
            bias: bias,
            output: output + rows.lowerBound * outputStride,
            workspace: scratch.product,
            rows: rows.count,
            columns: shape.columns,
            depth: shape.depth,
            leftStride: leftStride,
            rightStride: rightStride,
            outputStride: outputStride,
            isRightTransposed: isRightTransposed ? 1 : 0
        )
        unsafe kernel.table.multiply(&call)
    }
}

/// A product whose threads take rows.
@unsafe
struct ProductWork: @unsafe ThreadWork {
    private let kernel: AttentionKernel
    private let product: MatrixProduct
    private let rows: RowPieces

    init(_ kernel: AttentionKernel, _ product: MatrixProduct, threadCount: Int) {
        unsafe self.kernel = kernel
        unsafe self.product = product
        unsafe rows = RowPieces(product.shape.rows, threadCount: threadCount)
    }

    var pieceCount: Int { unsafe rows.count }

    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        unsafe product.compute(kernel, rows: rows[piece], workspace.products)
        return 1
    }
}

/// Rows of a product in pieces for threads.
///
/// Every piece packs the whole right matrix, so there are few: two for each thread.
struct RowPieces {
    /// The rows that a kernel multiplies together.
    private static let block = 256

    private let total: Int
    private let size: Int

    init(_ total: Int, threadCount: Int, most: Int = .max) {
        self.total = total
        let wanted = threadCount == 1 ? total : (total + 2 * threadCount - 1) / (2 * threadCount)
        let whole = (wanted + Self.block - 1) / Self.block * Self.block
        size = max(1, min(most, whole > total / threadCount ? wanted : whole))
    }

    var count: Int { (total + size - 1) / size }

    subscript(piece: Int) -> Range<Int> {
        piece * size..<min(total, (piece + 1) * size)
    }
}

extension ThreadTeam {
    /// Computes a product; returns when all of it is written.
    @unsafe
    @discardableResult
    package func multiply(_ kernel: AttentionKernel, _ product: MatrixProduct) -> TeamTimes {
        unsafe run(ProductWork(kernel, product, threadCount: threadCount))
    }
}
