import Testing

@testable import Measuring

/// When replicates begin and end, and in which order their trials run.
struct ComparisonScheduleTests {
    private static let second: UInt64 = 1_000_000_000
    private let schedule = ComparisonSchedule(budgetSeconds: 10, replicates: 8, seed: 7)

    @Test(
        arguments: [
            (0, 0, true), (4, 99, true), (5, 8, true), (5, 9, true), (5, 10, false), (7, 9, true),
            (8, 0, false),
        ] as [(Int, UInt64, Bool)]
    )
    func `at least five replicates are taken, and eight if they fit`(
        finished: Int,
        elapsedSeconds: UInt64,
        starts: Bool
    ) {
        #expect(
            schedule.startsReplicate(
                after: finished,
                elapsedNanoseconds: elapsedSeconds * Self.second,
                shortestNanoseconds: Self.second
            ) == starts
        )
    }

    @Test func `fewer than five replicates are taken if asked for`() {
        let few = ComparisonSchedule(budgetSeconds: 0.001, replicates: 2, seed: 1)
        for (finished, starts) in [(0, true), (1, true), (2, false)] {
            #expect(
                few.startsReplicate(
                    after: finished,
                    elapsedNanoseconds: Self.second,
                    shortestNanoseconds: Self.second
                ) == starts
            )
        }
    }

    @Test func `the rest of the budget is shared equally`() {
        #expect(schedule.deadline(after: 0, elapsedNanoseconds: 0) == 1_250_000_000)
        #expect(
            schedule.deadline(after: 6, elapsedNanoseconds: 9 * Self.second) == 9_500_000_000
        )
        // Past the budget a replicate is over as soon as it has begun.
        for elapsed in [10 * Self.second, 11 * Self.second] {
            #expect(schedule.deadline(after: 3, elapsedNanoseconds: elapsed) == elapsed)
        }
    }

    @Test(
        arguments: [
            // Ready after 100, so 100 of sampling at least, to 200.
            (100, 150, 1000, 200), (100, 400, 1000, 400),
            // But not past the budget, unless that is past anyway.
            (100, 150, 170, 170), (100, 150, 90, 150),
        ] as [(UInt64, UInt64, UInt64, UInt64)]
    )
    func `a replicate is sampled as long as its start took`(
        ready: UInt64,
        deadline: UInt64,
        budgetEnd: UInt64,
        end: UInt64
    ) {
        #expect(
            schedule.samplingDeadline(
                begin: 0,
                ready: ready,
                deadline: deadline,
                budgetEnd: budgetEnd
            ) == end
        )
    }

    @Test func `an order has every point once and follows from its seed`() {
        for count in 1...6 {
            for block in 0..<50 {
                let order = schedule.order(count: count, replicate: 3, block: block)
                #expect(order.sorted() == Array(0..<count))
                #expect(order == schedule.order(count: count, replicate: 3, block: block))
            }
        }
    }

    @Test func `no order is preferred`() {
        // Of 6 000 draws each of the six orders takes 1 000 ± 29; five deviations never happen.
        var counts: [[Int]: Int] = [:]
        for block in 0..<1500 {
            for replicate in 0..<4 {
                let order = schedule.order(count: 3, replicate: replicate, block: block)
                counts[order, default: 0] += 1
            }
        }
        #expect(counts.count == 6)
        #expect(counts.values.allSatisfy { abs($0 - 1000) < 145 }, "\(counts)")
    }
}
