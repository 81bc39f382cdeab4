import Work

/// The smallest pieces that a split allows, in the order in which they are merged into shards.
///
/// Cells of one band are neighbours along one axis, so any run of them is again a range of slices
/// times a range of rows. A run never crosses from one band into the next.
struct ShardGrid {
    struct Cell {
        var band: Int
        var slices: Range<Int>
        var rows: Range<Int>
        var cost: Double
    }

    typealias Cost = (_ slice: Int, _ rows: Range<Int>) -> Double

    private(set) var cells: [Cell] = []

    /// The split that was used; never `auto`.
    let split: Split

    /// About how many cells each worker gets where keys are cut, if there are enough spans.
    ///
    /// The fold waits for the last of them, so they are small.
    static let spanPiecesPerWorker = 16

    /// The minimum number of pieces per worker, so that results stream while the worker computes.
    static let piecesPerWorker = 4

    init(
        _ grid: TaskGrid,
        split: Split,
        workerCount: Int,
        queryBlock: Int,
        slicesTogether: Int,
        leastShare: Double = 0,
        cost: Cost
    ) throws(SchedulingError) {
        let together = Self.cellSlices(slicesTogether, grid: grid, workerCount: workerCount)
        let blockCount = (grid.rowCount + queryBlock - 1) / queryBlock
        let slices = grid.sliceCount
        switch split {
        case .batch:
            self.split = .batch
            try addWholeSlices(perCell: grid.slicesPerBatch, grid: grid, cost: cost)
        case .head:
            self.split = .head
            try addWholeSlices(perCell: together, grid: grid, cost: cost)
        case .rows:
            self.split = .rows
            let wanted = workerCount * ((Self.piecesPerWorker + slices - 1) / slices)
            let rows = try Self.rowPieces(
                wanted,
                grid: grid,
                queryBlock: queryBlock,
                cost: cost
            )
            for (band, piece) in rows.enumerated() {
                for slice in 0..<slices {
                    try add(band: band, slices: slice..<slice + 1, rows: piece, cost: cost)
                }
            }
        case .keys:
            // A row is a span of keys. Slices that share their keys stay together, since each shard reads
            // its keys.
            self.split = .keys
            let groups = slices / slicesTogether
            let wanted = Self.spanPieces(groups, workerCount: workerCount, leastShare: leastShare)
            let spans = try Self.rowPieces(
                wanted,
                grid: grid,
                queryBlock: queryBlock,
                cost: cost
            )
            for (band, piece) in spans.enumerated() {
                for first in stride(from: 0, to: slices, by: slicesTogether) {
                    let group = first..<first + slicesTogether
                    try add(band: band, slices: group, rows: piece, cost: cost)
                }
            }
        case .ring: preconditionFailure("a ring is cut by `ShardPlan.ring`")
        case .auto:
            let pieces = Self.piecesPerSlice(
                slices: slices,
                blockCount: blockCount,
                workerCount: workerCount
            )
            self.split = pieces == 1 ? .head : .rows
            guard pieces > 1 else {
                try addWholeSlices(perCell: together, grid: grid, cost: cost)
                break
            }
            let rows = try Self.rowPieces(
                pieces,
                grid: grid,
                queryBlock: queryBlock,
                cost: cost
            )
            // Slice by slice, so that a worker needs the keys and values of as few slices as
            // possible.
            for slice in 0..<slices {
                for piece in rows {
                    try add(band: slice, slices: slice..<slice + 1, rows: piece, cost: cost)
                }
            }
        }
        weighByRowsIfNothingIsVisible()
    }

    private mutating func addWholeSlices(
        perCell: Int,
        grid: TaskGrid,
        cost: Cost
    ) throws(SchedulingError) {
        for first in stride(from: 0, to: grid.sliceCount, by: perCell) {
            try add(
                band: 0,
                slices: first..<first + perCell,
                rows: 0..<grid.rowCount,
                cost: cost
            )
        }
    }

    private mutating func add(
        band: Int,
        slices: Range<Int>,
        rows: Range<Int>,
        cost: Cost
    ) throws(SchedulingError) {
        var sum = 0.0
        for slice in slices { sum += try Self.checked(cost, slice, rows) }
        cells.append(Cell(band: band, slices: slices, rows: rows, cost: sum))
    }

    /// If a mask hides everything, the rows must still be written; the cost is then the number of
    /// rows.
    private mutating func weighByRowsIfNothingIsVisible() {
        guard cells.allSatisfy({ $0.cost == 0 }) else { return }
        for index in cells.indices {
            cells[index].cost = Double(cells[index].slices.count * cells[index].rows.count)
        }
    }

    private static func checked(
        _ cost: Cost,
        _ slice: Int,
        _ rows: Range<Int>
    ) throws(SchedulingError) -> Double {
        let value = cost(slice, rows)
        guard value.isFinite, value >= 0 else {
            throw .unusableCost(slice: slice, rows: rows, cost: value)
        }
        return value
    }
}

extension ShardGrid {
    /// Slices per cell when only slices are cut: as many as are fastest together.
    ///
    /// If a worker would then get no cell, cells are smaller.
    static func cellSlices(_ together: Int, grid: TaskGrid, workerCount: Int) -> Int {
        // A part of a group must begin at a multiple of its size.
        let sizes = (1...together).reversed().filter { together % $0 == 0 }
        return sizes.first { grid.sliceCount / $0 >= workerCount } ?? 1
    }

    /// The number of pieces into which the spans of keys are cut, the same for all groups of slices.
    ///
    /// No shard has spans of two pieces, so there are no more of them than make shards of `leastShare`
    /// of the whole, but one for each worker.
    static func spanPieces(_ groups: Int, workerCount: Int, leastShare: Double) -> Int {
        let most = workerCount * ((spanPiecesPerWorker + groups - 1) / groups)
        guard leastShare > 0 else { return most }
        let shards = min(1 / leastShare, Double(most * groups))
        return workerCount * max(1, Int(shards) / (workerCount * groups))
    }

    /// The number of pieces into which `auto` cuts every slice: 1 if whole slices are enough.
    ///
    /// Whole slices are enough if every worker gets a few pieces and at most a twentieth of the
    /// cluster waits in the last round (9 slices over 2 workers would leave a tenth of it waiting).
    static func piecesPerSlice(slices: Int, blockCount: Int, workerCount: Int) -> Int {
        let toleratedWaste = 1.05
        var best = (pieces: 1, waste: Double.infinity)
        let most = min(blockCount, 16 * workerCount)
        for pieces in 1...most {
            let cells = slices * pieces
            let rounds = (cells + workerCount - 1) / workerCount
            let waste = Double(rounds * workerCount) / Double(cells)
            if cells >= piecesPerWorker * workerCount, waste <= toleratedWaste { return pieces }
            if waste < best.waste { best = (pieces, waste) }
        }
        return best.pieces
    }

    /// Cuts the rows at multiples of the query block into pieces of about equal cost over all
    /// slices.
    ///
    /// There are fewer pieces than wanted if there are fewer blocks.
    static func rowPieces(
        _ wanted: Int,
        grid: TaskGrid,
        queryBlock: Int,
        cost: Cost
    ) throws(SchedulingError) -> [Range<Int>] {
        let blockCount = (grid.rowCount + queryBlock - 1) / queryBlock
        let pieces = min(wanted, blockCount)
        // A sixteenth of a piece is exact enough for the balance, and it bounds the calls of
        // `cost`.
        let grainBlocks = max(1, blockCount / (16 * pieces))
        let grainRows = grainBlocks * queryBlock
        let starts = Array(stride(from: 0, to: grid.rowCount, by: grainRows))
        let grains = starts.map { $0..<min($0 + grainRows, grid.rowCount) }
        var costs: [Double] = []
        for grain in grains {
            var sum = 0.0
            for slice in 0..<grid.sliceCount { sum += try checked(cost, slice, grain) }
            costs.append(sum)
        }
        if costs.allSatisfy({ $0 == 0 }) { costs = grains.map { Double($0.count) } }
        let cuts = balancedCuts(costs, parts: pieces)
        return (0..<pieces).map {
            grains[cuts[$0]].lowerBound..<grains[cuts[$0 + 1] - 1].upperBound
        }
    }
}
