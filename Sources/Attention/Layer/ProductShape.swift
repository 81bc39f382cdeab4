/// The sizes of a matrix product: `[M,N]` = `[M,K]` · `[K,N]`.
package struct ProductShape: Hashable, Sendable, Codable {
    /// M.
    package var rows: Int
    /// N.
    package var columns: Int
    /// K, the terms of each element.
    package var depth: Int

    package init(rows: Int, columns: Int, depth: Int) {
        self.rows = rows
        self.columns = columns
        self.depth = depth
    }

    /// A multiply-add counts as two.
    package var flops: Double { 2 * Double(rows) * Double(columns) * Double(depth) }

    /// The three matrices once, in f32.
    package var tensorBytes: Int { 4 * (rows * depth + depth * columns + rows * columns) }
}
