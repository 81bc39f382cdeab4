import Attention
import FoundationEssentials
import TestSupport
import Testing

@testable import Files
@testable import Host
@testable import Plan
@testable import Record
@testable import Statistics

struct KernelRecordTests {
    private struct Outside: Decodable {
        struct Roofs: Decodable {
            var fmaGigaflopsPerSecond: Double
            var readGigabytesPerSecond: Double
        }

        struct Row: Decodable {
            var gigaflopsPerSecond: Double
            var fractionOfPeak: Double
            var maxAbsoluteError: Double
        }

        var schema: String
        var roofs: Roofs
        var rows: [Row]
    }

    private func record(
        _ samples: [UInt64] = [100, 101, 102],
        threads: Int = 1,
        fractionOfPeak: Double = 0.9
    ) throws -> KernelRecord {
        KernelRecord(
            host: HostDescription.current(),
            started: UTCTime.now.text,
            commandLine: ["headwise", "kernel"],
            roofs: RoofMeasurement(
                fmaGigaflopsPerSecond: 250,
                readGigabytesPerSecond: 12.5,
                instructionSet: "avx512"
            ),
            rows: [
                KernelRow(
                    instructionSet: .avx512,
                    threads: threads,
                    shape: RunPlan().shape,
                    mask: try MaskSpecification("causal"),
                    samplesNanoseconds: samples,
                    summary: try #require(SampleSummary(nanoseconds: samples)),
                    gigaflopsPerSecond: 225,
                    fractionOfPeak: fractionOfPeak,
                    peakGigaflopsPerSecond: 250,
                    maxAbsoluteError: 5e-7
                )
            ]
        )
    }

    @Test func `a kernel record has the keys that others read`() throws {
        let text = try JSONText.encode(try record())
        let outside = try JSONDecoder().decode(Outside.self, from: Data(text.utf8))
        #expect(outside.schema == "headwise.kernel/1")
        #expect(outside.roofs.fmaGigaflopsPerSecond == 250)
        #expect(outside.roofs.readGigabytesPerSecond == 12.5)
        #expect(outside.rows.map(\.gigaflopsPerSecond) == [225])
        #expect(outside.rows.map(\.fractionOfPeak) == [0.9])
        #expect(outside.rows.map(\.maxAbsoluteError) == [5e-7])
    }

    @Test func `each doubt about a row names the row`() throws {
        func kinds(_ samples: [UInt64], threads: Int = 1) throws -> [MeasurementWarning.Kind] {
            let found = try record(samples, threads: threads)
                .measurementWarnings(loads: (nil, nil), peakAfter: 250)
            #expect(found.allSatisfy { $0.subject == "avx512 1024, D 64, causal" })
            return found.map(\.kind)
        }
        let steady: [UInt64] = (0..<30).map { 1_000_000 + $0 % 3 }
        #expect(try kinds(steady).isEmpty)
        #expect(try kinds([1_000_000, 1_000_001, 1_000_002]) == [.wideInterval])
        #expect(try kinds((0..<30).map { 1_000_000 + 10_000 * $0 }).contains(.drift))
        // One thread runs often enough for the clock; several are woken for each run.
        let short: [UInt64] = (0..<30).map { 1000 + $0 % 3 }
        #expect(try kinds(short).isEmpty)
        #expect(try kinds(short, threads: 2).contains(.shortTrials))
        let slowed = try record(steady).measurementWarnings(loads: (nil, nil), peakAfter: 200)
        #expect(slowed.map(\.kind) == [.frequency])
    }

    @Test func `a row above its roof makes the record INVALID`() throws {
        let steady: [UInt64] = (0..<30).map { 1_000_000 + $0 % 3 }
        let found = try record(steady, fractionOfPeak: 1.18)
            .measurementWarnings(loads: (nil, nil), peakAfter: 250)
        #expect(found.map(\.kind) == [.aboveRoof])
        #expect(found.first?.sentence.contains("118 %") == true)
        let near = try record(steady, fractionOfPeak: 1.04)
            .measurementWarnings(loads: (nil, nil), peakAfter: 250)
        #expect(near.isEmpty)
        let impossible = try record(steady, fractionOfPeak: 1.18).impossibility
        #expect(impossible?.status == .invalid)
        let reason = try #require(impossible?.reasons.first)
        #expect(reason.contains("118 %") && reason.contains("avx512 1024, D 64, causal"))
        #expect(try record(steady, fractionOfPeak: 1.04).impossibility == nil)
        // Other doubts are named beside it.
        let few = try record([1_000_000, 1_000_001, 1_000_002], fractionOfPeak: 1.18)
            .measurementWarnings(loads: (nil, nil), peakAfter: 250)
        #expect(few.map(\.kind) == [.aboveRoof, .wideInterval])
    }

    @Test func `a median far behind the fastest tenth is disturbed`() throws {
        func kinds(at best: Double) throws -> [MeasurementWarning.Kind] {
            var record = try record((0..<30).map { 1_000_000 + $0 % 3 })
            record.rows[0].roof = Self.roof(best: best)
            record.rows += [KernelRow](repeating: record.rows[0], count: 5)
            let found = record.measurementWarnings(loads: (nil, nil), peakAfter: 250)
            for warning in found {
                #expect(warning.subject == "avx512 1024, D 64, causal")
                // Of the fastest tenth, of the median, and how many other rows.
                for figure in ["80 %", "70 %", "5"] {
                    #expect(warning.sentence.contains(figure), "\(warning.sentence)")
                }
            }
            return found.map(\.kind)
        }
        #expect(try kinds(at: 0.8) == [.disturbed])
        #expect(try kinds(at: 0.76).isEmpty)
    }

    private static let damages: [(String, @Sendable (inout KernelRow) -> Void)] = [
        ("rows[0].replicates", { $0.replicates = [0, 1] }),
        ("rows[0].replicates", { $0.replicates = [0, 0, 2] }),
        ("rows[0].replicates", { $0.replicates = [1, 1, 1] }),
        ("rows[0].replicates", { $0.replicates = [0, 1, 0] }),
        ("rows[0].replicates", { $0.replicates = [0, .max, .max] }),
        ("rows[0].roof.fraction", { $0.roof = roof(fraction: 1e9) }),
        ("rows[0].roof.fractionAtBest", { $0.roof = roof(best: -0.5) }),
        ("rows[0].roof.fractionAtBest", { $0.roof = roof(best: 1e308) }),
        ("rows[0].roof.tensorBytes", { $0.roof = roof(bytes: -1) }),
        ("rows[0].roof.readGigabytesPerSecond", { $0.roof = roof(boundBy: .read) }),
        ("rows[0].shape.queryLength", { $0.shape?.queryLength = 0 }),
        ("rows[0].threads", { $0.threads = 1 << 40 }),
        ("rows[0]", { $0.product = ProductShape(rows: 1, columns: 1, depth: 1) }),
        ("rows[0]", { $0.mask = nil }),
        ("rows[0]", { ($0.shape, $0.mask) = (nil, nil) }),
        ("rows[0]", { $0.shape = nil }),
        (
            "rows[0].layer",
            { row in
                (row.shape, row.mask, row.layer) = (nil, nil, .fused)
                row.product = ProductShape(rows: 1, columns: 1, depth: 1)
            }
        ),
        (
            "rows[0].product.depth",
            { row in
                (row.shape, row.mask) = (nil, nil)
                row.product = ProductShape(rows: 1, columns: 1, depth: 0)
            }
        ),
    ]

    private static func roof(
        boundBy: KernelRoof.Kind = .fma,
        fraction: Double = 0.7,
        best: Double = 0.8,
        bytes: Int = 1 << 20
    ) -> KernelRoof {
        KernelRoof(
            boundBy: boundBy,
            fraction: fraction,
            fractionAtBest: best,
            tensorBytes: bytes,
            readGigabytesPerSecond: nil
        )
    }

    @Test(arguments: damages.indices)
    func `an impossible row is refused by its key`(_ index: Int) throws {
        var record = try record()
        record.rows[0].replicates = [0, 0, 1]
        record.rows[0].roof = Self.roof()
        try record.validate(source: "k.json")
        Self.damages[index].1(&record.rows[0])
        expectRefusal(.usage, naming: "k.json", "“\(Self.damages[index].0)”") {
            try record.validate(source: "k.json")
        }
    }

    @Test func `a row may be a product, and is named by its sizes`() throws {
        var record = try record()
        record.rows[0].shape = nil
        record.rows[0].mask = nil
        record.rows[0].product = ProductShape(rows: 20, columns: 30, depth: 40)
        try record.validate(source: "k.json")
        let read = try JSONDecoder().decode(
            KernelRecord.self,
            from: Data(try JSONText.encode(record).utf8)
        )
        #expect(read == record)
        #expect(read.rows[0].title == "avx512 product 20×30×40")
    }

    @Test func `a fraction of the peak that contradicts the rate and the peak is refused`() throws {
        let record = try record(fractionOfPeak: 0.95)
        expectRefusal(.usage, naming: "rows[0].fractionOfPeak") {
            try record.validate(source: "k.json")
        }
    }

    @Test func `a kernel record survives being written and read, and holds no plan`() throws {
        let folder = try TemporaryFolder()
        let record = try record()
        var store = try RecordStore.reserve(path: "\(folder.path)/kernel.json")
        try store.write(record)
        let path = store.path ?? ""
        #expect(try KernelRecord.read(path) == record)
        expectRefusal(.usage, naming: "headwise.kernel/1") { _ = try RunPlan.read(path) }
        expectRefusal(.usage, naming: "headwise.kernel/1") { _ = try RunRecord.read(path) }
    }
}
