import Attention
import Testing
import Work

@testable import Record
@testable import Tables

struct VerdictSentenceTests {
    /// Without the base case of two threads, which would be the advice.
    private func record(_ points: [RunPoint]) -> RunRecord {
        Samples.record(points, baseCases: [Samples.base(threads: 1, milliseconds: 78.1)])
    }

    private func sentence(_ points: RunPoint...) -> String {
        record(points).sentence
    }

    /// The parts of a sentence before and after the reason of its advice.
    private func parts(_ record: RunRecord) throws -> (advice: Substring, loss: Substring) {
        let sentence = record.sentence
        let reason = try #require(record.recommendation).reason
        let place = try #require(sentence.firstRange(of: reason), "\(sentence)")
        return (sentence[..<place.lowerBound], sentence[place.upperBound...])
    }

    private func parts(_ points: RunPoint...) throws -> (advice: Substring, loss: Substring) {
        try parts(record(points))
    }

    /// Whether the sentence has the reason of the recommendation.
    private func hasAdvice(_ record: RunRecord) -> Bool {
        let sentence = record.sentence
        return record.recommendation.map { sentence.contains($0.reason) } ?? false
    }

    @Test func `the advice comes first, the largest loss last`() throws {
        let record = record([
            Samples.point(workers: 1, milliseconds: 79.8),
            Samples.point(workers: 2, milliseconds: 42),
        ])
        #expect(record.recommendation?.workers == 2)
        let (advice, loss) = try parts(record)
        #expect(advice.contains("2 workers"), "\(advice)")
        #expect(loss.contains("\(TimeShares.Loss.transfer.phrase) (5 %)"), "\(loss)")
    }

    @Test func `a sweep gives its advice once`() throws {
        var record = Samples.record([
            Samples.point(workers: 1, milliseconds: 79.8),
            Samples.point(workers: 2, milliseconds: 42),
        ])
        record.analysis = record.scalingAnalysis
        let sentence = record.sentence
        let reason = try #require(record.recommendation).reason
        for page in [record.table(), record.markdown] {
            let words = page.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.components(of: reason) == 1, "\(page)")
        }
        let last = record.table().split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        #expect(last.hasSuffix(sentence), "\(last)")
    }

    @Test func `the sentence of a point has its interval`() throws {
        let point = Samples.point(workers: 2, milliseconds: 42)
        let record = Samples.record([point])
        let speedup = try #require(record.scaling(of: point)?.speedup)
        let sentence = record.sentence(for: point)
        #expect(sentence.contains(Units.interval(speedup)), "\(sentence)")
        #expect(speedup.lowerBound != nil)
    }

    @Test(arguments: [false, true])
    func `a disturbed record has no advice`(isMost: Bool) {
        var point = Samples.point(workers: 2, milliseconds: 42)
        for trial in point.samples.indices {
            let isDisturbed = trial < (isMost ? 7 : 6)
            point.samples[trial].workers[1].offCoreNanoseconds = isDisturbed ? 9_000_000 : 0
        }
        let record = Samples.record([point])
        #expect(record.isDisturbed == isMost)
        let sentence = sentence(point)
        #expect(sentence.hasPrefix("DISTURBED") == isMost, "\(sentence)")
        #expect(hasAdvice(self.record([point])) != isMost, "\(sentence)")
    }

    /// Each loss is the largest in turn.
    @Test(
        arguments: [
            (Samples.Shares(compute: 0.77, queue: 0.17), .queue, "17 %"),
            (Samples.Shares(compute: 0.795, merge: 0.14), .merge, "14 %"),
            (Samples.Shares(compute: 0.695, idle: 0.24), .idle, "24 %"),
            (Samples.Shares(compute: 0.98, transfer: 0), .slowerComputing, "18 %"),
        ] as [(Samples.Shares, TimeShares.Loss, String)]
    )
    func `the sentence names the largest loss`(
        shares: Samples.Shares,
        cause: TimeShares.Loss,
        share: String
    ) throws {
        // Efficiency 0.8: computing explains what is above it.
        let milliseconds = 78.1 / 1.6
        let point = Samples.point(workers: 2, milliseconds: milliseconds, shares: shares)
        let found = TimeShares.typical(of: point)?.largestLoss(efficiency: 0.8)
        #expect(found?.loss == cause)
        let loss = try parts(point).loss
        #expect(loss.contains("\(cause.phrase) (\(share))"), "\(loss)")
        for other in TimeShares.Loss.allCases where other != cause {
            #expect(!loss.contains(other.phrase), "\(loss)")
        }
    }

    @Test(arguments: [false, true])
    func `the sentence about one worker speaks of no other worker`(isAnalysed: Bool) throws {
        let slow = Samples.Shares(compute: 0.98, transfer: 0)
        let lone = Samples.point(workers: 1, milliseconds: 95, shares: slow)
        var record = Samples.record([
            lone, Samples.point(workers: 2, milliseconds: 50, shares: slow),
        ])
        if isAnalysed { record.analysis = record.scalingAnalysis }
        #expect((record.analysis != nil) == isAnalysed)
        let phrase = TimeShares.Loss.slowerComputing.phrase
        let sentence = record.sentence(for: lone)
        #expect(sentence.contains(" %)") && !sentence.contains(phrase), "\(sentence)")
        let loss = try parts(record).loss
        #expect(loss.contains("\(phrase) ("), "\(loss)")
    }

    /// The least worthwhile gain and its neighbours.
    @Test(arguments: [(1.08, true), (1.099, true), (1.101, false), (1.2, false)])
    func `a cluster that gains less than a tenth is not advised`(
        speedup: Double,
        isRefused: Bool
    ) throws {
        let record = record([
            Samples.point(workers: 1, milliseconds: 80),
            Samples.point(workers: 2, milliseconds: 78.1 / speedup),
        ])
        #expect(record.recommendation?.workers == (isRefused ? 0 : 2))
        let advice = try parts(record).advice
        #expect(advice.contains("2 workers") != isRefused, "\(advice)")
        #expect(advice.contains("1 thread") == isRefused, "\(advice)")
    }

    @Test func `impossible times leave no advice`() {
        var point = Samples.point(workers: 2, milliseconds: 42)
        point.verdict = Verdict(reasons: ["900 GFLOP/s is more than the roof"], sentence: "")
        let record = record([Samples.point(workers: 1, milliseconds: 79.8), point])
        let sentence = record.sentence
        for word in ["2 workers", "900 GFLOP/s is more than the roof"] {
            #expect(sentence.contains(word), "\(sentence)")
        }
        #expect(!hasAdvice(record), "\(sentence)")
    }

    @Test(arguments: [VerificationStatus.agrees, .mistrusted, .disagrees])
    func `only a right output leaves advice`(status: VerificationStatus) {
        let isProved = status == .agrees
        let two = Samples.point(workers: 2, milliseconds: 42, status: status)
        #expect(hasAdvice(self.record([two])) == isProved)
        var record = record([Samples.point(workers: 2, milliseconds: 42)])
        record.weights = WeightsSummary(
            path: "weights.npy",
            form: .dense,
            shape: [1, 1, 4, 4],
            visible: 16,
            status: status
        )
        #expect(hasAdvice(record) == isProved)
    }

    @Test(arguments: [nil, 0, 1])
    func `a base case with another output leaves no advice`(wrong: Int?) {
        var record = record([Samples.point(workers: 2, milliseconds: 42)])
        record.baseCases[0].mismatchedTrials = wrong
        let isRight = wrong ?? 0 == 0
        #expect(record.wrongBaseCases.isEmpty == isRight)
        #expect(hasAdvice(record) == isRight)
        #expect(record.ending.code == (isRight ? EndCode.done : EndCode.disagrees))
    }

    @Test func `impossible base cases leave no advice`() {
        var record = record([Samples.point(workers: 2, milliseconds: 42)])
        record.verdict = Verdict(reasons: ["900 GFLOP/s is more than the roof"], sentence: "")
        let sentence = record.sentence
        #expect(sentence.contains("900 GFLOP/s is more than the roof"), "\(sentence)")
        #expect(!hasAdvice(record), "\(sentence)")
    }

    @Test func `a cluster without a complete trial has no figures`() {
        var point = Samples.point(workers: 2, milliseconds: 42, trials: 0)
        let unfinished = sentence(point)
        point.incompleteTrials = 12
        let incomplete = sentence(point)
        for sentence in [unfinished, incomplete] {
            #expect(!sentence.isEmpty && !sentence.contains { $0.isNumber }, "\(sentence)")
        }
        #expect(incomplete != unfinished, "nothing tells that workers were lost")
    }

    @Test(
        arguments: [
            (1, 1, ["1 trial"]), (5, 3, ["5 trials", "3"]), (0, 1, []), (2, 0, ["2 trials"]),
        ] as [(Int, Int, [String])]
    )
    func `lost trials and replacements are counted`(
        incomplete: Int,
        replacements: Int,
        words: [String]
    ) throws {
        var point = Samples.point(workers: 2, milliseconds: 42)
        #expect(Notes.losses(of: point) == nil)
        point.incompleteTrials = incomplete
        point.replacements = replacements
        let found = try #require(Notes.losses(of: point))
        for word in words { #expect(found.contains(word), "\(found)") }
        point.replacements = replacements + 1
        #expect(Notes.losses(of: point) != found)
        point.replacements = replacements
        point.incompleteTrials = incomplete + 1
        #expect(Notes.losses(of: point) != found)
    }

    @Test func `a tie is decided for fewer workers`() throws {
        let two = Samples.point(workers: 2, milliseconds: 42)
        for four in [41.99, 50] {
            let advice = try parts(two, Samples.point(workers: 4, milliseconds: four)).advice
            #expect(advice.contains("2 workers"), "\(advice)")
        }
        let clear = try parts(two, Samples.point(workers: 4, milliseconds: 30)).advice
        #expect(clear.contains("4 workers"), "\(clear)")
    }

    @Test func `faster threads are the advice of a run`() throws {
        let slow = Samples.point(workers: 2, milliseconds: 75)
        var record = record([slow])
        record.baseCases.append(Samples.base(threads: 2, milliseconds: 40))
        let advice = try parts(record).advice
        #expect(advice.contains("2 threads"), "\(advice)")
        // Two threads that gain nothing are not advised.
        record.baseCases[1] = Samples.base(threads: 2, milliseconds: 80)
        let other = try parts(record).advice
        #expect(other.contains("1 thread"), "\(other)")
    }

    @Test func `a perfect cluster has no loss`() throws {
        let shares = Samples.Shares(compute: 0.995, transfer: 0.005, merge: 0, idle: 0)
        let point = Samples.point(workers: 2, milliseconds: 39, shares: shares)
        let loss = try parts(point).loss
        #expect(loss.contains { $0.isLetter } && !loss.contains("%"), "\(loss)")
    }

    @Test func `one worker has advice and loss too`() throws {
        let (advice, loss) = try parts(Samples.point(workers: 1, milliseconds: 82))
        #expect(advice.contains("1 thread"), "\(advice)")
        #expect(loss.contains("\(TimeShares.Loss.transfer.phrase) (5 %)"), "\(loss)")
    }

    @Test func `a wrong output leaves no figure`() {
        let sentence = sentence(
            Samples.point(workers: 1, milliseconds: 80),
            Samples.point(workers: 2, milliseconds: 40, status: .disagrees, isEqual: false)
        )
        #expect(sentence.contains("2 workers"), "\(sentence)")
        #expect(sentence.filter { $0.isNumber } == "2", "\(sentence)")
    }

    @Test func `a record without points has the sentence of unfinished trials`() {
        let empty = sentence()
        #expect(!empty.isEmpty && !empty.contains { $0.isNumber }, "\(empty)")
        #expect(sentence(Samples.point(workers: 2, milliseconds: 1, trials: 0)) == empty)
    }

    @Test func `the five shares add up`() throws {
        let shares = try #require(TimeShares(Samples.point(workers: 3, milliseconds: 50)))
        let sum =
            shares.compute + shares.queue + shares.transfer + shares.merge + shares.idle
        #expect(abs(sum - 1) < 1e-12)
        #expect(abs(shares.transfer - 0.05) < 1e-6)
        #expect(TimeShares([]) == nil)
    }
}

extension String {
    /// The number of occurrences of a part.
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
