import Record
import TestSupport
import Testing

/// `--operation decode-steps`, by the program.
struct DecodeStepsTests {
    private static let sizes = ["--batch", "2", "--heads", "4", "--kv-heads", "2"]

    private func run(_ flags: [String], in folder: borrowing TemporaryFolder) throws -> Ending {
        let ending = try Headwise.run(["run"] + Self.sizes + flags + fewTrials, in: folder)
        try #require(ending.kind == .exited(0), ending.summary)
        return ending
    }

    @Test(arguments: [
        ["--split", "head"], ["--split", "keys", "--plane", "shared"],
        ["--plane", "inline", "--outputs", "messages"],
    ])
    func `a trial is so many steps, whose latencies a record sums up`(flags: [String]) throws {
        let folder = try TemporaryFolder()
        let steps = ["--operation", "decode-steps", "--steps", "6", "--key-length", "40"]
        let ending = try run(
            steps + flags + ["--workers", "2", "--record", "r.json", "--output", "steps.npy"],
            in: folder
        )
        let record = try RunRecord.read(folder.file("r.json"))
        let point = try #require(record.points.first)
        let found = try #require(point.steps)
        #expect(found.steps == 6)
        let times = [
            found.medianNanoseconds, found.percentile90Nanoseconds, found.percentile99Nanoseconds,
            found.longestNanoseconds,
        ]
        #expect(times[0] > 0 && zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
        let longest = point.samples.map(\.wallNanoseconds).max() ?? 0
        #expect(found.longestNanoseconds <= Double(longest))
        let median = try #require(point.summary?.wall.medianNanoseconds)
        #expect(abs(found.tokensPerSecond * median / 1e9 - 12) < 1e-6)
        #expect(point.verification.bitwiseEqual == true)
        #expect(ending.output.contains("tokens"), ending.summary)
        // All rows at once are the same numbers.
        _ = try run(
            [
                "--length", "6", "--key-length", "46", "--mask", "causal-bottom-right", "--record",
                "none", "--output", "rows.npy",
            ],
            in: folder
        )
        let output = try folder.bytes("steps.npy")
        #expect(output.count > 2 * 4 * 6 * 64 * 4)
        #expect(output == (try folder.bytes("rows.npy")))
    }

    @Test func `a file's last keys are those of its rows`() throws {
        let folder = try TemporaryFolder()
        for (name, rows) in [("q", 3), ("k", 10), ("v", 10)] {
            try folder.write("t/\(name).npy", TensorBytes.npy(shape: [1, 2, rows, 16]))
        }
        let flags = ["--operation", "decode-steps", "--input", "t", "--workers", "1"]
        let ending = try Headwise.run(
            ["run", "--record", "r.json"] + flags + fewTrials,
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        let plan = try RunRecord.read(folder.file("r.json")).plan
        #expect(plan.steps == 3)
        #expect(plan.keyLength == 7)
        let again = try Headwise.run(
            ["run", "--plan", "r.json", "--record", "none"] + fewTrials,
            in: folder
        )
        #expect(again.kind == .exited(0), again.summary)
        for (from, operation) in [("r", "attention"), ("attention", "decode-steps")] {
            let other = try Headwise.run(
                [
                    "run", "--plan", "\(from).json", "--operation", operation, "--record",
                    "\(operation).json",
                ] + fewTrials,
                in: folder
            )
            #expect(other.kind == .exited(0), other.summary)
        }
        let rows = try RunRecord.read(folder.file("attention.json")).plan
        #expect(rows.length == 3 && rows.keyLength == 10)
        #expect(try RunRecord.read(folder.file("decode-steps.json")).plan.steps == 3)
        for (wrong, named) in [("--steps 4", "--steps 4"), ("--key-length 8", "--key-length 8")] {
            let refused = try Headwise.run(
                ["run", "--record", "none"] + flags + wrong.split(separator: " ").map(String.init),
                in: folder
            )
            #expect(refused.kind == .exited(64), refused.summary)
            #expect(refused.errors.contains(named), refused.summary)
        }
        try folder.write("t/k.npy", TensorBytes.npy(shape: [1, 2, 3, 16]))
        try folder.write("t/v.npy", TensorBytes.npy(shape: [1, 2, 3, 16]))
        let short = try Headwise.run(["run", "--record", "none"] + flags, in: folder)
        #expect(short.kind == .exited(64), short.summary)
        #expect(short.errors.contains("decode-steps"), short.summary)
    }
}
