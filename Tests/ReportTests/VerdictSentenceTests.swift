import Attention
import Experiment
import Testing
import Work

@testable import Report

struct VerdictSentenceTests {
    /// Without the base case of two threads, which would be better advice.
    private func record(_ points: [RunPoint]) -> RunRecord {
        Samples.record(points, baseCases: [Samples.base(threads: 1, milliseconds: 78.1)])
    }

    private func sentence(_ points: RunPoint...) -> String {
        VerdictSentence.sentence(for: record(points))
    }

    @Test func `the advice comes first, the largest loss last`() throws {
        let record = record([
            Samples.point(workers: 1, milliseconds: 79.8),
            Samples.point(workers: 2, milliseconds: 42),
        ])
        let sentence = VerdictSentence.sentence(for: record)
        let advice = try #require(record.recommendation)
        #expect(advice.workers == 2)
        #expect(sentence.hasPrefix("Use 2 workers: \(advice.reason)"), "\(sentence)")
        #expect(sentence.hasSuffix("; transfer (5 %) held them back."), "\(sentence)")
    }

    /// Whatever is said, it is said once.
    @Test func `no other line of a sweep gives advice`() throws {
        var record = Samples.record([
            Samples.point(workers: 1, milliseconds: 79.8),
            Samples.point(workers: 2, milliseconds: 42),
        ])
        record.analysis = record.scalingAnalysis
        let sentence = VerdictSentence.sentence(for: record)
        for page in [ScaleTable.rendered(record), MarkdownTable.rendered(record)] {
            let words = page.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.components(of: "Use ") == 1, "\(page)")
            #expect(!words.contains("ecommended"), "\(page)")
        }
        let last = ScaleTable.rendered(record).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        #expect(last.hasSuffix(sentence), "\(last)")
    }

    @Test func `a point is told with its interval`() throws {
        let point = Samples.point(workers: 2, milliseconds: 42)
        let record = Samples.record([point])
        let speedup = try #require(record.scaling(of: point)?.speedup)
        let sentence = VerdictSentence.sentence(for: point, in: record)
        #expect(sentence.contains(Units.interval(speedup)), "\(sentence)")
        #expect(speedup.lowerBound != nil)
    }

    @Test(arguments: [false, true])
    func `most trials disturbed leave no advice`(isMost: Bool) {
        var point = Samples.point(workers: 2, milliseconds: 42)
        for trial in point.samples.indices {
            let isDisturbed = trial < (isMost ? 7 : 6)
            point.samples[trial].workers[1].offCoreNanoseconds = isDisturbed ? 9_000_000 : 0
        }
        let record = Samples.record([point])
        #expect(record.isDisturbed == isMost)
        let sentence = sentence(point)
        #expect(sentence.hasPrefix("DISTURBED") == isMost, "\(sentence)")
        #expect(sentence.contains("Use ") != isMost, "\(sentence)")
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
        #expect(sentence.contains("; slower computing ("), "\(sentence)")
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
        #expect(sentence.hasPrefix("Use 2 workers") != isRefused, "\(sentence)")
        #expect(sentence.hasPrefix("Use one process") == isRefused, "\(sentence)")
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

    @Test(arguments: [VerificationStatus.agrees, .mistrusted, .disagrees])
    func `an output that nothing proves right leaves no advice`(status: VerificationStatus) {
        let isProved = status == .agrees
        let two = Samples.point(workers: 2, milliseconds: 42, status: status)
        #expect(sentence(two).contains("Use ") == isProved)
        var record = record([Samples.point(workers: 2, milliseconds: 42)])
        record.weights = WeightsSummary(
            path: "weights.npy",
            form: .dense,
            shape: [1, 1, 4, 4],
            visible: 16,
            status: status
        )
        #expect(VerdictSentence.sentence(for: record).contains("Use ") == isProved)
    }

    @Test(arguments: [nil, 0, 1])
    func `a base case with another output leaves no advice`(wrong: Int?) {
        var record = record([Samples.point(workers: 2, milliseconds: 42)])
        record.baseCases[0].mismatchedTrials = wrong
        let isRight = wrong ?? 0 == 0
        #expect(record.wrongBaseCases.isEmpty == isRight)
        #expect(VerdictSentence.sentence(for: record).contains("Use ") == isRight)
        #expect(record.ending.code == (isRight ? EndCode.done : EndCode.disagrees))
    }

    @Test func `base cases that cannot be leave no advice`() {
        var record = record([Samples.point(workers: 2, milliseconds: 42)])
        record.verdict = Verdict(reasons: ["900 GFLOP/s is more than the roof"], sentence: "")
        let sentence = VerdictSentence.sentence(for: record)
        #expect(sentence.contains("900 GFLOP/s is more than the roof"), "\(sentence)")
        #expect(!sentence.contains("Use "), "\(sentence)")
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

    @Test func `on a tie fewer workers are chosen`() {
        let two = Samples.point(workers: 2, milliseconds: 42)
        for four in [41.99, 50] {
            let sentence = sentence(two, Samples.point(workers: 4, milliseconds: four))
            #expect(sentence.hasPrefix("Use 2 workers:"), "\(sentence)")
        }
        let clearly = sentence(two, Samples.point(workers: 4, milliseconds: 30))
        #expect(clearly.hasPrefix("Use 4 workers:"), "\(clearly)")
    }

    @Test func `threads that were measured to do better are the advice of a run`() throws {
        let slow = Samples.point(workers: 2, milliseconds: 75)
        var record = record([slow])
        record.baseCases.append(Samples.base(threads: 2, milliseconds: 40))
        let sentence = VerdictSentence.sentence(for: record)
        #expect(sentence.hasPrefix("Use one process with 2 threads"), "\(sentence)")
        // Threads that gain nothing are no better advice.
        record.baseCases[1] = Samples.base(threads: 2, milliseconds: 80)
        let other = VerdictSentence.sentence(for: record)
        #expect(other.hasPrefix("Use one process with 1 thread"), "\(other)")
    }

    @Test func `a perfect cluster is held back by nothing`() {
        let shares = Samples.Shares(compute: 0.995, transfer: 0.005, merge: 0, idle: 0)
        let point = Samples.point(workers: 2, milliseconds: 39, shares: shares)
        #expect(sentence(point).hasSuffix("; nothing held them back."))
    }

    @Test func `one worker is worth what it is`() {
        let sentence = sentence(Samples.point(workers: 1, milliseconds: 82))
        #expect(sentence.hasPrefix("Use one process with 1 thread"), "\(sentence)")
        #expect(sentence.hasSuffix("; transfer (5 %) held it back."), "\(sentence)")
    }

    @Test func `a wrong output leaves nothing to praise`() {
        let sentence = sentence(
            Samples.point(workers: 1, milliseconds: 80),
            Samples.point(workers: 2, milliseconds: 40, status: .disagrees, isEqual: false)
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

extension String {
    /// How often a part occurs.
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let found = rest.firstRange(of: part) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
