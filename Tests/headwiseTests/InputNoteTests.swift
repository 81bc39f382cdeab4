import FoundationEssentials
import TestSupport
import Testing

/// Notes about a mask or lengths of an input that the run does not use.
struct InputNoteTests {
    private static let shape = [2, 1, 8, 16]
    private static let array = TensorBytes.npy(shape: shape)
    private static let lengths = TensorBytes.npy(
        shape: [2],
        type: "<i4",
        payload: [5, 0, 0, 0, 3, 0, 0, 0]
    )
    private static let files = [
        "t/q.npy": array, "t/k.npy": array, "t/v.npy": array, "t/lengths.npy": lengths,
    ]

    private func run(_ words: [String]) throws -> Ending {
        let folder = try TemporaryFolder()
        for (name, bytes) in Self.files { try folder.write(name, bytes) }
        return try Headwise.run(
            ["run", "--input", "t", "--record", "r.json"] + fewTrials + words,
            in: folder
        )
    }

    @Test(arguments: [
        (["--mask", "causal"], "lengths"),
        (["--mask", "causal"], "--mask causal+input"),
        (["--mask", "none"], "--mask input"),
        ([], nil), (["--mask", "causal+input"], nil), (["--mask", "causal", "--quiet"], nil),
    ])
    func `a note names lengths that the mask does not use`(
        words: [String],
        word: String?
    ) throws {
        let ending = try run(words)
        #expect(ending.kind == .exited(0), ending.summary)
        let notes = ending.errorLines.filter { $0.hasPrefix("note: ") }
        if let word {
            #expect(notes.contains { $0.contains(word) }, ending.summary)
        } else {
            #expect(notes.isEmpty, ending.summary)
        }
    }

    @Test(arguments: [
        (["--mask", "causal", "--length", "1"], true),
        (["--mask", "causal", "--length", "30"], true),
        (["--mask", "causal+window:4", "--length", "1"], true),
        (["--mask", "causal-bottom-right", "--length", "1"], false),
        (["--mask", "causal", "--length", "1", "--offset", "39"], false),
        (["--mask", "causal", "--length", "40"], false), (["--length", "1"], false),
    ])
    func `a note names the mask that shows all keys to the last rows`(
        words: [String],
        isNoted: Bool
    ) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            ["run", "--batch", "1", "--heads", "2", "--head-dimension", "16", "--record", "r.json"]
                + fewTrials + words + ["--key-length", "40"],
            in: folder
        )
        let notes = ending.errorLines.filter { $0.hasPrefix("note: ") }
        #expect(notes.contains { $0.contains("causal-bottom-right") } == isNoted, ending.summary)
    }

    @Test func `a path that is not UTF-8 is refused, and nothing is written`() throws {
        let folder = try TemporaryFolder()
        for line in [
            #"headwise run --workers 1 --trials 2 --record $'gr\xf6sse.json'"#,
            #"headwise run --workers 1 --trials 2 --output $'\xff.npy'"#,
        ] {
            let ending = try Headwise.runShell(line, in: folder)
            #expect(ending.kind == .exited(64), ending.summary)
            expectOneSentence(ending, naming: ["UTF-8"])
            #expect(try folder.names == [])
        }
    }

    @Test(arguments: [
        BadInput("run --input @t --seed 3", names: "--seed 3", "/t", files: files),
        BadInput("run --input @t --values large", names: "--values large", files: files),
        BadInput("scale --workers 1 --input @t --seed 3", names: "--seed 3", files: files),
    ])
    func `a flag that generates tensors is refused with an input`(_ input: BadInput) throws {
        try input.check()
    }

    @Test func `a seed that draws lengths is allowed with an input`() throws {
        let ending = try run(["--seed", "3", "--mask", "lengths:random"])
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errors.contains("--mask input"), ending.summary)
    }

    @Test func `two paths of one file are refused`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.makeFolder("there")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"),
            withDestinationPath: "there"
        )
        let ending = try Headwise.run(
            ["run", "--output", "there/o.npy", "--record", "link/o.npy"],
            in: folder
        )
        #expect(ending.kind == .exited(64), ending.summary)
        expectOneSentence(
            ending,
            naming: ["--record link/o.npy", "--output there/o.npy"]
        )
        #expect(try TemporaryFolder.names(in: folder.file("there")).isEmpty)
    }
}
