import Record
import Tables
import Testing

/// What a run says of workers that had nothing to compute.
struct ShardNoteTests {
    private func notes(workers: Int, shards: Int) -> [String] {
        var point = Samples.point(workers: workers, milliseconds: 78)
        point.shards = shards
        return Samples.record([point]).presentation.notes.joined().filter {
            $0.hasPrefix("Shards")
        }
    }

    @Test func `too few shards for all workers are told`() throws {
        let note = try #require(notes(workers: 7, shards: 2).first)
        for part in ["2 for 7 workers", "5 of which"] {
            #expect(note.contains(part), "\(note)")
        }
        #expect(notes(workers: 7, shards: 7).isEmpty)
    }
}
