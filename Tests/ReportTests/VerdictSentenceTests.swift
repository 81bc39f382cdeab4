import Experiment
import Testing

@testable import Report

struct VerdictSentenceTests {
    private func sentence(_ points: RunPoint...) -> String {
        VerdictSentence.sentence(for: Samples.record(points))
    }

    @Test func `the best point is praised and its largest loss named`() {
        let sentence = sentence(
            Samples.point(workers: 1, milliseconds: 79.8),
            Samples.point(workers: 2, milliseconds: 42)
        )
        #expect(
            sentence == "Two workers were worth 1.86 of one process; transfer (5 %) held them back."
        )
    }

    /// Every way to lose time, made the largest in turn.
    @Test(
        arguments: [
            (Samples.Shares(compute: 0.77, queue: 0.17), "tasks waiting at the workers (17 %)"),
            (Samples.Shares(compute: 0.795, merge: 0.14), "merging results (14 %)"),
            (Samples.Shares(compute: 0.695, idle: 0.24), "workers without work (24 %)"),
            (Samples.Shares(compute: 0.98, transfer: 0), "slower computing side by side (18 %)"),
        ]
    )
    func `whatever costs most is named`(shares: Samples.Shares, cause: String) {
        // Efficiency 0.8, so that computing alone accounts for what exceeds it.
        let milliseconds = 78.1 / 1.6
        let sentence = sentence(
            Samples.point(workers: 2, milliseconds: milliseconds, shares: shares)
        )
        #expect(sentence.contains("; \(cause) held them back"), "\(sentence)")
    }

    @Test(arguments: [false, true])
    func `a lone worker computes beside nobody`(isAnalysed: Bool) {
        let slow = Samples.Shares(compute: 0.98, transfer: 0)
        let lone = Samples.point(workers: 1, milliseconds: 95, shares: slow)
        var record = Samples.record([
            lone, Samples.point(workers: 2, milliseconds: 50, shares: slow),
        ])
        if isAnalysed { record.analysis = record.scalingAnalysis }
        #expect((record.analysis != nil) == isAnalysed)
        let sentence = VerdictSentence.sentence(for: lone, in: record)
        #expect(sentence.contains("of one process; slower computing ("), "\(sentence)")
        #expect(VerdictSentence.sentence(for: record).contains("slower computing side by side ("))
    }

    /// The edge and both neighbours of what is worth while.
    @Test(arguments: [(1.08, true), (1.099, true), (1.101, false), (1.2, false)])
    func `a cluster that gains less than a tenth is advised against`(
        speedup: Double,
        isRefused: Bool
    ) {
        let sentence = sentence(
            Samples.point(workers: 1, milliseconds: 80),
            Samples.point(workers: 2, milliseconds: 78.1 / speedup)
        )
        #expect(sentence.hasPrefix("Use one worker: two workers were worth 1.") == isRefused)
    }

    @Test func `times that cannot be are worth nothing`() {
        var point = Samples.point(workers: 2, milliseconds: 42)
        point.verdict = Verdict(reasons: ["900 GFLOP/s is more than the roof"], sentence: "")
        #expect(
            sentence(Samples.point(workers: 1, milliseconds: 79.8), point)
                == "The times of 2 workers cannot be, so they mean nothing: "
                + "900 GFLOP/s is more than the roof."
        )
    }

    @Test func `a cluster that was never whole has no worth`() {
        var point = Samples.point(workers: 2, milliseconds: 42, trials: 0)
        #expect(sentence(point).hasPrefix("No trial was finished, so there is nothing"))
        point.incompleteTrials = 12
        #expect(sentence(point).hasPrefix("No trial was finished by all its workers, so"))
    }

    @Test(arguments: [
        (1, 1, "1 trial without all workers has no time; fresh workers were started once"),
        (5, 3, "5 trials without all workers have no time; fresh workers were started 3 times"),
        (0, 1, "no measured trial lost a worker; fresh workers were started once"),
        (2, 0, "2 trials without all workers have no time; none were replaced"),
    ])
    func `what became of a lost worker's trial is said`(
        incomplete: Int,
        replacements: Int,
        sentence: String
    ) {
        var point = Samples.point(workers: 2, milliseconds: 42)
        #expect(Notes.losses(of: point) == nil)
        point.incompleteTrials = incomplete
        point.replacements = replacements
        #expect(Notes.losses(of: point) == sentence)
    }

    @Test func `where even one worker is slow, no cluster is the advice`() {
        let sentence = sentence(
            Samples.point(workers: 1, milliseconds: 160),
            Samples.point(workers: 2, milliseconds: 90)
        )
        #expect(sentence.hasPrefix("Use one process without a cluster: two workers were worth 0.8"))
    }

    @Test func `a cluster is measured against the best that one worker does`() {
        let sentence = sentence(
            Samples.point(workers: 1, milliseconds: 60),
            Samples.point(workers: 2, milliseconds: 58)
        )
        #expect(sentence.hasPrefix("Use one worker: "))
    }

    @Test func `on a tie fewer workers are chosen`() {
        let two = Samples.point(workers: 2, milliseconds: 42)
        let hardly = sentence(two, Samples.point(workers: 4, milliseconds: 41))
        #expect(hardly.hasPrefix("Two workers"))
        #expect(hardly.hasSuffix(", and four were worth hardly more."))
        let no = sentence(two, Samples.point(workers: 4, milliseconds: 50))
        #expect(no.hasSuffix(", and four were worth no more."))
        let clearly = sentence(two, Samples.point(workers: 4, milliseconds: 30))
        #expect(clearly.hasPrefix("Four workers were worth 2.60"))
    }

    @Test func `threads that were measured to do better are the advice of a run`() throws {
        let slow = Samples.point(workers: 2, milliseconds: 75, single: 60)
        let sentence = VerdictSentence.sentence(for: slow, in: Samples.record([slow]))
        #expect(sentence.hasPrefix("Use one process with two threads: two workers"), "\(sentence)")
        // Threads that gain nothing are no better advice.
        var tiny = slow
        tiny.summary = PointSummary(
            wall: try #require(slow.summary).wall,
            speedup: 0.02,
            efficiency: 0.01,
            speedupOverThreads: 0.12,
            gigaflopsPerSecond: 1
        )
        let other = VerdictSentence.sentence(for: tiny, in: Samples.record([tiny]))
        #expect(other.hasPrefix("Use one process without a cluster: two workers"), "\(other)")
    }

    @Test func `threads of one process that do better are mentioned`() {
        // The sample's ratio to its threads falls with its efficiency.
        let sentence = sentence(Samples.point(workers: 2, milliseconds: 50))
        #expect(sentence.contains("of one process, which itself reaches 1.96 with two threads;"))
    }

    @Test func `a perfect cluster is held back by nothing`() {
        let shares = Samples.Shares(compute: 0.995, transfer: 0.005, merge: 0, idle: 0)
        let point = Samples.point(workers: 2, milliseconds: 39, shares: shares)
        #expect(sentence(point).hasSuffix("worth 2.00 of one process; nothing held them back."))
    }

    @Test func `one worker is worth what it is`() {
        let sentence = sentence(Samples.point(workers: 1, milliseconds: 82))
        #expect(
            sentence == "One worker was worth 0.95 of one process; transfer (5 %) held it back."
        )
    }

    @Test func `a wrong output leaves nothing to praise`() {
        let sentence = sentence(
            Samples.point(workers: 1, milliseconds: 80),
            Samples.point(workers: 2, milliseconds: 40, status: "DISAGREES", isEqual: false)
        )
        #expect(sentence == "The output of 2 workers is wrong, so the times mean nothing.")
    }

    @Test func `no finished trial is no verdict`() {
        #expect(sentence().hasPrefix("No trial was finished"))
        #expect(
            sentence(Samples.point(workers: 2, milliseconds: 1, trials: 0))
                .hasPrefix("No trial was finished")
        )
    }

    @Test func `shares and what the efficiency lacks add up`() throws {
        let shares = try #require(TimeShares(Samples.point(workers: 3, milliseconds: 50)))
        let sum =
            shares.compute + shares.queue + shares.transfer + shares.merge + shares.idle
        #expect(abs(sum - 1) < 1e-12)
        #expect(abs(shares.transfer - 0.05) < 1e-6)
        #expect(TimeShares([]) == nil)
    }
}
