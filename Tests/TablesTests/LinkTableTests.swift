import Attention
import Record
import Testing

@testable import Tables

struct LinkTableTests {
    private static func point(_ rates: [Double]) -> RunPoint {
        var point = Samples.point(workers: rates.count, milliseconds: 42)
        point.links = rates.enumerated().map { worker, rate in
            LinkSummary(
                worker: worker,
                roundTripNanoseconds: 71_000,
                leastRoundTripNanoseconds: 62_000,
                toWorkerBytesPerSecond: rate,
                fromWorkerBytesPerSecond: worker == 0 ? nil : 1.9e9
            )
        }
        return point
    }

    @Test func `links that are alike are one line, over all points`() throws {
        let record = Samples.record([
            Self.point([2.1e9, 2.1e9]), Self.point([2.1e9, 2.1e9, 2.3e9]),
        ])
        let lines = record.table().split(separator: "\n").filter { $0.hasPrefix("Links") }
        #expect(lines.count == 1)
        for part in ["71.0 µs", "2.10–2.30 GB/s", "1.90 GB/s"] {
            #expect(lines.first?.contains(part) == true, "\(lines)")
        }
        #expect(LinkTable.presented(record).isEmpty)
    }

    @Test func `a run whose links differ much shows each`() throws {
        var record = Samples.record([Self.point([2.1e9, 2.1e9, 0.012e9])])
        #expect(LinkTable.presented(record).isEmpty, "workers of one machine differ by chance")
        record.plan.launch = .external
        let text = record.table()
        let rows = """
                    there
            worker  and back  fastest      there       back
            ──────  ────────  ───────  ─────────  ─────────
                 0   71.0 µs  62.0 µs  2.10 GB/s          –
                 1   71.0 µs  62.0 µs  2.10 GB/s  1.90 GB/s
                 2   71.0 µs  62.0 µs  12.0 MB/s  1.90 GB/s
            """
        #expect(text.contains(rows), "\(text)")
        #expect(!text.contains("Links: "))
        // On the coordinator's own host, as with the launcher of this program.
        record.points[0].hosts = [
            WorkerHost(
                worker: 2,
                replicate: 0,
                host: record.host.hostName,
                processor: nil,
                instructionSet: .baseline
            )
        ]
        #expect(LinkTable.presented(record).isEmpty)
    }

    @Test func `starts are one line: the median of each worker count`() throws {
        func point(_ workers: Int, _ milliseconds: [UInt64]) -> RunPoint {
            var point = Samples.point(workers: workers, milliseconds: 42)
            point.starts = milliseconds.map {
                WorkerStart(
                    joinNanoseconds: $0 * 1_000_000,
                    preparationNanoseconds: 2_000_000
                )
            }
            return point
        }
        #expect(Notes.starts([Samples.point(workers: 2, milliseconds: 42)]).isEmpty)
        #expect(Notes.starts([point(2, [])]).isEmpty)
        let both = [point(2, [60, 51, 900]), point(8, [94, 95])]
        let notes = Notes.starts(both)
        #expect(notes.count == 1)
        for part in ["2 workers", "62.0 ms", "8 workers", "96.5 ms", "2 to 3"] {
            #expect(notes.first?.contains(part) == true, "\(notes)")
        }
        #expect(Samples.record(both).table().contains("\nStarted: "))
    }

    @Test func `records without links say nothing of them`() {
        let text = Samples.record([Samples.point(workers: 2, milliseconds: 42)]).table()
        #expect(!text.contains("Links"))
        var none = Samples.point(workers: 2, milliseconds: 42)
        none.links = []
        #expect(!Samples.record([none]).table().contains("Links"))
    }
}
