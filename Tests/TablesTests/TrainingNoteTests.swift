import Plan
import Record
import Tables
import Testing

/// What a run says of a rate that is too large.
struct TrainingNoteTests {
    private func record(_ widths: [[Float]], rate: Float?) -> RunRecord {
        var record = Samples.record([Samples.point(workers: 1, milliseconds: 78)])
        record.plan.problem.rate = rate
        record.training = TrainingSummary(
            losses: widths.dropLast().map { _ in 1 },
            predictions: 1,
            widths: widths
        )
        return record
    }

    private func notes(_ record: RunRecord) -> String {
        record.presentation.notes.joined().filter { $0.hasPrefix("Training") }.joined()
    }

    @Test func `a width that leaps is told, with a rate that moves it by 1`() {
        // The second data set leaps from 1 to 4001 in the second epoch: by 20 times the rate.
        let note = notes(record([[1, 1], [1, 1], [-3, 4001], [-3, 4001]], rate: 200))
        for part in ["epoch 2", "4001", "rate 200", "--rate 5.0e-2"] {
            #expect(note.contains(part), "\(note)")
        }
    }

    @Test func `a width that is no number is told, of the usual rate, too`() {
        let note = notes(record([[1, 1], [.nan, 3], [.nan, .nan]], rate: nil))
        #expect(note.contains("epoch 1") && note.contains("0.5"), "\(note)")
        #expect(!note.contains("--rate 0"), "\(note)")
    }

    @Test func `a width that settles is not`() {
        #expect(notes(record([[1, 1], [12, 40], [20, 90]], rate: 0.5)).isEmpty)
        #expect(notes(record([[1000, 1000], [1001, 1002]], rate: 0.5)).isEmpty)
    }
}
