import TestSupport
import Testing

/// Flags on top of a plan or a record, and words that take something away.
struct PlanFlagTests {
    private func run(_ words: [String], in folder: borrowing TemporaryFolder) throws -> Ending {
        let ending = try Headwise.run(["run"] + words + ["--quiet"] + fewTrials, in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        return ending
    }

    private func plan(_ name: String, in folder: borrowing TemporaryFolder) throws -> JSONValue {
        try #require(try JSONValue(file: folder.file(name))["plan"])
    }

    @Test(arguments: ["run", "kernel"])
    func `no record is kept, and the page is still written`(_ command: String) throws {
        let folder = try TemporaryFolder()
        let problem =
            command == "run"
            ? smallProblem + fewTrials
            : ["--length", "64", "--head-dimension", "16", "--budget", "0.001"]
        let ending = try Headwise.run(
            [command, "--record", "none", "--report", "page.html"] + problem,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(!ending.errors.contains("record:"), ending.summary)
        #expect(try folder.names == ["page.html"])
        let named = try Headwise.run(
            [command, "--record", "./none", "--quiet"] + problem,
            in: folder
        )
        #expect(named.kind == .exited(0), named.summary)
        #expect(try folder.names == ["none", "page.html"])
    }

    @Test func `a record is repeated without its output files, and with others`() throws {
        let folder = try TemporaryFolder()
        let files = ["--output", "o.npy", "--weights", "w.npy"]
        _ = try run(smallProblem + files + ["--record", "a.json"], in: folder)
        _ = try run(["--plan", "a.json", "--record", "b.json"], in: folder)
        let repeated = try plan("b.json", in: folder)
        #expect(repeated["output"] == nil && repeated["weights"] == nil)
        _ = try run(
            ["--plan", "a.json", "--record", "c.json", "--output", "other.npy"],
            in: folder
        )
        #expect(try folder.bytes("other.npy") == folder.bytes("o.npy"))
        // A plan asks for its files each time.
        let own = try #require(try plan("a.json", in: folder)["output"]?.text)
        try folder.write(
            "p.json",
            #"{"schema": "headwise.plan/1", "length": 64, "output": "\#(own)"}"#
        )
        let refused = try Headwise.run(["run", "--plan", "p.json"] + fewTrials, in: folder)
        #expect(refused.kind == .exited(40), refused.summary)
        let without = try Headwise.run(
            ["run", "--plan", "p.json", "--output", "none", "--record", "none", "--quiet"]
                + fewTrials,
            in: folder
        )
        #expect(without.kind == .exited(0), without.summary)
    }

    @Test(arguments: [
        (["--linformer", "16"], ["--linformer", "none"], "linformer"),
        (["--soft-cap", "30"], ["--soft-cap", "none"], "softCap"),
        (["--score-scale", "0.5"], ["--score-scale", "none"], "scoreScale"),
        (["--alibi", "standard"], ["--alibi", "none"], "alibi"),
        (["--scoring", "additive", "--hidden", "8"], ["--scoring", "dot"], "hidden"),
        (
            ["--operation", "multi-head", "--embedding", "64"], ["--operation", "attention"],
            "embedding"
        ),
        (
            ["--operation", "multi-head", "--embedding", "64"], ["--embedding", "none"], "embedding"
        ),
        (
            ["--operation", "kernel-regression", "--epochs", "2"], ["--operation", "attention"],
            "epochs"
        ),
    ])
    func `a plan's value can be taken away`(
        _ first: [String],
        _ second: [String],
        _ key: String
    ) throws {
        let folder = try TemporaryFolder()
        let sizes = ["--batch", "1", "--heads", "2", "--length", "64"]
        _ = try run(sizes + first + ["--record", "a.json"], in: folder)
        #expect(try plan("a.json", in: folder)[key] != nil)
        _ = try run(["--plan", "a.json", "--record", "b.json"] + second, in: folder)
        let found = try plan("b.json", in: folder)
        #expect(found[key] == nil || found[key] == .null)
    }

    @Test func `a record of an input goes back to generated tensors`() throws {
        let folder = try TemporaryFolder()
        for name in ["q", "k", "v"] {
            try folder.write("t/\(name).npy", TensorBytes.npy(shape: [1, 2, 8, 16]))
        }
        _ = try run(["--input", "t", "--record", "a.json"], in: folder)
        _ = try run(["--plan", "a.json", "--input", "none", "--record", "b.json"], in: folder)
        let found = try plan("b.json", in: folder)
        #expect(found["input"] == nil || found["input"] == .null)
        #expect(found["length"]?.number == 8)
    }

    @Test func `kernels are measured with other scores`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            [
                "kernel", "--length", "64", "--head-dimension", "16", "--mask", "none", "--budget",
                "0.001", "--scoring", "scaled-dot,cosine,additive", "--record", "k.json",
            ],
            in: folder
        )
        // Beside other tests, so few samples may come to a figure that cannot be.
        #expect([.exited(0), .exited(12)].contains(ending.kind), ending.summary)
        let rows = try #require(try JSONValue(file: folder.file("k.json"))["rows"]?.list)
        #expect(
            rows.map { $0["score.kind"]?.text ?? "none" } == ["none", "cosine", "additive"]
        )
        #expect(rows.allSatisfy { $0["status"] == .text("AGREES") }, ending.summary)
        for name in ["scaled-dot", "cosine", "additive"] {
            #expect(ending.output.contains(name), ending.summary)
        }
    }

    @Test(arguments: [
        BadInput("kernel --scoring cosines", names: "--scoring", "cosines", "gaussian-columns"),
        BadInput("kernel --suite --scoring cosine", names: "--suite", "--scoring"),
        BadInput("run --linformer nothing", names: "'nothing'", "none"),
    ])
    func `other words are refused`(_ input: BadInput) throws {
        try input.check()
    }

    @Test func `few trials have one remedy`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            ["run", "--trials", "1", "--replicates", "3", "--record", "r.json"] + smallProblem,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let warnings = try JSONValue(file: folder.file("r.json"))["warnings"]?.list ?? []
        let remedies = warnings.compactMap { $0["remedy"]?.text }.joined(separator: "\n")
        #expect(remedies.contains("--trials 3"), "\(remedies)")
        #expect(!remedies.contains("--trials 6"), "\(remedies)")
    }
}
