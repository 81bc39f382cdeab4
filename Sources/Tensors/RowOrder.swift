/// Maps the rows of a tensor stored as `[B,L,H,D]` to their places in `[B,H,L,D]`.
struct RowOrder {
    /// H.
    var heads: Int
    /// L.
    var rows: Int
    /// D, the elements that stay together.
    var width: Int

    /// The row of `[B,H,L,D]` that is the `index`th as it is stored.
    func row(stored index: Int) -> Int {
        let (token, head) = index.quotientAndRemainder(dividingBy: heads)
        let (batch, row) = token.quotientAndRemainder(dividingBy: rows)
        return (batch * heads + head) * rows + row
    }

    /// The element of `[B,H,L,D]` that is the `index`th as it is stored, and how many from there on
    /// lie together.
    func place(ofElement index: Int) -> (start: Int, count: Int) {
        let (stored, column) = index.quotientAndRemainder(dividingBy: width)
        return (row(stored: stored) * width + column, width - column)
    }
}
