import TestSupport
import Testing
import Work

@testable import Scheduling

/// Whether the shards cover every row of every slice exactly once, in whole query blocks.
private func tiles(_ plan: ShardPlan, _ shape: TaskGrid, queryBlock: Int) -> Bool {
    var covered = [Int](repeating: 0, count: shape.sliceCount * shape.rowCount)
    for shard in plan.shards {
        guard !shard.slices.isEmpty, !shard.rows.isEmpty,
            shard.slices.lowerBound >= 0, shard.slices.upperBound <= shape.sliceCount,
            shard.rows.lowerBound % queryBlock == 0, shard.rows.upperBound <= shape.rowCount,
            shard.rows.upperBound % queryBlock == 0
                || shard.rows.upperBound == shape.rowCount
        else { return false }
        for slice in shard.slices {
            for row in shard.rows { covered[slice * shape.rowCount + row] += 1 }
        }
    }
    return covered.allSatisfy { $0 == 1 }
}

private typealias Cost = (_ slice: Int, _ rows: Range<Int>) -> Double

private func cost(of shard: Shard, _ cost: Cost) -> Double {
    shard.slices.reduce(0) { $0 + cost($1, shard.rows) }
}

/// The load of a plan: the cost of the busiest worker over the mean, and the idle workers.
///
/// Under a dynamic schedule, each shard goes to the worker with the least cost so far.
private func load(
    _ plan: ShardPlan,
    cost: Cost = { _, rows in Double(rows.count) }
) -> (imbalance: Double, idleCount: Int) {
    var loads = [Double](repeating: 0, count: plan.workerCount)
    for (place, shard) in plan.shards.enumerated() {
        let least = loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0
        loads[plan.owners?[place] ?? least] += SchedulingTests.cost(of: shard, cost)
    }
    let mean = loads.reduce(0, +) / Double(plan.workerCount)
    let busyCount = plan.owners.map { Set($0).count } ?? plan.shards.count
    return ((loads.max() ?? 0) / mean, max(0, plan.workerCount - busyCount))
}

private func causalPairs(_ slice: Int, _ rows: Range<Int>) -> Double {
    Double(rows.reduce(0) { $0 + $1 + 1 })
}

@Suite struct ShardPlanTests {
    @Test func `shards tile every problem exactly once`() throws {
        for seed in 0..<(isThorough ? 20_000 : 1_500) as Range<UInt64> {
            var random = SplitMix(seed: seed)
            let shape = shape(
                batch: .random(in: 1...5, using: &random),
                heads: .random(in: 1...9, using: &random),
                length: .random(in: 1...150, using: &random)
            )
            let queryBlock = [1, 2, 6, 8, 16, 33, 200].randomElement(using: &random) ?? 1
            let workerCount = Int.random(in: 1...20, using: &random)
            let weights = (0..<shape.sliceCount).map { _ in Double.random(in: 0...3, using: &random)
            }
            for split in Split.ofOneStage {
                for schedule in Schedule.allCases {
                    let plan = try ShardPlan.make(
                        grid: shape,
                        split: split,
                        schedule: schedule,
                        workerCount: workerCount,
                        queryBlock: queryBlock,
                        cost: { weights[$0] * causalPairs($0, $1) }
                    )
                    let isTiled = tiles(plan, shape, queryBlock: queryBlock)
                    #expect(isTiled, "seed \(seed), \(split), \(schedule), \(shape)")
                    #expect(plan.split != .auto)
                    #expect((plan.owners == nil) != schedule.hasOwners)
                    if let owners = plan.owners {
                        #expect(owners.count == plan.shards.count)
                        #expect(owners.allSatisfy { $0 >= 0 && $0 < workerCount })
                    }
                }
            }
        }
    }

    @Test func `every split cuts only along its own axis`() throws {
        let shape = shape(batch: 3, heads: 4, length: 96)
        for schedule in Schedule.allCases {
            func shards(_ split: Split) throws -> [Shard] {
                try ShardPlan.make(
                    grid: shape,
                    split: split,
                    schedule: schedule,
                    workerCount: 3,
                    queryBlock: 8
                ).shards
            }
            for shard in try shards(.batch) {
                #expect(shard.rows == 0..<96)
                #expect(shard.slices.lowerBound % 4 == 0 && shard.slices.upperBound % 4 == 0)
            }
            for shard in try shards(.head) { #expect(shard.rows == 0..<96) }
            let starts = Set(try shards(.rows).map(\.rows.lowerBound))
            #expect(starts == [0, 32, 64])
        }
    }

    @Test(arguments: Schedule.allCases)
    func `where keys are cut, slices that share them stay together`(schedule: Schedule) throws {
        // 3 groups of 4 slices, 32 spans.
        let grid = shape(batch: 1, heads: 12, length: 32)
        for workerCount in [1, 2, 3, 8, 64, 200] {
            let plan = try ShardPlan.make(
                grid: grid,
                split: .keys,
                schedule: schedule,
                workerCount: workerCount,
                queryBlock: 1,
                slicesTogether: 4
            )
            #expect(plan.split == .keys)
            #expect(tiles(plan, grid, queryBlock: 1))
            let bounds = plan.shards.flatMap { [$0.slices.lowerBound, $0.slices.upperBound] }
            #expect(bounds.allSatisfy { $0.isMultiple(of: 4) })
            #expect(load(plan).idleCount == max(0, workerCount - 96))
            if workerCount <= 3 { #expect(load(plan).imbalance < 1.1, "\(workerCount)") }
            // A worker has some keys of all slices, not all keys of some.
            if workerCount > 1 { #expect(plan.shards.allSatisfy { $0.rows.count < 32 }) }
        }
    }

    /// 40 spans of keys for two workers.
    @Test(arguments: [
        // the groups of slices, the least share, the pieces of spans
        (1, 0.0, 32), (3, 0.0, 12), (1, 0.02, 32), (1, 0.1, 10), (1, 0.3, 2), (1, 7.0, 2),
        (3, 0.1, 2), (20, 0.1, 2),
    ])
    func `spans make no more pieces than shards that are worth their messages`(
        groups: Int,
        leastShare: Double,
        expected: Int
    ) throws {
        for schedule in Schedule.allCases {
            let plan = try ShardPlan.make(
                grid: shape(batch: 1, heads: groups * 4, length: 40),
                split: .keys,
                schedule: schedule,
                workerCount: 2,
                queryBlock: 1,
                leastShare: leastShare,
                slicesTogether: 4
            )
            let pieces = Set(plan.shards.map(\.rows.lowerBound)).count
            let hasLeast = ![.weighted, .cyclic].contains(schedule)
            #expect(pieces == (hasLeast ? expected : groups == 1 ? 32 : groups == 3 ? 12 : 2))
            if hasLeast { #expect(load(plan).imbalance < 1.1) }
            if hasLeast, leastShare > 0.3 { #expect(plan.shards.count == 2) }
        }
    }

    @Test func `a plan of stages is cut in keys if one of them is`() throws {
        let plans = try [Split.keys, .head].map {
            try ShardPlan.make(
                grid: shape(heads: 4, length: 5),
                split: $0,
                schedule: .dynamic,
                workerCount: 2,
                queryBlock: 1
            )
        }
        #expect(ShardPlan.joined(plans, waitsFor: [[], [0]]).split == .keys)
        #expect(ShardPlan.joined(plans.reversed(), waitsFor: [[], [0]]).split == .keys)
        #expect(ShardPlan.joined([plans[1]], waitsFor: [[]]).split == .head)
    }

    @Test(arguments: Schedule.allCases, [Split.auto, .head])
    func `slices that belong together are cut apart only for idle workers`(
        schedule: Schedule,
        split: Split
    ) throws {
        let shape = shape(batch: 2, heads: 12, length: 4)
        // Six groups of four; with more workers than groups, parts of groups.
        for (workerCount, size) in [(1, 4), (2, 4), (6, 4), (7, 2), (12, 2), (13, 1), (40, 1)] {
            let plan = try ShardPlan.make(
                grid: shape,
                split: split,
                schedule: schedule,
                workerCount: workerCount,
                queryBlock: 16,
                slicesTogether: 4
            )
            #expect(tiles(plan, shape, queryBlock: 16))
            for shard in plan.shards {
                #expect(shard.slices.lowerBound % size == 0, "\(workerCount): \(shard.slices)")
                #expect(shard.slices.upperBound % size == 0, "\(workerCount): \(shard.slices)")
            }
            #expect(load(plan).idleCount == max(0, workerCount - 24))
        }
    }

    @Test func `dynamic shards are large first and small last`() throws {
        let plan = try ShardPlan.make(
            grid: shape(batch: 8, heads: 8),
            split: .head,
            schedule: .dynamic,
            workerCount: 2,
            queryBlock: 8
        )
        #expect(plan.shards.first?.slices.count == 16)
        #expect(plan.shards.last?.slices.count == 1)
        let sizes = plan.shards.map(\.slices.count)
        #expect(sizes == sizes.sorted(by: >))
        #expect(load(plan).imbalance < 1.05)
    }

    @Test(arguments: [
        // the least share, what each shard then has
        (0.0, [16, 16, 8, 8, 4, 4, 2, 2, 1, 1, 1, 1]),
        (0.04, [16, 16, 8, 8, 4, 4, 4, 4]),
        (0.06, [16, 16, 8, 8, 4, 4, 4, 4]),
        (0.1, [16, 16, 8, 8, 8, 8]),
        (0.13, [16, 16, 16, 16]),
        (0.3, [32, 32]),
        (0.9, [32, 32]),
    ])
    func `every round gives each worker one shard, and none is too small`(
        leastShare: Double,
        expected: [Int]
    ) throws {
        let plan = try ShardPlan.make(
            grid: shape(batch: 8, heads: 8),
            split: .head,
            schedule: .dynamic,
            workerCount: 2,
            queryBlock: 8,
            leastShare: leastShare
        )
        #expect(plan.shards.map(\.slices.count) == expected)
    }

    @Test(arguments: [(0.0, 8), (0.13, 6), (0.2, 4), (0.3, 2), (1, 2)])
    func `a stretch is cut in fewer shards where they would be too small`(
        leastShare: Double,
        expected: Int
    ) throws {
        for schedule in [Schedule.fixed, .weighted] {
            let plan = try ShardPlan.make(
                grid: shape(batch: 8, heads: 8),
                split: .head,
                schedule: schedule,
                workerCount: 2,
                queryBlock: 8,
                leastShare: leastShare
            )
            #expect(plan.shards.count == expected)
            #expect(load(plan).imbalance == 1)
        }
    }

    @Test(arguments: Schedule.allCases.filter { $0 != .cyclic })
    func `no schedule cuts smaller than is worth the messages, while each worker has some`(
        schedule: Schedule
    ) throws {
        for (leastShare, workerCount) in [(0.1, 2), (0.1, 6), (0.3, 3), (0.9, 5)] {
            let plan = try ShardPlan.make(
                grid: shape(batch: 8, heads: 8),
                split: .head,
                schedule: schedule,
                workerCount: workerCount,
                queryBlock: 8,
                leastShare: leastShare
            )
            // But one slice, since cuts fall between slices, and what is left for the last shard.
            let least = 64 * min(leastShare, 1 / Double(workerCount))
            let small = plan.shards.filter { Double($0.slices.count) <= least - 1 }
            #expect(small.count <= 1, "\(plan.shards.map(\.slices.count)), \(workerCount) workers")
            #expect(load(plan).idleCount == 0)
        }
    }

    @Test func `shards by cost have about equal costs, and are no more than useful`() throws {
        // 8 slices that cost 8, and 56 that cost 1.
        let plan = try ShardPlan.make(
            grid: shape(batch: 8, heads: 8),
            split: .head,
            schedule: .cost,
            workerCount: 2,
            queryBlock: 8,
            leastShare: 4 / 120.0,
            cost: { slice, _ in slice < 8 ? 8 : 1 }
        )
        let sizes = plan.shards.map(\.slices.count)
        #expect(sizes.filter { $0 == 1 }.count >= 8)
        #expect(sizes.count <= 30)
        #expect(load(plan).imbalance < 1.1)
    }

    @Test func `the costliest slice of ragged lengths does not come last`() throws {
        let plan = try ShardPlan.make(
            grid: shape(batch: 1, heads: 9),
            split: .head,
            schedule: .dynamic,
            workerCount: 3,
            queryBlock: 8,
            cost: { slice, _ in slice == 8 ? 100 : 1 }
        )
        #expect(plan.shards[0].slices.contains(8))
    }

    @Test(arguments: [(4, 1), (4, 3), (16, 4), (7, 2)])
    func `a static plan gives each worker a contiguous balanced range`(
        heads: Int,
        workerCount: Int
    ) throws {
        let plan = try ShardPlan.make(
            grid: shape(batch: 2, heads: heads),
            split: .head,
            schedule: .fixed,
            workerCount: workerCount,
            queryBlock: 8
        )
        let owners = try #require(plan.owners)
        #expect(owners == owners.sorted())
        var next = 0
        for shard in plan.shards {
            #expect(shard.slices.lowerBound == next)
            next = shard.slices.upperBound
        }
        let most = (2 * heads + workerCount - 1) / workerCount
        for owner in 0..<workerCount {
            let own = plan.shards.indices.filter { owners[$0] == owner }.map { plan.shards[$0] }
            #expect(own.reduce(0) { $0 + $1.slices.count } <= most)
            #expect(own.count == min(4, own.reduce(0) { $0 + $1.slices.count }))
        }
    }

    /// Lengths 2048, 1771, … 64: one batch element costs up to a thousand times another.
    private func ragged(_ schedule: Schedule, speeds: [Double]? = nil) throws -> ShardPlan {
        try ShardPlan.make(
            grid: shape(batch: 8, heads: 8),
            split: .head,
            schedule: schedule,
            workerCount: 2,
            speeds: speeds,
            queryBlock: 8,
            cost: Self.raggedCost
        )
    }

    private static func raggedCost(_ slice: Int, _ rows: Range<Int>) -> Double {
        Double(rows.count) * (2048 - 283.4 * Double(slice / 8))
    }

    @Test func `a block schedule counts, and all others look at the cost or deal it out`() throws {
        func imbalance(_ schedule: Schedule) throws -> Double {
            load(try ragged(schedule), cost: Self.raggedCost).imbalance
        }
        #expect(try imbalance(.block) > 1.5)
        for schedule in Schedule.allCases where schedule != .block {
            #expect(try imbalance(schedule) < 1.05, "\(schedule)")
        }
    }

    @Test func `guided shards stay in their order, and cost takes small ones by their cost`() throws
    {
        let guided = try ragged(.guided).shards
        #expect(guided.first?.slices == 0..<16)
        #expect(guided.map(\.slices.lowerBound) == guided.map(\.slices.lowerBound).sorted())
        let small = try ragged(.cost)
        #expect(small.shards.count == 64)
        #expect(small.costs == small.costs.sorted(by: >))
        let many = try ShardPlan.make(
            grid: shape(batch: 64, heads: 64),
            split: .head,
            schedule: .cost,
            workerCount: 2,
            queryBlock: 8
        )
        #expect(many.shards.count == 64)
    }

    @Test func `a cyclic schedule deals shards out in turn`() throws {
        let plan = try ragged(.cyclic)
        #expect(plan.owners == plan.shards.indices.map { $0 % 2 })
        #expect(plan.shards.map(\.slices.lowerBound) == Array(0..<64))
    }

    @Test(arguments: [[1.0, 1], [3, 1], [1, 9], [0.2, 0.1]])
    func `a weighted schedule gives each worker its share of the cost`(_ speeds: [Double]) throws {
        let plan = try ragged(.weighted, speeds: speeds)
        let owners = try #require(plan.owners)
        let all = plan.costs.reduce(0, +)
        for worker in 0..<2 {
            let own = zip(owners, plan.costs).reduce(0) { $1.0 == worker ? $0 + $1.1 : $0 }
            let wanted = speeds[worker] / speeds.reduce(0, +)
            #expect(abs(own / all - wanted) < 0.02, "worker \(worker)")
        }
    }

    @Test func `causal rows are cut by cost and not by count`() throws {
        let plan = try ShardPlan.make(
            grid: shape(length: 4096),
            split: .rows,
            schedule: .fixed,
            workerCount: 4,
            queryBlock: 8,
            cost: causalPairs
        )
        #expect(load(plan, cost: causalPairs).imbalance < 1.03)
        let lengths = plan.shards.map(\.rows.count)
        #expect((lengths.first ?? 0) > 3 * (lengths.last ?? 0))
    }

    @Test(arguments: [
        // slices, workers, what auto becomes
        (64, 2, Split.head), (8, 2, .head), (7, 2, .rows), (9, 2, .rows), (1, 4, .rows),
        (12, 5, .rows), (20, 5, .head), (65, 2, .head), (1, 1, .rows), (4, 1, .head),
    ])
    func `auto takes slices only when no worker is left waiting`(
        heads: Int,
        workerCount: Int,
        expected: Split
    ) throws {
        for schedule in Schedule.allCases {
            let plan = try ShardPlan.make(
                grid: shape(heads: heads, length: 1024),
                split: .auto,
                schedule: schedule,
                workerCount: workerCount,
                queryBlock: 8
            )
            #expect(plan.split == expected)
            #expect(load(plan).idleCount == 0)
            #expect(load(plan).imbalance <= 1.06, "\(schedule)")
        }
    }

    @Test func `a problem that hides everything is still planned`() throws {
        for split in Split.ofOneStage {
            for schedule in Schedule.allCases {
                let shape = shape(batch: 2, heads: 2)
                let plan = try ShardPlan.make(
                    grid: shape,
                    split: split,
                    schedule: schedule,
                    workerCount: 2,
                    queryBlock: 8,
                    cost: { _, _ in 0 }
                )
                #expect(tiles(plan, shape, queryBlock: 8))
                #expect(load(plan).idleCount == 0)
                #expect(load(plan).imbalance < 1.01)
            }
        }
    }

    @Test func `sizes below one and unusable costs are refused by name and figure`() {
        func make(workers: Int = 1, block: Int = 1, cost: Double = 1) throws(SchedulingError) {
            _ = try ShardPlan.make(
                grid: shape(length: 2),
                split: .rows,
                schedule: .dynamic,
                workerCount: workers,
                queryBlock: block,
                cost: { _, _ in cost }
            )
        }
        var names: Set<String> = []
        for (workers, block, found) in [(0, 1, 0), (1, -1, -1)] {
            let error = #expect(throws: SchedulingError.self) {
                try make(workers: workers, block: block)
            }
            guard case .sizeBelowOne(name: let name, value: found) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            names.insert(name)
            for part in [name, "\(found)"] {
                #expect(error?.description.contains(part) == true)
            }
        }
        #expect(names.count == 2)
        for cost in [-1, Double.infinity, .nan] {
            let error = #expect(throws: SchedulingError.self) { try make(cost: cost) }
            guard case .unusableCost(slice: _, rows: _, cost: let found) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(found == cost || found.isNaN && cost.isNaN)
            #expect(error?.description.contains("\(cost)") == true)
        }
    }
}

@Suite struct WorkerSpeedsTests {
    /// Two stages, whose costs have different units, on workers of speeds 3 and 1.
    private func plan() throws -> ShardPlan {
        func stage(_ unit: Double) throws -> ShardPlan {
            try ShardPlan.make(
                grid: shape(batch: 1, heads: 16),
                split: .head,
                schedule: .weighted,
                workerCount: 2,
                queryBlock: 8,
                cost: { _, rows in Double(rows.count) * unit }
            )
        }
        return .joined([try stage(1), try stage(1e6)], waitsFor: [[], [0]])
    }

    @Test func `a worker's speed is its work over its time, in all stages`() throws {
        var speeds = WorkerSpeeds(workerCount: 2)
        #expect(speeds.relative == [1, 1])
        // Equal work in each stage, 2 µs and 8 µs of one mean worker: 10 µs in all.
        try speeds.note(
            plan(),
            computeNanoseconds: [5_000, 15_000],
            stageNanoseconds: [4_000, 16_000]
        )
        #expect(speeds.trialCount == 1)
        #expect(speeds.relative == [1.5, 0.5])
        try speeds.note(
            plan(),
            computeNanoseconds: [15_000, 5_000],
            stageNanoseconds: [4_000, 16_000]
        )
        #expect(speeds.relative == [1, 1])
    }

    @Test func `a worker without work counts as a mean one`() throws {
        var speeds = WorkerSpeeds(workerCount: 3)
        let plan = try ShardPlan.make(
            grid: shape(batch: 1, heads: 2),
            split: .head,
            schedule: .weighted,
            workerCount: 3,
            queryBlock: 8
        )
        speeds.note(plan, computeNanoseconds: [1_000, 3_000, 0], stageNanoseconds: [4_000])
        #expect(speeds.relative == [1.5, 0.5, 1])
    }
}

@Suite struct BalancedCutsTests {
    @Test(arguments: [
        ([1.0, 1, 1, 1], 2, [0, 2, 4]),
        ([1, 1, 1, 9], 2, [0, 3, 4]),
        ([9, 1, 1, 1], 2, [0, 1, 4]),
        ([0, 0, 0], 3, [0, 1, 2, 3]),
        ([9, 1, 1], 3, [0, 1, 2, 3]),
        ([5], 1, [0, 1]),
    ])
    func `cuts fall nearest to the ideal and leave nobody empty`(
        costs: [Double],
        parts: Int,
        expected: [Int]
    ) {
        #expect(balancedCuts(costs, parts: parts) == expected)
    }
}
