import Files
import Record
import TestSupport
import Testing

/// Records that are kept for later comparisons.
struct BaselineTests {
    @Test func `a record is kept under its machine and its plan`() throws {
        let folder = try TemporaryFolder()
        let record = try sampleRecord()
        let baseline = try Baseline(of: record, name: "", results: folder.path)
        #expect(
            baseline.path == "\(folder.path)/baselines/\(record.host.fingerprint)/"
                + "\(record.plan.digest).json"
        )
        #expect(!baseline.exists)
        try baseline.save(record)
        #expect(baseline.exists)
        #expect(try RunRecord.read(baseline.path) == record)
        let named = try Baseline(of: record, name: "v1.2", results: folder.path)
        try named.save(record)
        #expect(named.path.hasSuffix("/v1.2.json"))
    }

    @Test func `a baseline is never overwritten`() throws {
        let folder = try TemporaryFolder()
        var record = try sampleRecord()
        let baseline = try Baseline(of: record, name: "", results: folder.path)
        try baseline.save(record)
        let before = try RunRecord.read(baseline.path)
        record.started = "2026-01-01T00:00:00Z"
        let error = #expect(throws: ExperimentError.self) { try baseline.save(record) }
        #expect(error?.exitCode == 40)
        #expect(error?.subject.contains(baseline.path) == true)
        #expect(try RunRecord.read(baseline.path) == before)
    }

    @Test func `an invalid, unfinished, mistrusted or empty record is no baseline`() throws {
        let folder = try TemporaryFolder()
        var invalid = try sampleRecord()
        invalid.verdict = Verdict(reasons: ["too fast"], sentence: "")
        var unfinished = try sampleRecord()
        unfinished.verdict = nil
        unfinished.exitCode = nil
        var unproved = try sampleRecord()
        unproved.points[0].verification.status = .mistrusted
        for record in [invalid, unfinished, unproved, try sampleRecord(points: 0)] {
            let baseline = try Baseline(of: record, name: "x", results: folder.path)
            let error = #expect(throws: ExperimentError.self) { try baseline.save(record) }
            #expect(error?.exitCode == 64)
            #expect(
                error?.problem.contains("UNFINISHED") == (record.verdict == nil),
                "\(error?.description ?? "")"
            )
            #expect(!baseline.exists)
        }
    }

    @Test(arguments: ["a/b", "../x", ".x", "ü", "a b", String(repeating: "n", count: 65)])
    func `a name that cannot name a file is refused`(_ name: String) throws {
        let record = try sampleRecord()
        #expect(throws: ExperimentError.self) { try Baseline(of: record, name: name) }
    }

    @Test(arguments: ["", "../../etc", "0123 4567"])
    func `a fingerprint that is not hexadecimal is refused`(_ fingerprint: String) throws {
        var record = try sampleRecord()
        record.host.fingerprint = fingerprint
        #expect(throws: ExperimentError.self) { try Baseline(of: record, name: "x") }
    }
}
