/// A shard before it gets its number, with its cost and its owner.
struct ShardPiece {
    var slices: Range<Int>
    var rows: Range<Int>
    var cost: Double
    var owner = 0

    /// Merges neighbouring cells of one band.
    init(_ cells: ArraySlice<ShardGrid.Cell>, owner: Int = 0) {
        guard let first = cells.first, let last = cells.last else {
            preconditionFailure("a shard must hold at least one cell")
        }
        slices = first.slices.lowerBound..<last.slices.upperBound
        rows = first.rows.lowerBound..<last.rows.upperBound
        cost = cells.reduce(0) { $0 + $1.cost }
        self.owner = owner
    }
}
