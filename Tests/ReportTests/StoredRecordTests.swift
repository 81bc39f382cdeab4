import TestSupport
import Testing

@testable import Files
@testable import Record
@testable import Report

/// Record files of every kind.
struct StoredRecordTests {
    @Test func `a stored record keeps its bytes and knows its kind`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.json", try JSONText.encode(try Records.sweep()) + "\n")
        // Of an older record, the trials are counted anew when it is read.
        let record = try RunRecord.read(path)
        let stored = try StoredRecord.read(path)
        #expect(stored.bytes == (try folder.bytes("a.json")))
        #expect(stored.record as? RunRecord == record)
        expectRefusal(.environment, naming: "none.json") {
            _ = try StoredRecord.read("\(folder.path)/none.json")
        }
        let other = try folder.write("v.json", #"{"schema": "headwise.plan/1"}"#)
        expectRefusal(.usage, naming: "v.json", "headwise.plan/1", "headwise.kernel/1") {
            _ = try StoredRecord.read(other)
        }
    }

    @Test(arguments: [
        #"{"schema": "headwise.script/1", "about": "apples and pears"}"#,
        #"{"schema": "headwise.copies/1"}"#, #"{"schema": "headwise.compare-rates/1"}"#,
    ])
    func `what a script measured is refused with what it is about`(text: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("s.json", text)
        let about = text.contains("about") ? "apples and pears" : "how often"
        expectRefusal(.usage, naming: "s.json", "script", about) {
            _ = try StoredRecord.read(path)
        }
        let unnamed = try folder.write("u.json", #"{"schema": "headwise.script/1"}"#)
        expectRefusal(.usage, naming: "u.json", "about") { _ = try StoredRecord.read(unnamed) }
    }

    @Test func `a page says how long the workers took to start, if its record does`() throws {
        var record = try RunRecord.read(PackageFolder.record("intel-eight-workers"))
        func started() -> String? {
            let parts = record.section(title: "a").parts
            return parts.first { $0.heading == "Processes" }?.facts
                .first { $0.name == "started" }?.value
        }
        let told = try #require(started())
        #expect(told.contains("8 workers") && told.contains("79.2 ms"), "\(told)")
        record.points[0].starts = nil
        #expect(started() == nil)
    }

    @Test func `every kind has its own schemas`() {
        let schemas = StoredRecord.kinds.flatMap { $0.schemas }
        #expect(Set(schemas).count == schemas.count)
    }

    @Test(arguments: ["kernel-avx512", "kernel-avx2", "kernel-suite", "scale-8x8x1024x64"])
    func `a record of an older version is read`(name: String) throws {
        _ = try StoredRecord.read(PackageFolder.record(name))
    }

    @Test func `a catalogue is drawn from its presentation`() throws {
        var row = VerifyRow(
            name: "causal 3",
            feature: "causal",
            specification: "length=3",
            instructionSet: .baseline,
            clusterComparisons: 7,
            verification: VerificationSummary(status: .agrees, bitwiseEqual: true)
        )
        func page(exitCode: Int32) throws -> String {
            let record = VerifyRecord(
                host: try Records.sweep().host,
                started: "2025-11-21T01:24:00Z",
                commandLine: ["headwise", "verify"],
                seed: 1,
                randomCases: 0,
                instructionSets: [.baseline],
                workers: [1],
                rows: [row],
                isComplete: true,
                exitCode: exitCode
            )
            let folder = try TemporaryFolder()
            let path = try folder.write("v.json", try JSONText.encode(record))
            return try ReportPage([StoredRecord.read(path)], gnuplot: noGnuplot).text
        }
        let good = try page(exitCode: 0)
        for word in ["VALID", "causal", "equal"] { #expect(good.contains(word), "\(word)") }
        expectRefusal(.usage, naming: "exitCode") { _ = try page(exitCode: 11) }
        row.verification.status = .mistrusted
        #expect(try page(exitCode: 11).contains("NOT PROVED"))
    }
}
