import TestSupport
import Testing

/// Files of attention weights, read by NumPy.
struct WeightsTests {
    /// Makes q, k, v and the weights in float64; the mask is an expression in i and j.
    private static let maker = """
        import sys, numpy as np
        rng = np.random.default_rng(5)
        q, k = rng.standard_normal((2, 3, 50, 16)), rng.standard_normal((2, 3, 90, 16))
        v = rng.standard_normal((2, 3, 90, 8))
        q, k, v = (x.astype(np.float32) for x in (q, k, v))
        np.savez("t.npz", q=q, k=k, v=v)
        s = np.einsum("bhid,bhjd->bhij", q.astype(float), k.astype(float)) / 4
        i, j = np.ogrid[:50, :90]
        s = np.where(eval(sys.argv[1]), s, -np.inf)
        w = np.exp(s - s.max(-1, keepdims=True))
        np.save("expected.npy", w / w.sum(-1, keepdims=True))
        """

    @Test(
        .enabled(if: Python.hasNumPy, "\(requiresNumPy)"),
        arguments: [
            ("none", "i + j >= 0"), ("causal", "j <= i"), ("causal-bottom-right", "j <= i + 40"),
            ("window:9+3", "(i - j < 9) & (j - i <= 3)"),
            ("causal+window:20", "(j <= i) & (i - j < 20)"),
        ]
    )
    func `a dense file holds NumPy's weights`(_ mask: String, _ rule: String) throws {
        let folder = try TemporaryFolder()
        let made = try Python.run(Self.maker, [rule], in: folder)
        try #require(made.kind == .exited(0), made.summary)
        let plain = try Headwise.run(
            ["run", "--input", "t.npz", "--mask", mask, "--output", "plain.npy"] + fewTrials,
            in: folder
        )
        try #require(plain.kind == .exited(0), plain.summary)
        let ending = try Headwise.run(
            [
                "run", "--input", "t.npz", "--mask", mask, "--output", "o.npy", "--weights",
                "w.npy", "--format", "json", "--quiet",
            ] + fewTrials,
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        #expect(try folder.bytes("o.npy") == folder.bytes("plain.npy"))
        let weights = try #require(try JSONValue(ending.outputBytes)["weights"])
        #expect(weights["status"] == .text("AGREES"))
        #expect(weights["form"] == .text("dense"))
        #expect(weights["rowsChecked"]?.number == 300)
        let compared = try Python.run(
            """
            import numpy as np
            w, e, o = np.load("w.npy"), np.load("expected.npy"), np.load("o.npy")
            assert w.dtype == np.float32 and w.shape == e.shape, (w.dtype, w.shape)
            assert ((w == 0) == (e == 0)).all()
            assert abs(w - e).max() < 1e-6, abs(w - e).max()
            v = np.load("t.npz")["v"]
            assert abs(w.astype(float) @ v - o).max() < 2e-6
            print(int((e > 0).sum()))
            """,
            in: folder
        )
        try #require(compared.kind == .exited(0), compared.summary)
        #expect(compared.output == "\(Int(weights["visible"]?.number ?? -1))\n")
    }

    @Test(.enabled(if: Python.hasNumPy, "\(requiresNumPy)"), arguments: ["zeros", "uniform"])
    func `a pattern's safetensors file holds the visible weights`(_ maskedRows: String) throws {
        let folder = try TemporaryFolder()
        // The last rows see no key.
        let flags =
            [
                "run", "--batch", "2", "--heads", "2", "--length", "150", "--key-length", "100",
                "--mask", "window:30", "--masked-rows", maskedRows, "--head-dimension", "8",
                "--quiet",
            ] + fewTrials
        for name in ["w.npy", "w.safetensors"] {
            let ending = try Headwise.run(flags + ["--weights", name], in: folder)
            try #require(ending.kind == .exited(0), ending.summary)
        }
        let compared = try Python.run(
            """
            import json, struct, numpy as np
            data = open("w.safetensors", "rb").read()
            size = struct.unpack("<Q", data[:8])[0]
            header = json.loads(data[8:8 + size])
            kinds = {"F32": np.float32, "I32": np.int32, "I64": np.int64}
            def tensor(name):
                entry = header[name]
                begin, end = entry["data_offsets"]
                flat = np.frombuffer(data[8 + size + begin:8 + size + end], kinds[entry["dtype"]])
                return flat.reshape(entry["shape"])
            shape, offsets = tensor("shape"), tensor("offsets")
            keys, weights = tensor("keys"), tensor("weights")
            assert offsets[0] == 0 and offsets[-1] == len(keys) == len(weights)
            dense = np.zeros((int(np.prod(shape[:-1])), shape[-1]), np.float32)
            for row in range(len(dense)):
                part = slice(offsets[row], offsets[row + 1])
                dense[row, keys[part]] = weights[part]
            assert (dense.reshape(shape) == np.load("w.npy")).all()
            print(len(weights))
            """,
            in: folder
        )
        try #require(compared.kind == .exited(0), compared.summary)
        // Row i sees the keys above i - 30: 30 in the middle, fewer at both ends.
        let ends: Int = (1...29).reduce(0, +)
        let visible: Int = 4 * (2 * ends + 30 * 71)
        let hidden: Int = maskedRows == "zeros" ? 0 : 4 * 21 * 100
        #expect(compared.output == "\(visible + hidden)\n")
    }

    @Test func `a dense file of a pattern is sparse on disk`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.runShell(
            "headwise run --batch 1 --heads 1 --length 8192 --head-dimension 8 --mask window:16 "
                + "--trials 1 --warmup 0 --verify none --quiet --weights w.npy "
                + "&& du --block-size=1M w.npy && stat -c %s w.npy",
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        let lines = ending.output.split(separator: "\n").suffix(2)
        let used = try #require(lines.first?.split(separator: "\t").first.flatMap { Int($0) })
        #expect(used < 100, "a window of 16 keys is 32 MB in pages, and 256 MB are dense")
        #expect(lines.last == "\(8192 * 8192 * 4 + 128)")
    }

    @Test(arguments: [
        BadInput("run --record @r.json --weights @w.txt", names: "--weights", "w.txt", ".npy"),
        BadInput(
            "run --record @r.json --weights @there.npy",
            code: 40,
            names: "--weights",
            "there.npy",
            files: ["there.npy": Array("precious".utf8)]
        ),
        BadInput(
            "run --record @r.json --weights @w.npy --output @w.npy",
            names: "--weights",
            "--output"
        ),
        BadInput("run --record @r.json --weights @no/w.npy", code: 40, names: "no/w.npy"),
    ])
    func `a file that cannot be written is refused before the run`(_ input: BadInput) throws {
        try input.check()
    }
}
