import Platform
import TestSupport
import Testing

@testable import Cluster

/// Where one worker's part of a trial's wall time went.
@Suite struct TrialAccountTests {
    private func sum(_ times: WorkerTimes) -> UInt64 {
        times.computeNanoseconds + times.queueNanoseconds + times.transferNanoseconds
            + times.mergeNanoseconds + times.idleNanoseconds
    }

    @Test func `the five parts of a plain trial are measured`() {
        var account = TrialAccount()
        account.dispatched(at: 100)
        account.computed(500, queued: 30, offCore: 7)
        account.used(ProcessorUse(cpuNanoseconds: 600, voluntarySwitches: 3))
        account.merged(20)
        account.accepted()
        account.sent(64)
        account.received(128)
        account.copied(1000)
        account.gathered(2000)
        account.answered(at: 800)
        let times = account.close(at: 1100, wall: 1000)
        #expect(
            times
                == WorkerTimes(
                    computeNanoseconds: 500,
                    queueNanoseconds: 30,
                    transferNanoseconds: 150,
                    mergeNanoseconds: 20,
                    idleNanoseconds: 300,
                    use: ProcessorUse(cpuNanoseconds: 600, voluntarySwitches: 3),
                    offCoreNanoseconds: 7,
                    shards: 1,
                    bytesIn: 1064,
                    bytesOut: 2128,
                    messageBytes: 192
                )
        )
    }

    @Test func `overlapping tasks are one busy time`() {
        var account = TrialAccount()
        account.dispatched(at: 0)
        account.dispatched(at: 10)
        account.answered(at: 50)
        account.dispatched(at: 60)
        account.answered(at: 70)
        account.answered(at: 80)
        account.dispatched(at: 90)
        account.answered(at: 95)
        let times = account.close(at: 100, wall: 100)
        #expect(times.idleNanoseconds == 15)
        #expect(times.transferNanoseconds == 85)
    }

    @Test func `a worker that owes a result at the end was busy to the end`() {
        var account = TrialAccount()
        account.dispatched(at: 40)
        #expect(account.close(at: 100, wall: 100).idleNanoseconds == 40)
    }

    @Test func `a lost worker owes nothing from then on`() {
        var account = TrialAccount()
        account.dispatched(at: 0)
        account.dispatched(at: 0)
        account.abandoned(at: 30)
        account.answered(at: 90)
        #expect(account.close(at: 100, wall: 100).idleNanoseconds == 70)
    }

    @Test func `an answer to no task changes nothing`() {
        var account = TrialAccount()
        account.answered(at: 10)
        account.dispatched(at: 20)
        account.answered(at: 30)
        account.answered(at: 90)
        #expect(account.close(at: 100, wall: 100).idleNanoseconds == 90)
    }

    @Test(arguments: [0, 99, 100, 101, 1 << 62 - 1] as [UInt64])
    func `the durations that a worker claims are cut to the trial`(claim: UInt64) {
        var account = TrialAccount()
        account.dispatched(at: 0)
        account.merged(40)
        account.computed(claim, queued: claim, offCore: claim)
        account.answered(at: 100)
        let times = account.close(at: 200, wall: 200)
        #expect(sum(times) == 200)
        #expect(times.computeNanoseconds == min(claim, 100))
        #expect(times.offCoreNanoseconds == min(claim, 200))
        #expect(times.idleNanoseconds == 100)
    }

    @Test func `huge claims do not overflow`() {
        var account = TrialAccount()
        account.dispatched(at: 0)
        let claim: UInt64 = 1 << 62 - 1
        for _ in 0..<20 { account.computed(claim, queued: claim, offCore: claim) }
        account.answered(at: 100)
        #expect(sum(account.close(at: 100, wall: 100)) == 100)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `five durations add up to the wall time exactly`(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        for _ in 0..<50 {
            var account = TrialAccount()
            var now = UInt64.random(in: 0..<1_000_000, using: &generator)
            let start = now
            for _ in 0..<Int.random(in: 0..<30, using: &generator) {
                now += UInt64.random(in: 0..<1000, using: &generator)
                switch Int.random(in: 0..<6, using: &generator) {
                case 0, 1: account.dispatched(at: now)
                case 2: account.answered(at: now)
                case 3: account.merged(UInt64.random(in: 0..<500, using: &generator))
                case 4:
                    account.computed(
                        UInt64.random(in: 0..<2000, using: &generator),
                        queued: UInt64.random(in: 0..<500, using: &generator),
                        offCore: UInt64.random(in: 0..<500, using: &generator)
                    )
                default: account.abandoned(at: now)
                }
            }
            now += UInt64.random(in: 0..<1000, using: &generator)
            let times = account.close(at: now, wall: now - start)
            #expect(sum(times) == now - start, "seed \(seed)")
        }
    }
}
