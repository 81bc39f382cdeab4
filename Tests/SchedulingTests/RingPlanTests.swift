import TestSupport
import Testing
import Work

@testable import Scheduling

/// The plans of rings, and how a dispatcher gives them out.
@Suite struct RingPlanTests {
    /// Rows of a causal mask over as many keys: those of an arc visit it and all before it.
    private static func causal(_ rows: Int, arcs: Int) -> [(rows: Range<Int>, arcs: Range<Int>)] {
        (0..<arcs).map { arc in
            (arc * rows / arcs..<(arc + 1) * rows / arcs, 0..<arc + 1)
        }
    }

    private static func plan(
        heads: Int = 1,
        rows: Int = 256,
        _ parts: [(rows: Range<Int>, arcs: Range<Int>)],
        arcs: Int,
        workers: Int,
        queryBlock: Int = 1,
        slicesTogether: Int = 1,
        leastShare: Double = 0
    ) throws -> ShardPlan {
        try .ring(
            grid: shape(heads: heads, length: rows),
            rowParts: parts,
            arcCount: arcs,
            workerCount: workers,
            queryBlock: queryBlock,
            slicesTogether: slicesTogether,
            leastShare: leastShare
        )
    }

    @Test
    func `every row visits its arcs in order, each at its worker, and ends in the last stage`()
        throws
    {
        for seed in 0..<400 as Range<UInt64> {
            var random = SplitMix(seed: seed)
            let (heads, rows) = (
                Int.random(in: 1...40, using: &random), Int.random(in: 1...300, using: &random)
            )
            let (arcs, workers) = (
                Int.random(in: 1...9, using: &random), Int.random(in: 1...9, using: &random)
            )
            let parts = randomParts(rows, arcs: arcs, &random)
            let plan = try Self.plan(
                heads: heads,
                rows: rows,
                parts,
                arcs: arcs,
                workers: workers,
                queryBlock: .random(in: 1...64, using: &random),
                leastShare: Bool.random(using: &random) ? 0 : .random(in: 0...1, using: &random)
            )
            #expect(plan.split == .ring && plan.steps.isEmpty)
            let owners = try #require(plan.owners)
            var found = [[Int]](repeating: [], count: heads * rows)
            for (index, shard) in plan.shards.enumerated() {
                let part = try #require(parts.first { $0.rows.contains(shard.rows.lowerBound) })
                #expect(shard.rows.upperBound <= part.rows.upperBound)
                let arc = shard.stage - arcs + part.arcs.upperBound
                #expect(owners[index] == ArcDeal(workerCount: workers).owner(ofArc: arc))
                for slice in shard.slices {
                    for row in shard.rows { found[slice * rows + row].append(arc) }
                }
                let earlier = plan.continues[index].map { plan.shards[$0] }
                #expect((earlier == nil) == (arc == part.arcs.lowerBound), "seed \(seed)")
                guard let earlier else { continue }
                #expect(earlier.stage == shard.stage - 1 && earlier.rows == shard.rows)
                #expect(earlier.slices == shard.slices)
            }
            let isComplete = parts.allSatisfy { part in
                (0..<heads).allSatisfy { slice in
                    part.rows.allSatisfy { found[slice * rows + $0] == Array(part.arcs) }
                }
            }
            #expect(isComplete, "seed \(seed)")
        }
    }

    @Test(arguments: [(1, 1), (2, 1), (2, 2), (4, 2), (8, 4), (7, 4), (16, 8)])
    func `arcs go to the workers to and fro`(arcs: Int, workers: Int) {
        let owners = (0..<arcs).map { ArcDeal(workerCount: workers).owner(ofArc: $0) }
        #expect(Array(owners.prefix(workers)) == Array((0..<workers).prefix(arcs)))
        guard arcs == 2 * workers else { return }
        #expect(owners == owners.reversed())
        // Of a causal mask, the last arc has half a square, and each before it one more.
        var work = [Double](repeating: 0, count: workers)
        for (arc, owner) in owners.enumerated() { work[owner] += Double(arcs - arc) - 0.5 }
        #expect(Set(work).count == 1)
    }

    @Test(arguments: [
        // heads, rows, workers, arcs, slices together, least share, blocks
        (1, 4096, 2, 4, 1, 0.0, 32), (1, 4096, 2, 2, 1, 0.1, 5), (1, 4096, 2, 2, 1, 3.0, 2),
        (1, 4096, 8, 2, 1, 0.0, 32), (8, 4096, 2, 2, 1, 0.0, 32), (64, 4096, 2, 2, 1, 0.0, 32),
        (64, 1, 2, 2, 8, 0.0, 8), (1, 1, 4, 4, 1, 0.0, 1),
    ])
    func `blocks are as many as keep the workers busy and are worth their messages`(
        heads: Int,
        rows: Int,
        workers: Int,
        arcs: Int,
        together: Int,
        least: Double,
        blocks: Int
    ) throws {
        let plan = try Self.plan(
            heads: heads,
            rows: rows,
            [(0..<rows, 0..<arcs)],
            arcs: arcs,
            workers: workers,
            queryBlock: 64,
            slicesTogether: together,
            leastShare: least
        )
        #expect(plan.shards.count == blocks * arcs)
        #expect(plan.shards.allSatisfy { $0.rows.lowerBound.isMultiple(of: 64) })
        #expect(plan.shards.allSatisfy { $0.slices.lowerBound.isMultiple(of: together) })
        #expect(plan.shards.allSatisfy { $0.slices.upperBound.isMultiple(of: together) })
    }

    @Test func `sizes below one are refused`() {
        #expect(throws: SchedulingError.self) {
            try Self.plan([(0..<256, 0..<1)], arcs: 0, workers: 1)
        }
        #expect(throws: SchedulingError.self) {
            try Self.plan([(0..<256, 0..<1)], arcs: 1, workers: 0)
        }
    }

    // MARK: Dispatch

    /// Two blocks of rows over the four arcs of two workers: shards 0 to 3 and 4 to 7.
    private static func twoBlocks(credit: Int = 1) throws -> DispatcherHarness {
        var harness = DispatcherHarness(workers: 2, credit: credit)
        let plan = try plan(
            rows: 2,
            [(0..<2, 0..<4)],
            arcs: 4,
            workers: 2
        )
        #expect(plan.shards.count == 8)
        #expect(
            harness.step(.trialStarted(1, plan: plan, wedgedAfter: nil)).dispatches.first == "0:0.1"
        )
        return harness
    }

    @Test func `a block waits for its own visits alone, and the older block goes first`() throws {
        var harness = try Self.twoBlocks()
        #expect(harness.finish(0, 0).dispatches == ["0:4.1", "1:1.1"])
        // The first block goes on before the second begins at the arc.
        #expect(harness.finish(0, 4).dispatches.isEmpty)
        #expect(harness.finish(1, 1).dispatches == ["1:2.1"])
        #expect(harness.finish(1, 2).dispatches == ["0:3.1", "1:5.1"])
        #expect(harness.finish(1, 5).dispatches == ["1:6.1"])
        #expect(harness.finish(0, 3).dispatches.isEmpty)
        #expect(harness.finish(1, 6).dispatches == ["0:7.1"])
        #expect(harness.finish(0, 7).last == .trialFinished(1))
        #expect(harness.dispatcher.ledger.attemptCount == 8)
    }

    @Test func `a lost worker's arcs are visited at another`() throws {
        var harness = try Self.twoBlocks()
        harness.finish(0, 0)
        #expect(harness.lose(1, .disconnected).dispatches.isEmpty)
        #expect(harness.finish(0, 4).dispatches == ["0:1.2"])
        #expect(harness.finish(0, 1, attempt: 2).dispatches == ["0:2.1"])
        #expect(harness.finish(0, 2).dispatches == ["0:3.1"])
        #expect(harness.finish(0, 3).dispatches == ["0:5.1"])
        for shard in 5...7 { harness.finish(0, shard) }
        #expect(harness.dispatcher.ledger.isComplete)
        #expect(harness.dispatcher.ledger.isSound)
    }
}

/// Rows in parts that visit ever later arcs.
func randomParts(
    _ rows: Int,
    arcs: Int,
    _ random: inout SplitMix
) -> [(rows: Range<Int>, arcs: Range<Int>)] {
    var parts: [(rows: Range<Int>, arcs: Range<Int>)] = []
    var (first, lower, upper) = (0, 0, 1)
    while first < rows {
        lower = Int.random(in: lower..<arcs, using: &random)
        upper = Int.random(in: max(upper, lower + 1)...arcs, using: &random)
        let end = Int.random(in: first + 1...rows, using: &random)
        parts.append((first..<end, lower..<upper))
        first = end
    }
    return parts
}
