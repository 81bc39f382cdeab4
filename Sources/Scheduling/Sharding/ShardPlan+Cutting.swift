import Work

extension ShardPlan {
    /// The shards of a grid, in dispatch order.
    ///
    /// `shares` say how much of the cost each worker gets where it has a stretch of its own; a shard
    /// of less than `leastShare` of the whole is cut only so that no worker is without one, or where
    /// too little of a band is left.
    static func pieces(
        _ grid: ShardGrid,
        _ schedule: Schedule,
        shares: [Double],
        leastShare: Double
    ) -> [ShardPiece] {
        let costs = grid.cells.map(\.cost)
        let counts = grid.cells.map { Double($0.slices.count * $0.rows.count) }
        let workerCount = shares.count
        let least = leastShare * costs.reduce(0, +)
        let leastCount = leastShare * counts.reduce(0, +)
        switch schedule {
        // Costs differ from slice to slice; the smallest shards must come at the end of the trial.
        case .dynamic:
            return costliestFirst(factoredPieces(grid, by: costs, workerCount, least: least))
        case .guided: return guidedPieces(grid, by: counts, workerCount, least: leastCount)
        case .cost: return costliestFirst(smallPieces(grid, workerCount, least: least))
        case .cyclic:
            // Who asks for it wants many.
            return smallPieces(grid, workerCount, least: 0).enumerated().map { place, piece in
                var piece = piece
                piece.owner = place % workerCount
                return piece
            }
        case .fixed, .weighted: return ownedPieces(grid, by: costs, shares, least: least)
        case .block: return ownedPieces(grid, by: counts, shares, least: leastCount)
        }
    }

    private static func costliestFirst(_ pieces: [ShardPiece]) -> [ShardPiece] {
        pieces.enumerated()
            .sorted { ($1.element.cost, $0.offset) < ($0.element.cost, $1.offset) }
            .map(\.element)
    }

    /// Factoring (Hummel, Schonberg and Flynn 1992): in each round every worker gets one shard, and
    /// all of them together are half of the remaining work.
    ///
    /// In the last round, the shards divide all that remains; none of them is smaller than `least`.
    /// A larger first round would save messages, and make the best trials of a few milliseconds 5 %
    /// faster, but the median ones 10 % slower: a worker often starts late by a good part of them.
    private static func factoredPieces(
        _ grid: ShardGrid,
        by weights: [Double],
        _ workerCount: Int,
        least: Double
    ) -> [ShardPiece] {
        var remaining = weights.reduce(0, +)
        var pieces: [ShardPiece] = []
        var start = 0
        // Of the round.
        var target = 0.0
        var left = 0
        var isLast = false
        while start < grid.cells.count {
            if left == 0, !isLast {
                target = remaining / Double(2 * workerCount)
                left = workerCount
                if target < least {
                    isLast = true
                    left = max(Int(remaining / least) / workerCount, 1) * workerCount
                }
            }
            if isLast { target = remaining / Double(max(left, 1)) }
            let end = grid.end(from: start, about: target, by: weights)
            pieces.append(ShardPiece(grid.cells[start..<end]))
            remaining -= weights[start..<end].reduce(0, +)
            start = end
            left = max(left - 1, 0)
        }
        return pieces
    }

    /// Guided self-scheduling: each shard is a part of the remaining work, so the last shards are
    /// small, but not smaller than `least`.
    private static func guidedPieces(
        _ grid: ShardGrid,
        by weights: [Double],
        _ workerCount: Int,
        least: Double
    ) -> [ShardPiece] {
        var remaining = weights.reduce(0, +)
        let least = min(least, remaining / Double(workerCount))
        var pieces: [ShardPiece] = []
        var start = 0
        while start < grid.cells.count {
            let target = max(remaining / Double(2 * workerCount), least)
            let end = grid.end(from: start, atMost: target, by: weights)
            pieces.append(ShardPiece(grid.cells[start..<end]))
            remaining -= weights[start..<end].reduce(0, +)
            start = end
        }
        return pieces
    }

    /// Shards of about equal cost: one for each cell, but none smaller than `least`, and at most 32 for
    /// each worker, since more would cost more messages than they balance.
    private static func smallPieces(
        _ grid: ShardGrid,
        _ workerCount: Int,
        least: Double
    ) -> [ShardPiece] {
        let costs = grid.cells.map(\.cost)
        let most = min(32 * workerCount, grid.cells.count)
        let useful = least > 0 ? costs.reduce(0, +) / least : Double(most)
        let parts = min(max(Int(min(useful, Double(most))), workerCount), most)
        let cuts = balancedCuts(costs, parts: parts)
        return zip(cuts, cuts.dropFirst()).flatMap { grid.pieces($0..<$1) }
    }

    /// One contiguous range per worker, in a few pieces.
    private static func ownedPieces(
        _ grid: ShardGrid,
        by weights: [Double],
        _ shares: [Double],
        least: Double = 0
    ) -> [ShardPiece] {
        let ownerCount = min(shares.count, grid.cells.count)
        let ranges = balancedCuts(weights, shares: Array(shares[..<ownerCount]))
        var pieces: [ShardPiece] = []
        for owner in 0..<ownerCount {
            let range = ranges[owner]..<ranges[owner + 1]
            let own = Array(weights[range])
            let useful = least > 0 ? Int(own.reduce(0, +) / least) : range.count
            let parts = max(1, min(ShardGrid.piecesPerWorker, range.count, useful))
            let cuts = balancedCuts(own, parts: parts)
            for part in 0..<parts {
                let part = range.lowerBound + cuts[part]..<range.lowerBound + cuts[part + 1]
                pieces += grid.pieces(part, owner: owner)
            }
        }
        return pieces
    }
}

extension ShardGrid {
    /// Some neighbouring cells, as one piece of each band.
    fileprivate func pieces(_ range: Range<Int>, owner: Int = 0) -> [ShardPiece] {
        var pieces: [ShardPiece] = []
        var rest = cells[range]
        while let band = rest.first?.band {
            let run = rest.prefix { $0.band == band }
            pieces.append(ShardPiece(run, owner: owner))
            rest = rest[run.endIndex...]
        }
        return pieces
    }

    /// The end of a run of cells of one band that weighs `target`, or as nearly so as cells allow.
    fileprivate func end(from start: Int, about target: Double, by weights: [Double]) -> Int {
        var end = start + 1
        var taken = weights[start]
        while end < cells.count, cells[end].band == cells[start].band,
            taken + weights[end] / 2 <= target
        {
            taken += weights[end]
            end += 1
        }
        return end
    }

    /// The end of a run of cells of one band that weighs `limit` at most, or is one cell.
    fileprivate func end(from start: Int, atMost limit: Double, by weights: [Double]) -> Int {
        var end = start + 1
        var taken = weights[start]
        while end < cells.count, cells[end].band == cells[start].band,
            taken + weights[end] <= limit
        {
            taken += weights[end]
            end += 1
        }
        return end
    }
}
