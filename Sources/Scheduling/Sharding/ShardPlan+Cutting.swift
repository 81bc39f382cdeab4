extension ShardPlan {
    /// Guided self-scheduling: each shard is a part of the remaining work, so the last shards are
    /// small.
    static func guidedPieces(_ grid: ShardGrid, _ workerCount: Int) -> [ShardPiece] {
        let cells = grid.cells
        var remaining = cells.reduce(0) { $0 + $1.cost }
        var pieces: [ShardPiece] = []
        var start = 0
        while start < cells.count {
            let target = remaining / Double(2 * workerCount)
            var end = start + 1
            var taken = cells[start].cost
            while end < cells.count, cells[end].band == cells[start].band,
                taken + cells[end].cost <= target
            {
                taken += cells[end].cost
                end += 1
            }
            pieces.append(ShardPiece(cells[start..<end]))
            remaining -= taken
            start = end
        }
        // Costs differ from slice to slice; the smallest shards must come at the end of the trial.
        return pieces.enumerated()
            .sorted { ($1.element.cost, $0.offset) < ($0.element.cost, $1.offset) }
            .map(\.element)
    }

    /// One contiguous range per worker, in a few pieces.
    static func ownedPieces(_ grid: ShardGrid, _ workerCount: Int) -> [ShardPiece] {
        let cells = grid.cells
        let ownerCount = min(workerCount, cells.count)
        let ranges = balancedCuts(cells.map(\.cost), parts: ownerCount)
        var pieces: [ShardPiece] = []
        for owner in 0..<ownerCount {
            let own = cells[ranges[owner]..<ranges[owner + 1]]
            let parts = min(ShardGrid.piecesPerWorker, own.count)
            let cuts = balancedCuts(own.map(\.cost), parts: parts)
            for part in 0..<parts {
                var rest = own[own.startIndex + cuts[part]..<own.startIndex + cuts[part + 1]]
                while let band = rest.first?.band {
                    let run = rest.prefix { $0.band == band }
                    pieces.append(ShardPiece(run, owner: owner))
                    rest = rest[run.endIndex...]
                }
            }
        }
        return pieces
    }
}
