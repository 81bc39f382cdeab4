import Record
import TestSupport
import Testing

/// What a run proves of its output, and what `--output` writes of it.
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

    /// Every combination of planes and transports.
    private static let ways = [
        ["--outputs", "auto"], ["--outputs", "messages"], ["--plane", "inline"],
        ["--plane", "inline", "--outputs", "shared"], ["--transport", "tcp"],
        ["--plane", "inline", "--transport", "tcp"],
    ]

    @Test(arguments: ways)
    func `a single trial is proved`(way: [String]) throws {
        let folder = try TemporaryFolder()
        let record = try Self.run(
            ["scale", "--workers", "1,2", "--trials", "1", "--warmup", "0"] + way,
            exit: 0,
            in: folder
        )
        for point in record.points {
            #expect(point.verification.proof == .computed)
            #expect(point.verdict.status == .valid)
            #expect(point.samples.count == 1)
            // The bytes of the proving trial are not counted.
            let sample = try #require(point.samples.first)
            #expect(sample.workers.reduce(0) { $0 + $1.bytesIn } == point.bytesSent)
        }
    }

    /// With equal weights the output depends on the values alone.
    @Test(arguments: ways, ["static", "dynamic"])
    func `a kept output is found with every transport and plane`(
        way: [String],
        schedule: String
    ) throws {
        let folder = try TemporaryFolder()
        let record = try Self.run(
            ["run", "--workers", "1", "--schedule", schedule, "--values", "exact-mean"]
                + ["--trials", "2", "--warmup", "0", "--replicates", "1"]
                + ["--inject-fault", "0:stale:2"] + way,
            exit: 12,
            in: folder
        )
        let point = try #require(record.points.first)
        #expect(point.verdict.status == .invalid)
        #expect(point.verification.proof == .written)
        #expect(point.verification.bitwiseEqual == true)
    }

    @Test func `an unwritten output is wrong`() throws {
        let folder = try TemporaryFolder()
        let record = try Self.run(
            ["run", "--workers", "2", "--schedule", "cyclic", "--values", "exact-mean"]
                + ["--trials", "4", "--outputs", "shared", "--inject-fault", "0:skip:5"],
            exit: 10,
            in: folder
        )
        let point = try #require(record.points.first)
        #expect(point.verification.status == .disagrees)
        #expect(point.verification.proof == nil)
    }

    /// The proving trial is drawn; the fault hits the first trial, the proving one or the next.
    @Test(arguments: [1, 4, 6])
    func `a lost worker is replaced, and its shards are proved`(shard: Int) throws {
        let folder = try TemporaryFolder()
        let record = try Self.run(
            ["run", "--workers", "2", "--schedule", "static", "--trials", "1", "--warmup", "0"]
                + ["--inject-fault", "1:die:\(shard)", "--split", "head"],
            exit: 0,
            in: folder
        )
        let point = try #require(record.points.first)
        #expect(point.verification.proof == .computed)
        #expect(point.samples.count == 1)
        #expect(point.faults.allSatisfy { $0.worker == 1 && $0.trial == 1 })
    }

    // MARK: The file

    @Test func `the file holds the last point's output even if it is wrong`() throws {
        let right = try TemporaryFolder()
        let wrong = try TemporaryFolder()
        let flags = [
            "scale", "--workers", "1,2", "--trials", "1", "--warmup", "0", "--output", "o.npy",
        ]
        _ = try Self.run(flags, exit: 0, in: right)
        // The first point has no worker 1.
        let record = try Self.run(
            flags + ["--schedule", "static", "--inject-fault", "1:spoil:1"],
            exit: 10,
            in: wrong
        )
        #expect(record.checks == [.agrees, .disagrees])
        let expected = try right.bytes("o.npy")
        let found = try wrong.bytes("o.npy")
        #expect(found.count == expected.count)
        let differences = zip(found, expected).enumerated().filter { $0.element.0 != $0.element.1 }
        let shards =
            try #require(record.points.last).samples.isEmpty
            ? record.points[1].shards / 2 : 0
        #expect(differences.count == shards)
        // A reason names the first wrong element and its worker.
        let place = try #require(differences.first).offset - (expected.count - 2 * 4 * 64 * 32 * 4)
        let (slice, row) = (place / 4 / 32 / 64, place / 4 / 32 % 64)
        let reasons = record.points[1].verification.reasons
        let names = [("slice", slice), ("row", row), ("column", 0), ("worker", 1)]
        #expect(
            reasons.contains { reason in
                names.allSatisfy { Self.says($0, number: $1, in: reason) }
            },
            "\(reasons)"
        )
    }

    /// Whether a text holds the name with this number behind it.
    private static func says(_ name: String, number: Int, in text: String) -> Bool {
        let words = text.split { !$0.isLetter && !$0.isNumber }
        return zip(words, words.dropFirst()).contains { $0 == name && $1 == "\(number)" }
    }

    @Test func `a run without a finished trial writes no output`() throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(
            ["run", "--workers", "1", "--output", "o.npy", "--trials", "1", "--warmup", "0"]
                + Self.problem,
            in: folder
        )
        let ending = program.finish { $0.workers }
        #expect(ending.kind == .exited(31), ending.summary)
        #expect(try !folder.names.contains("o.npy"))
    }

    @Test(arguments: ["1,2", "2,1"])
    func `a weak sweep writes the output of its last point`(workers: String) throws {
        let folder = try TemporaryFolder()
        _ = try Self.run(
            ["scale", "--mode", "weak", "--workers", workers, "--trials", "1", "--warmup", "0"]
                + ["--output", "o.npy"],
            exit: 0,
            in: folder
        )
        let batch = workers.hasSuffix("2") ? 4 : 2
        let header = try folder.bytes("o.npy").count - batch * 4 * 64 * 32 * 4
        #expect(header > 0 && header.isMultiple(of: 64) && header < 512)
    }
}
