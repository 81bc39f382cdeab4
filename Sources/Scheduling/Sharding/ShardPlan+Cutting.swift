import Work

extension ShardPlan {
    /// The shards of a grid, in dispatch order.
    ///
    /// `shares` say how much of the cost each worker gets where it has a stretch of its own; a shard
    /// of less than `leastShare` of the whole is cut only so that no worker is without one.
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
        switch schedule {
        // Costs differ from slice to slice; the smallest shards must come at the end of the trial.
        case .dynamic:
            return costliestFirst(factoredPieces(grid, by: costs, workerCount, least: least))
        case .guided: return guidedPieces(grid, by: counts, workerCount)
        case .cost: return costliestFirst(smallPieces(grid, workerCount))
        case .cyclic:
            return smallPieces(grid, workerCount).enumerated().map { place, piece in
                var piece = piece
                piece.owner = place % workerCount
                return piece
            }
        case .fixed, .weighted: return ownedPieces(grid, by: costs, shares, least: least)
        case .block: return ownedPieces(grid, by: counts, shares)
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
    /// small.
    private static func guidedPieces(
        _ grid: ShardGrid,
        by weights: [Double],
        _ workerCount: Int
    ) -> [ShardPiece] {
        var remaining = weights.reduce(0, +)
        var pieces: [ShardPiece] = []
        var start = 0
        while start < grid.cells.count {
            let target = remaining / Double(2 * workerCount)
            let end = grid.end(from: start, atMost: target, by: weights)
            pieces.append(ShardPiece(grid.cells[start..<end]))
            remaining -= weights[start..<end].reduce(0, +)
            start = end
        }
        return pieces
    }

    /// Shards of about equal size, the smallest of which a worker gets at most 32: more would cost
    /// more messages than they balance.
    private static func smallPieces(_ grid: ShardGrid, _ workerCount: Int) -> [ShardPiece] {
        let most = 32 * workerCount
        let ones = [Double](repeating: 1, count: grid.cells.count)
        let together = Double((grid.cells.count + most - 1) / most)
        var pieces: [ShardPiece] = []
        var start = 0
        while start < grid.cells.count {
            let end = grid.end(from: start, atMost: together, by: ones)
            pieces.append(ShardPiece(grid.cells[start..<end]))
            start = end
        }
        return pieces
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
                var rest = grid.cells[part]
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

extension ShardGrid {
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
