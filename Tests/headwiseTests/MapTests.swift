import FoundationEssentials
import Images
import TestSupport
import Testing

/// The maps of the commands weights and mask, against what other programs compute.
struct MapTests {
    /// The maps of a record: title, cells.
    private static func maps(
        _ record: JSONValue
    ) throws -> [(title: String, cells: [Float?])] {
        try #require(record["maps"]?.list).map { map in
            let cells = try #require(map["cells"]?.list).map { cell in
                cell == .null ? nil : cell.number.map { Float($0) }
            }
            return (map["title"]?.text ?? "", cells)
        }
    }

    /// The Floats at the end of a file.
    private static func floats(_ bytes: [UInt8], _ count: Int) -> [Float] {
        let start = bytes.count - 4 * count
        return (0..<count).map { index in
            let word = (0..<4).reduce(UInt32(0)) {
                $0 | UInt32(bytes[start + 4 * index + $1]) << UInt32(8 * $1)
            }
            return Float(bitPattern: word)
        }
    }

    /// Draws with the flags and returns the record.
    private static func draw(
        _ command: String,
        _ flags: [String],
        in folder: borrowing TemporaryFolder,
        code: Int32 = 0
    ) throws -> JSONValue {
        let ending = try Headwise.run(
            [command] + flags + ["--format", "json", "--quiet"],
            in: folder
        )
        try #require(ending.kind == .exited(code), ending.summary)
        return try JSONValue(ending.outputBytes)
    }

    private static let sizes = ["--batch", "2", "--heads", "2", "--length", "20"]

    @Test(arguments: [
        "--mask causal+window:5 --kv-heads 1 --head-dimension 8",
        "--mask lengths:20,7 --alibi standard --sinks 1,-1 --head-dimension 8",
        "--mask longformer:window=4,global=0 --head-dimension 8",
        "--key-length 30 --mask window:3 --masked-rows uniform --head-dimension 8",
        "--linformer 8 --head-dimension 8", "--scoring additive --head-dimension 8",
        "--operation kernel-regression", "--operation kernel-regression --pooling average",
    ])
    func `maps are the weights that a run writes, computed or from its file`(
        _ problem: String
    ) throws {
        let folder = try TemporaryFolder()
        let flags = Self.sizes + problem.split(separator: " ").map(String.init)
        for file in ["w.npy", "w.safetensors"] {
            let ending = try Headwise.run(
                ["run", "--quiet", "--weights", file] + flags + fewTrials,
                in: folder
            )
            try #require(ending.kind == .exited(0), ending.summary)
        }
        let record = try Self.draw("weights", flags, in: folder)
        let maps = try Self.maps(record)
        #expect(maps.count == 4)
        let found = maps.flatMap(\.cells)
        #expect(found.map { $0 ?? 0 } == Self.floats(try folder.bytes("w.npy"), found.count))
        #expect(record["check.status"] == .text("AGREES"))
        for file in ["w.npy", "w.safetensors"] {
            let read = try Self.draw("weights", ["--from", file], in: folder)
            let stored = try Self.maps(read)
            #expect(
                stored.map { $0.cells.map { $0 ?? 0 } } == maps.map { $0.cells.map { $0 ?? 0 } }
            )
        }
    }

    @Test(arguments: ["none", "causal", "lengths:20,7"])
    func `maps of scores are the softmax that a run writes`(_ mask: String) throws {
        let folder = try TemporaryFolder()
        let flags = Self.sizes + ["--operation", "masked-softmax", "--mask", mask]
        let ending = try Headwise.run(
            ["run", "--quiet", "--output", "o.npy"] + flags + fewTrials,
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        let cells = try Self.maps(try Self.draw("weights", flags, in: folder)).flatMap(\.cells)
        #expect(cells.map { $0 ?? 0 } == Self.floats(try folder.bytes("o.npy"), 4 * 400))
        #expect(cells.contains { $0 == nil } == (mask != "none"))
    }

    /// Makes a layer and its input, and its weights in float64.
    private static let layer = """
        import sys, numpy as np
        r = np.random.default_rng(3)
        n = lambda *shape: r.standard_normal(shape).astype(np.float32) / 2
        E, H, d = 12, 3, 4
        x = 4 * n(2, 9, E)
        np.savez("x.npz", query=x)
        heads = lambda y: y.reshape(2, 9, H, d).transpose(0, 2, 1, 3)
        y = x.astype(float)
        if sys.argv[1] == "multi-head":
            w, b = n(3 * E, E), n(3 * E)
            np.savez("layer.npz", in_proj_weight=w, in_proj_bias=b,
                     **{"out_proj.weight": n(E, E), "out_proj.bias": n(E)})
            q, k, v = (heads(part) for part in np.split(y @ w.astype(float).T + b, 3, axis=-1))
            scale = 1 / np.sqrt(d)
        else:
            a, b, c = n(d, d), n(d, d), n(d, d)
            np.savez("layer.npz", **{"queries.weight": a, "keys.weight": b, "values.weight": c,
                     "fc_out.weight": n(E, E), "fc_out.bias": n(E)})
            q, k = heads(y) @ a.astype(float).T, heads(y) @ b.astype(float).T
            scale = 1 / np.sqrt(E)
        s = np.einsum("bhid,bhjd->bhij", q, k) * scale
        s = np.where(np.tri(9, dtype=bool), s, -np.inf)
        e = np.exp(s - s.max(-1, keepdims=True))
        np.save("expected.npy", e / e.sum(-1, keepdims=True))
        """

    private static let comparison = """
        import json, numpy as np
        maps = json.load(open("r.json"))["maps"]
        found = np.array([[np.nan if c is None else c for c in m["cells"]] for m in maps])
        e = np.load("expected.npy").reshape(6, 81)
        assert ((e == 0) == np.isnan(found)).all()
        assert abs(np.nan_to_num(found) - e).max() < 2e-6, abs(np.nan_to_num(found) - e).max()
        assert np.nanstd(found) > 0.05
        """

    @Test(
        .enabled(if: Python.hasNumPy, "\(requiresNumPy)"),
        arguments: ["multi-head", "multi-head-shared"]
    )
    func `maps of a layer are NumPy's weights`(_ operation: String) throws {
        let folder = try TemporaryFolder()
        let made = try Python.run(Self.layer, [operation], in: folder)
        try #require(made.kind == .exited(0), made.summary)
        let ending = try Headwise.run(
            [
                "weights", "--operation", operation, "--heads", "3", "--layer", "layer.npz",
                "--input", "x.npz", "--mask", "causal", "--record", "r.json", "--quiet",
            ],
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        let compared = try Python.run(Self.comparison, in: folder)
        #expect(compared.kind == .exited(0), compared.summary)
    }

    @Test func `a large map has the largest or the mean weights of a plain loop`() throws {
        let folder = try TemporaryFolder()
        let flags = ["--heads", "1", "--length", "70", "--mask", "causal"]
        let whole = try Self.maps(try Self.draw("weights", flags, in: folder))[0].cells
        for reduction in ["maximum", "mean"] {
            let record = try Self.draw(
                "weights",
                flags + ["--cells", "9", "--reduce", reduction],
                in: folder
            )
            let cells = try Self.maps(record)[0].cells
            #expect(record["maps[0].rowsPerCell"] == .number(8))
            try #require(cells.count == 81)
            for (index, cell) in cells.enumerated() {
                let (rows, columns) = (index / 9 * 8, index % 9 * 8)
                let all = (rows..<min(70, rows + 8)).flatMap { row in
                    (columns..<min(70, columns + 8)).map { whole[row * 70 + $0] }
                }
                let shown = all.compactMap { $0 }
                let sum = shown.reduce(0) { $0 + Double($1) }
                let expected =
                    reduction == "mean" ? Float(sum / Double(all.count)) : shown.max() ?? 0
                #expect(cell ?? 0 == expected)
                #expect((cell == nil) == shown.isEmpty)
            }
        }
    }

    @Test(arguments: [
        "causal", "causal+window:9", "lengths:40,11", "bigbird:window=1,random=1,global=1,block=8",
        "longformer:window=8,global=0+20",
    ])
    func `a mask has the pairs and operations of a run`(_ mask: String) throws {
        let folder = try TemporaryFolder()
        let flags = [
            "--batch", "2", "--heads", "2", "--length", "40", "--mask", mask,
            "--head-dimension", "16",
        ]
        let ending = try Headwise.run(
            ["run", "--quiet", "--weights", "w.safetensors", "--record", "r.json"] + flags
                + fewTrials,
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        let run = try JSONValue(file: folder.file("r.json"))
        let record = try Self.draw("mask", flags, in: folder)
        let visible = try #require(record["work.visiblePairs"]?.number)
        #expect(visible == run["weights.visible"]?.number)
        #expect(record["work.pairs"] == .number(4 * 1600))
        let summary = try #require(run["points[0].summary"])
        let rate = try #require(summary["gigaflopsPerSecond"]?.number)
        let time = try #require(summary["medianNanoseconds"]?.number)
        let flops = try #require(record["work.flops"]?.number)
        #expect(abs(flops / (rate * time) - 1) < 1e-6)
        #expect(flops == visible * 64)
        // One map for each that differs; a cell is one pair.
        let maps = try Self.maps(record)
        #expect(maps.count == (mask.hasPrefix("lengths") ? 2 : 1))
        let filled = maps.reduce(0) { $0 + $1.cells.count { $0 == 1 } }
        #expect(filled * 4 / maps.count == Int(visible))
    }

    @Test(arguments: ["zeros", "uniform"])
    func `a row without keys shows no pair, whatever its weights are`(_ rows: String) throws {
        let folder = try TemporaryFolder()
        // Of six rows, two see nothing, and the others 1, 2, 3 and 4 keys.
        let flags = [
            "--batch", "1", "--heads", "1", "--length", "6", "--key-length", "4", "--mask",
            "causal-bottom-right", "--masked-rows", rows,
        ]
        let mask = try Self.draw("mask", flags, in: folder)
        #expect(mask["work.visiblePairs"] == .number(10))
        #expect(try Self.maps(mask)[0].cells.count { $0 != nil } == 10)
        let weights = try Self.draw("weights", flags, in: folder)
        for record in [mask, weights] {
            #expect(record["slices[0].visiblePairs"] == .number(10))
            #expect(record["slices[0].hiddenRows"] == .number(2))
        }
        let cells = try Self.maps(weights)[0].cells
        #expect(cells[..<8].allSatisfy { $0 == (rows == "uniform" ? 0.25 : nil) })
        // The means are those of the other rows.
        let seeing = (2..<6).map { row in cells[4 * row..<4 * row + 4].compactMap { $0 } }
        let largest = seeing.reduce(0) { $0 + Double($1.max() ?? 0) } / 4
        let mean = try #require(weights["slices[0].meanLargest"]?.number)
        #expect(abs(mean - largest) < 1e-9)
        for command in ["mask", "weights"] {
            let table = try Headwise.run([command] + flags + ["--quiet"], in: folder)
            #expect(table.output.contains("--masked-rows") == (rows == "uniform"), table.summary)
        }
    }

    @Test(
        arguments: [
            ("weights --heads 10 --length 4", ["8 of 10", "--slices"]),
            (
                "weights --heads 2 --length 20 --grid 4x5",
                ["of 2", "--slices", "16 of 20", "--rows"]
            ),
            ("mask --mask lengths:random --batch 9 --length 4", ["8 of 9", "--slices"]),
        ]
    )
    func `what is drawn of more is said, unless it was named`(
        _ command: String,
        _ words: [String]
    ) throws {
        let folder = try TemporaryFolder()
        let flags = command.split(separator: " ").map(String.init)
        let ending = try Headwise.run(flags, in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        for word in words { #expect(ending.errors.contains(word), ending.summary) }
        let named =
            words.contains("--rows") ? ["--slices", "0:0", "--rows", "0-15"] : ["--slices", "all"]
        let quiet = try Headwise.run(flags + named, in: folder)
        #expect(quiet.kind == .exited(0), quiet.summary)
        #expect(!quiet.errors.contains("--slices") && !quiet.errors.contains("--rows"))
    }

    @Test func `rows lie over an image with their tokens as titles`() throws {
        let folder = try TemporaryFolder()
        let pixels = (0..<3 * 15 * 7).map { UInt8($0 % 251) }
        try folder.write("i.png", PNGPicture(width: 15, height: 7, pixels: pixels).file)
        try folder.write("t.txt", "a\nman\r\non\n")
        let flags = ["--heads", "2", "--length", "3", "--key-length", "24", "--slices", "0:1"]
        let whole = try Self.maps(try Self.draw("weights", flags, in: folder))[0].cells
        let record = try Self.draw(
            "weights",
            flags + [
                "--grid", "4x6", "--image", "i.png", "--query-labels", "t.txt", "--picture",
                "p.svg", "--report", "p.html",
            ],
            in: folder
        )
        let maps = try Self.maps(record)
        #expect(maps.map(\.title) == ["a", "man", "on"])
        #expect(maps.flatMap(\.cells) == whole)
        #expect(record["image.width"] == .number(15) && record["image.height"] == .number(7))
        #expect(record["image.pixels"] == .text(Data(pixels).base64EncodedString()))
        #expect(try folder.names.contains("p.html"))
    }
}
