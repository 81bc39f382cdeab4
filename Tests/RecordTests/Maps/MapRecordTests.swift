import FoundationEssentials
import TestSupport
import Testing

@testable import Files
@testable import Host
@testable import Record

/// Records of maps, sound and edited.
struct MapRecordTests {
    private static func record() -> MapRecord {
        var record = MapRecord(
            .weights,
            host: HostDescription.current(libzmqVersion: "4.3.5", commit: "abc"),
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise", "weights"],
            reduction: .maximum,
            mapsPerRow: 2
        )
        record.maps = (0..<2).map { head in
            HeatMap(
                title: "batch 0, head \(head)",
                firstRow: 4,
                rowCount: 3,
                columnCount: 5,
                columnsPerCell: 2,
                cells: [0.5, nil, 0.25, nil, 1, 0.125, 0, 0.75, nil]
            )
        }
        record.slices = [
            .init(title: "batch 0, head 0", visiblePairs: 9, pairs: 15, hiddenRows: 0)
        ]
        record.work = .init(visiblePairs: 9, pairs: 15, flops: 90)
        record.check = .init(
            status: .agrees,
            rowsChecked: 3,
            rowsTotal: 3,
            maxRelativeError: 1e-7,
            boundRelative: 1e-6,
            reasons: []
        )
        record.image = MapImage(width: 2, height: 1, pixels: "AAAAAAAA")
        record.axes.rowLabels = (0..<7).map { "row \($0)" }
        record.exitCode = 0
        return record
    }

    @Test func `a record that was written is read again`() throws {
        let folder = try TemporaryFolder()
        let record = Self.record()
        let path = try folder.write("m.json", try JSONText.encode(record))
        #expect(try MapRecord.read(path) == record)
    }

    struct Edit: Sendable, CustomStringConvertible {
        var place: String
        var change: @Sendable (inout MapRecord) -> Void

        init(_ place: String, _ change: @escaping @Sendable (inout MapRecord) -> Void) {
            self.place = place
            self.change = change
        }

        var description: String { place }
    }

    @Test(arguments: [
        Edit("started") { $0.started = "today" },
        Edit("mapsPerRow") { $0.mapsPerRow = 0 },
        Edit("maps") { $0.maps = [] },
        Edit("maps") { $0.maps = Array(repeating: $0.maps[0], count: 257) },
        Edit("maps[0].rowCount") { $0.maps[0].rowCount = 0 },
        Edit("maps[0].rowsPerCell") { $0.maps[0].rowsPerCell = 0 },
        Edit("maps[1].columnsPerCell") { $0.maps[1].columnsPerCell = 6 },
        Edit("maps[1].firstRow") { $0.maps[1].firstRow = -1 },
        Edit("maps[1].firstColumn") { $0.maps[1].firstColumn = .max },
        Edit("maps[1].cells") { $0.maps[1].cells.removeLast() },
        Edit("maps[0].cells") { $0.maps[0].columnsPerCell = 1 },
        Edit("maps[0]") { $0.maps[0].rowCount = 1 << 20 },
        Edit("axes.rowLabels") { $0.axes.rowLabels?.removeLast() },
        Edit("axes.columnLabels") { $0.axes.columnLabels = ["a", "b", "c", "d"] },
        Edit("slices[0].pairs") { $0.slices[0].pairs = 0 },
        Edit("slices[0].visiblePairs") { $0.slices[0].visiblePairs = 16 },
        Edit("slices[0].meanLargest") { $0.slices[0].meanLargest = -1 },
        Edit("slices[0].meanEntropyBits") { $0.slices[0].meanEntropyBits = -1 },
        Edit("work.visiblePairs") { $0.work?.visiblePairs = 16 },
        Edit("work.flops") { $0.work?.flops = -1 },
        Edit("check.maxRelativeError") { $0.check?.maxRelativeError = -1 },
        Edit("image.width") { $0.image?.width = 0 },
        Edit("image.pixels") { $0.image?.height = 2 },
        Edit("image.pixels") { $0.image?.pixels = "AAAA!AAA" },
    ])
    func `an edited record is refused with the place`(_ edit: Edit) throws {
        let folder = try TemporaryFolder()
        var record = Self.record()
        edit.change(&record)
        let path = try folder.write("m.json", try JSONText.encode(record))
        expectRefusal(.usage, naming: path, "“\(edit.place)”") { _ = try MapRecord.read(path) }
    }
}
