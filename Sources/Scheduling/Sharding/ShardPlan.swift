import Work

/// The shards of one problem, in the order in which they are dispatched.
///
/// Together they cover every row of every slice exactly once in each stage that has the row. The plan
/// depends on the worker count; the bits of the output do not, since no row's do on where rows are cut.
package struct ShardPlan: Hashable, Sendable {
    /// The axis that was cut; never `auto`, but the axis that `auto` chose.
    package let split: Split
    package let workerCount: Int
    /// In dispatch order; tasks and results name a shard by its index here.
    package let shards: [Shard]
    /// The ordinal of each shard's owner, if the schedule gives them one.
    package let owners: [Int]?
    /// What each shard costs, in the unit of its stage.
    let costs: [Double]
    /// For each stage, the stages of which a shard reads the batch elements that are its own: it is
    /// dispatched when their shards of these batch elements are done.
    package let waitsFor: [[Int]]
    /// The shard with whose output a shard goes on, by its index: it is dispatched when that one has its
    /// result.
    let continues: [Int: Int]
    /// For each stage, the slices of one batch element.
    private let slicesPerBatch: [Int]
    /// The shards of each step, which begins when the one before has ended; empty without steps.
    package let steps: [Range<Int>]
    /// How many batch elements there are: as many in each stage.
    let batchCount: Int

    init(
        split: Split,
        workerCount: Int,
        shards: [Shard],
        owners: [Int]?,
        costs: [Double],
        waitsFor: [[Int]] = [[]],
        continues: [Int: Int] = [:],
        slicesPerBatch: [Int],
        steps: [Range<Int>] = []
    ) {
        self.split = split
        self.workerCount = workerCount
        self.shards = shards
        self.owners = owners
        self.costs = costs
        self.waitsFor = waitsFor
        self.continues = continues
        self.slicesPerBatch = slicesPerBatch
        self.steps = steps
        batchCount =
            shards.map { ($0.slices.upperBound - 1) / slicesPerBatch[$0.stage] + 1 }.max() ?? 0
    }

    /// The batch elements that a shard has slices of.
    func batches(of shard: Shard) -> Range<Int> {
        let size = slicesPerBatch[shard.stage]
        return shard.slices.lowerBound / size..<(shard.slices.upperBound - 1) / size + 1
    }

    /// One plan of the plans of all stages, whose shards are dispatched in the order of the stages.
    ///
    /// `waitsFor` names only earlier stages; all have the same batch elements. The split is that of
    /// the stage that cuts keys, or else of the last.
    package static func joined(_ plans: [ShardPlan], waitsFor: [[Int]]) -> ShardPlan {
        precondition(
            plans.count == waitsFor.count
                && waitsFor.enumerated().allSatisfy { stage, earlier in
                    earlier.allSatisfy { (0..<stage).contains($0) }
                },
            "a stage may only wait for earlier ones"
        )
        guard let last = plans.last else { preconditionFailure("there must be a stage") }
        precondition(
            plans.allSatisfy { $0.batchCount == last.batchCount },
            "all stages must have the same batch elements"
        )
        return ShardPlan(
            split: plans.contains { $0.split == .keys } ? .keys : last.split,
            workerCount: last.workerCount,
            shards: plans.enumerated().flatMap { stage, plan in
                plan.shards.map { Shard(stage: stage, slices: $0.slices, rows: $0.rows) }
            },
            owners: last.owners == nil ? nil : plans.flatMap { $0.owners ?? [] },
            costs: plans.flatMap(\.costs),
            waitsFor: waitsFor,
            slicesPerBatch: plans.flatMap(\.slicesPerBatch)
        )
    }

    /// One plan of the plans of steps: the shards of a step are dispatched when all shards of the one
    /// before have their result.
    ///
    /// Each plan counts its rows from 0; `rows` are the rows of a step by stage.
    package static func steps(_ plans: [ShardPlan], rows: [Int]) -> ShardPlan {
        guard let last = plans.last else { preconditionFailure("there must be a step") }
        precondition(
            plans.allSatisfy { plan in
                plan.waitsFor == last.waitsFor && plan.batchCount == last.batchCount
                    && plan.shards.allSatisfy { $0.rows.upperBound <= rows[$0.stage] }
            },
            "all steps must have the same stages, and no more rows than a step"
        )
        var steps: [Range<Int>] = []
        for plan in plans {
            let first = steps.last?.upperBound ?? 0
            steps.append(first..<first + plan.shards.count)
        }
        return ShardPlan(
            split: last.split,
            workerCount: last.workerCount,
            shards: plans.enumerated().flatMap { step, plan in
                plan.shards.map { shard in
                    let first = step * rows[shard.stage]
                    return Shard(
                        stage: shard.stage,
                        slices: shard.slices,
                        rows: first + shard.rows.lowerBound..<first + shard.rows.upperBound
                    )
                }
            },
            owners: last.owners == nil ? nil : plans.flatMap { $0.owners ?? [] },
            costs: plans.flatMap(\.costs),
            waitsFor: last.waitsFor,
            slicesPerBatch: last.slicesPerBatch,
            steps: steps
        )
    }

    /// One shard for each slice, for whoever is free.
    package static func bySlice(_ grid: TaskGrid, workerCount: Int) -> ShardPlan {
        ShardPlan(
            split: .head,
            workerCount: workerCount,
            shards: (0..<grid.sliceCount).map {
                Shard(slices: $0..<$0 + 1, rows: 0..<grid.rowCount)
            },
            owners: nil,
            costs: [Double](repeating: Double(grid.rowCount), count: grid.sliceCount),
            slicesPerBatch: [grid.slicesPerBatch]
        )
    }

    /// Makes the plan of one stage for one worker count.
    ///
    /// - Parameters:
    ///   - grid: What is cut, in slices and rows; of a grid whose keys are cut, a row is a span of them.
    ///   - split: The axis to cut.
    ///   - schedule: Where shards shrink, each is a `1/(2·workers)` part of what remains: of what
    ///     remains now (guided self-scheduling, Polychronopoulos and Kuck 1987), or when every worker
    ///     has one more (dynamic). Where a worker has a stretch, it is cut in about four shards, so
    ///     that results stream.
    ///   - workerCount: How many workers take part.
    ///   - speeds: How fast each worker is, for a weighted schedule; without them all are equal.
    ///   - queryBlock: The kernel's query block; rows are cut at multiples of it only.
    ///   - leastShare: The part of the whole cost below which a shard costs more messages than it
    ///     balances, for all schedules but the cyclic.
    ///   - slicesTogether: How many neighbouring slices, a divisor of the head count, are computed
    ///     faster together than one by one. They are only cut apart where a worker would have none.
    ///   - cost: What `rows` of `slice` cost, usually their visible (query, key) pairs.
    /// - Returns: Shards that tile the problem.
    /// - Throws: `SchedulingError` for a size below one or a cost that is no cost.
    package static func make(
        grid: TaskGrid,
        split: Split,
        schedule: Schedule,
        workerCount: Int,
        speeds: [Double]? = nil,
        queryBlock: Int,
        leastShare: Double = 0,
        slicesTogether: Int = 1,
        cost: (_ slice: Int, _ rows: Range<Int>) -> Double = { _, rows in Double(rows.count) }
    ) throws(SchedulingError) -> ShardPlan {
        let sizes = [
            ("the slice count", grid.sliceCount), ("the slices per batch", grid.slicesPerBatch),
            ("the row count", grid.rowCount), ("the worker count", workerCount),
            ("the query block", queryBlock), ("the slices together", slicesTogether),
        ]
        for (name, value) in sizes where value < 1 {
            throw .sizeBelowOne(name: name, value: value)
        }
        precondition(
            grid.slicesPerBatch % slicesTogether == 0,
            "groups of heads must have equal sizes"
        )
        let cells = try ShardGrid(
            grid,
            split: split,
            workerCount: workerCount,
            queryBlock: queryBlock,
            slicesTogether: slicesTogether,
            // A stretch by speed is cut at the ends of pieces of spans.
            leastShare: [.weighted, .cyclic].contains(schedule) ? 0 : leastShare,
            cost: cost
        )
        let equal = [Double](repeating: 1, count: workerCount)
        let shares = schedule == .weighted ? speeds ?? equal : equal
        precondition(
            shares.count == workerCount && shares.allSatisfy { $0 > 0 && $0.isFinite },
            "every worker has a speed"
        )
        let pieces = pieces(cells, schedule, shares: shares, leastShare: leastShare)
        return ShardPlan(
            split: cells.split,
            workerCount: workerCount,
            shards: pieces.map { Shard(slices: $0.slices, rows: $0.rows) },
            owners: schedule.hasOwners ? pieces.map(\.owner) : nil,
            costs: pieces.map(\.cost),
            slicesPerBatch: [grid.slicesPerBatch]
        )
    }
}
