import Record
import TestSupport
import Testing

/// What a stranger leaves in the records of commands that start several clusters.
struct StrangerRecordTests {
    private static let fault = "late:3000"

    /// Runs a command, and connects once to the port of the worker that is late.
    private static func visit(
        _ arguments: [String],
        in folder: borrowing TemporaryFolder
    ) throws -> Ending {
        let run = try Headwise.start(arguments, in: folder)
        var port: UInt16?
        _ = run.wait(atMost: .seconds(60)) {
            port = run.port(ofWorkerWith: fault)
            return port != nil
        }
        let stranger = try LoopbackClient(port: try #require(port), "/")
        defer { withExtendedLifetime(stranger) {} }
        return run.finish()
    }

    @Test func `a comparison counts the strangers of each side, and warns`() throws {
        let folder = try TemporaryFolder()
        try folder.write("p.json", CompareTests.plan + #""workers":[1],"transport":"tcp"}"#)
        let ending = try Self.visit(
            ["compare", "p.json", "p.json", "--with-fault", "0:\(Self.fault)"]
                + ["--record", "r.json"] + CompareTests.short,
            in: folder
        )
        #expect([0, 20, 22].contains(ending.code ?? -1), ending.summary)
        let record = try CompareRecord.read(folder.file("r.json"))
        #expect(record.first.strangers == nil)
        #expect(record.second.strangers?.refused == 1, ending.summary)
        let warnings = record.warnings?.filter { $0.kind == .strangers } ?? []
        #expect(warnings.map(\.subject) == ["B"], ending.summary)
    }

    @Test func `a catalogue counts them, and notes it`() throws {
        let folder = try TemporaryFolder()
        let ending = try Self.visit(
            [
                "verify", "--case",
                "length=20 head-dimension=8 workers=1 threads=1 transport=tcp isa=baseline",
                "--inject-fault", "0:\(Self.fault)", "--format", "json",
            ],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let record = try VerifyRecord.read(try folder.write("v.json", ending.outputBytes))
        let strangers = try #require(record.strangers)
        #expect(strangers.refused > 0)
        #expect(record.notes.contains(try #require(strangers.inWords)))
    }
}
