import Testing

import Experiment

/// What a run proves of its output.
struct OutputProofTests {
    private static let problem = [
        "--batch", "2", "--heads", "4", "--length", "64", "--head-dimension", "32", "--quiet",
        "--record", "r.json",
    ]

    private static func run(
        _ flags: [String],
        exit: Int32,
        in folder: borrowing TemporaryFolder
    ) throws -> RunRecord {
        let ending = try Headwise.run(flags + problem, in: folder)
        #expect(ending.kind == .exited(exit), ending.summary)
        return try RunRecord.read(folder.file("r.json"))
    }

    @Test func `an output that is not written is wrong`() throws {
        let folder = try TemporaryFolder()
        let record = try Self.run(
            ["run", "--workers", "2", "--schedule", "static", "--values", "exact-mean"]
                + ["--trials", "4", "--outputs", "shared", "--inject-fault", "0:skip:5"],
            exit: 10,
            in: folder
        )
        let point = try #require(record.points.first)
        #expect(point.verification.status == "DISAGREES")
    }
}
