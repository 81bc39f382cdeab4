import TestSupport
import Testing

/// Tensors of a file that a run does not use, and those it uses without a flag.
struct UnusedTensorTests {
    private static func data(_ names: [(String, [Int])]) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for (name, shape) in names { files["t/\(name).npy"] = TensorBytes.npy(shape: shape) }
        return files
    }

    private static let attention = [
        ("q", [1, 2, 8, 16]), ("k", [1, 2, 8, 16]), ("v", [1, 2, 8, 16]),
    ]

    @Test(arguments: [
        (attention + [("e", [4, 8]), ("f", [4, 8])], [], ["e", "f"]),
        (attention + [("e", [4, 8]), ("f", [4, 8])], ["--linformer", "4"], []),
        (attention + [("w", [16])], [], ["w"]),
        (attention + [("w", [16])], ["--scoring", "gaussian-columns"], []),
        (attention + [("w_q", [4, 16]), ("sinks", [2])], ["--sinks", "none"], ["w_q", "sinks"]),
        (
            [("q", [1, 2, 8, 1]), ("k", [1, 2, 8, 1]), ("v", [1, 2, 8, 1]), ("w", [1])],
            ["--operation", "kernel-regression", "--pooling", "gaussian"], ["w"]
        ),
    ])
    func `a note names parameters that the run does not use`(
        _ tensors: [(String, [Int])],
        _ flags: [String],
        _ unused: [String]
    ) throws {
        let folder = try TemporaryFolder()
        for (name, bytes) in Self.data(tensors) { try folder.write(name, bytes) }
        let ending = try Headwise.run(
            ["run", "--input", "t", "--record", "none"] + flags + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let notes = ending.errorLines.filter { $0.hasPrefix("note: ") }
        #expect(notes.isEmpty == unused.isEmpty, ending.summary)
        for name in unused {
            #expect(
                notes.contains { note in
                    note.split { !$0.isLetter && $0 != "_" }.contains { $0 == name }
                },
                ending.summary
            )
        }
    }

    @Test func `the heading names the bias that came from a file`() throws {
        let folder = try TemporaryFolder()
        let tensors = Self.attention + [("bias", [8, 8])]
        for (name, bytes) in Self.data(tensors) { try folder.write(name, bytes) }
        let ending = try Headwise.run(
            ["run", "--input", "t", "--record", "r.json"] + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.output.contains("bias"), ending.summary)
        #expect(try JSONValue(file: folder.file("r.json"))["inputMask[0]"] == .text("bias"))
    }

    @Test func `a folder of a state dict has modules`() throws {
        let folder = try TemporaryFolder()
        for layer in ["a.attn", "b.attn"] {
            for (name, shape) in [("in_proj_weight", [24, 8]), ("out_proj.weight", [8, 8])] {
                try folder.write("w/\(layer).\(name).npy", TensorBytes.npy(shape: shape))
            }
        }
        let words = [
            "run", "--operation", "multi-head", "--heads", "2", "--layer", "w", "--length", "8",
            "--record", "none",
        ]
        let several = try Headwise.run(words + fewTrials, in: folder)
        #expect(several.kind == .exited(64), several.summary)
        expectOneSentence(several, naming: ["a.attn", "b.attn", "--module"])
        let one = try Headwise.run(words + ["--module", "b.attn"] + fewTrials, in: folder)
        #expect(one.kind == .exited(0), one.summary)
        #expect(one.errors.contains("in_proj_bias"), one.summary)
    }

    @Test func `compare says what run says of a plan's files`() throws {
        let folder = try TemporaryFolder()
        for (name, shape) in [("in_proj_weight", [24, 8]), ("out_proj.weight", [8, 8])] {
            try folder.write("w/\(name).npy", TensorBytes.npy(shape: shape))
        }
        try folder.write(
            "p.json",
            #"""
            {"schema": "headwise.plan/1", "operation": "multi-head", "heads": 2, "length": 8,
            "layer": "\#(folder.file("w"))", "embedding": 8, "workers": [1], "batch": 1}
            """#
        )
        let ending = try Headwise.run(
            ["compare", "p.json", "p.json", "--record", "r.json", "--format", "json", "--quiet"]
                + CompareTests.short,
            in: folder
        )
        #expect([0, 20, 22].contains(ending.code ?? -1), ending.summary)
        let notes = try JSONValue(ending.outputBytes)["notes"]?.list?.compactMap(\.text) ?? []
        for side in ["A", "B"] {
            #expect(
                notes.contains { $0.hasPrefix("\(side): ") && $0.contains("in_proj_bias") },
                "\(notes)"
            )
        }
    }
}
