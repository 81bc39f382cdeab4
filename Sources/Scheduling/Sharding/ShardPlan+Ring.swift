import Work

/// Which worker holds which arc of a ring.
package struct ArcDeal: Hashable, Sendable {
    package let workerCount: Int

    package init(workerCount: Int) { self.workerCount = workerCount }

    /// Arcs are dealt to and fro: with two for each worker, one has the first and the last.
    package func owner(ofArc arc: Int) -> Int {
        let (round, place) = arc.quotientAndRemainder(dividingBy: workerCount)
        return round.isMultiple(of: 2) ? place : workerCount - 1 - place
    }
}

extension ShardPlan {
    /// About how many blocks of rows there are for each worker of a ring, if rows are enough.
    ///
    /// A worker waits for the first block until it has passed the arcs before its own, and each visit is a
    /// task: with 16, either takes a few hundredths of a trial.
    private static let blocksPerWorker = 16

    /// The plan of a ring: blocks of rows visit arcs of keys, each at its worker, one after the other.
    ///
    /// There is a stage for each arc; a block has its last arc in the last stage. The block that visits most
    /// arcs comes first, and a worker takes of two blocks the one that came earlier: so blocks leave the ring
    /// as early as they can, and no worker waits at the end for a long way of another's block.
    ///
    /// - Parameters:
    ///   - grid: The slices and rows of every stage.
    ///   - rowParts: All rows in order, as ranges that visit the same arcs.
    ///   - arcCount: How many arcs there are, for all slices.
    ///   - workerCount: How many workers take part; those after the last arc have none.
    ///   - queryBlock: The kernel's query block; parts are cut after multiples of it.
    ///   - slicesTogether: As for `make`.
    ///   - leastShare: The part of the whole cost below which a visit costs more messages than it is worth.
    /// - Returns: Shards of all stages; those of a block follow each other.
    /// - Throws: `SchedulingError` for a size below one.
    package static func ring(
        grid: TaskGrid,
        rowParts: [(rows: Range<Int>, arcs: Range<Int>)],
        arcCount: Int,
        workerCount: Int,
        queryBlock: Int,
        slicesTogether: Int = 1,
        leastShare: Double = 0
    ) throws(SchedulingError) -> ShardPlan {
        let sizes = [
            ("the slice count", grid.sliceCount), ("the row count", grid.rowCount),
            ("the arc count", arcCount), ("the worker count", workerCount),
            ("the query block", queryBlock), ("the slices together", slicesTogether),
        ]
        for (name, value) in sizes where value < 1 {
            throw .sizeBelowOne(name: name, value: value)
        }
        precondition(
            rowParts.reduce(0) { $1.rows.lowerBound == $0 ? $1.rows.upperBound : -1 }
                == grid.rowCount
                && rowParts.allSatisfy { !$0.arcs.isEmpty && $0.arcs.upperBound <= arcCount },
            "every row must visit an arc"
        )
        let blocks = RingBlocks(
            grid,
            wanted: blockCount(min(arcCount, workerCount), arcCount, leastShare),
            queryBlock: queryBlock,
            slicesTogether: slicesTogether
        )
        let deal = ArcDeal(workerCount: workerCount)
        var (shards, owners, continues): ([Shard], [Int], [Int: Int]) = ([], [], [:])
        for part in rowParts.reversed() {
            let shift = arcCount - part.arcs.upperBound
            blocks.forEach(part.rows) { slices, rows in
                for arc in part.arcs {
                    if arc > part.arcs.lowerBound { continues[shards.count] = shards.count - 1 }
                    shards.append(Shard(stage: arc + shift, slices: slices, rows: rows))
                    owners.append(deal.owner(ofArc: arc))
                }
            }
        }
        return ShardPlan(
            split: .ring,
            workerCount: workerCount,
            shards: shards,
            owners: owners,
            costs: shards.map { Double($0.slices.count * $0.rows.count) },
            waitsFor: [[Int]](repeating: [], count: arcCount),
            continues: continues,
            slicesPerBatch: [Int](repeating: grid.slicesPerBatch, count: arcCount)
        )
    }

    /// How many blocks make visits that are worth their messages, but one for each worker.
    private static func blockCount(_ workers: Int, _ arcCount: Int, _ leastShare: Double) -> Int {
        let most = Double(blocksPerWorker * workers)
        guard leastShare > 0 else { return Int(most) }
        return max(workers, Int(min(1 / (leastShare * Double(arcCount)), most)))
    }
}

/// The blocks of rows of a ring: slices × rows that visit arcs together.
private struct RingBlocks {
    private let sliceCount: Int
    private let slicesPerBlock: Int
    private let rowsPerBlock: Int

    init(_ grid: TaskGrid, wanted: Int, queryBlock: Int, slicesTogether: Int) {
        sliceCount = grid.sliceCount
        let groups = grid.sliceCount / slicesTogether
        slicesPerBlock = slicesTogether * max(1, groups / wanted)
        let pieces = (wanted + groups - 1) / groups
        let rows = (grid.rowCount + pieces - 1) / pieces
        rowsPerBlock = (rows + queryBlock - 1) / queryBlock * queryBlock
    }

    /// The blocks of some rows, from the last rows on.
    func forEach(_ rows: Range<Int>, _ body: (_ slices: Range<Int>, _ rows: Range<Int>) -> Void) {
        for lower in stride(from: rows.lowerBound, to: rows.upperBound, by: rowsPerBlock).reversed()
        {
            let piece = lower..<min(lower + rowsPerBlock, rows.upperBound)
            for first in stride(from: 0, to: sliceCount, by: slicesPerBlock) {
                body(first..<min(first + slicesPerBlock, sliceCount), piece)
            }
        }
    }
}
