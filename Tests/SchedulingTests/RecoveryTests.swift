import Testing

@testable import Scheduling

@Suite struct RecoveryTests {
    private static let losses = [true, false].map { Recovery.Outcome.lostWorkers(isFinished: $0) }

    @Test(arguments: losses)
    func `workers are replaced, whether others finished the trial or none is left`(
        loss: Recovery.Outcome
    ) {
        var recovery = Recovery()
        for count in 1...3 {
            #expect(recovery.next(after: loss) == .replaceWorkers)
            #expect(recovery.replacements == count)
        }
        let isFinished = loss == .lostWorkers(isFinished: true)
        #expect(recovery.next(after: loss) == (isFinished ? .proceed : .giveUp))
        #expect(recovery.replacements == 3)
        recovery.beginTrial()
        #expect(recovery.next(after: loss) == (isFinished ? .proceed : .giveUp))
        recovery.beginReplicate()
        #expect(recovery.next(after: loss) == .replaceWorkers)
        #expect(recovery.replacements == 4)
    }

    @Test func `a paused trial is repeated, but not for ever`() {
        var recovery = Recovery()
        for _ in 0..<2 {
            recovery.beginTrial()
            for _ in 0..<3 { #expect(recovery.next(after: .paused) == .repeatTrial) }
            #expect(recovery.next(after: .paused) == .proceed)
        }
        #expect(recovery.replacements == 0)
    }

    @Test func `a complete trial is the last try`() {
        var recovery = Recovery()
        #expect(recovery.next(after: .complete) == .proceed)
    }

    @Test(arguments: [
        (FaultReason.exited(status: 1), true), (.failed("no memory"), true),
        (.refusedTask("no memory"), true), (.signalled(9), false), (.disconnected, false),
        (.silent(.seconds(5)), false), (.wedged(.seconds(10), shard: 1), false),
    ])
    func `a reason is the worker's own or not, before it joined as after it`(
        reason: FaultReason,
        isOwn: Bool
    ) {
        #expect(reason.isOwn == isOwn)
        #expect(FaultReason.unjoined(reason).isOwn == isOwn)
    }
}
