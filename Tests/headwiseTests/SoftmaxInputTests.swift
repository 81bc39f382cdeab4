import TestSupport
import Testing

/// Masked softmaxes of scores from a file, against NumPy.
struct SoftmaxInputTests {
    /// The cases of the tutorial on attention scoring, in three kinds of files and types, and others
    /// with masks and scores of −∞.
    private static let maker = """
        import numpy as np, os, sys
        kind = sys.argv[1]
        r = np.random.default_rng(8)
        shape = (2, 2, 5) if "rows" in kind else (2, 3, 20, 33) if "heads" in kind else (3, 8, 5)
        t = dict(scores=r.standard_normal(shape).astype(np.float16 if "f16" in kind else np.float32))
        if "same" in kind: t["lengths"] = np.array([2, 2, 2])
        if "batch" in kind: t["lengths"] = np.array([1, 2, 3], np.int32)
        if "rows" in kind: t["lengths"] = np.array([[1, 3], [2, 4]])
        if "mask" in kind: t["mask"] = r.random((3, 1, 33)) < 0.5
        if "infinite" in kind:
            t["scores"][r.random(shape) < 0.3] = -np.inf
            t["scores"][..., 1, :] = -np.inf
        np.savez("t.npz", **t)
        os.mkdir("t")
        for name, a in t.items(): np.save(f"t/{name}.npy", a)
        s = t["scores"].astype(float)
        keys = np.arange(shape[-1])
        if "lengths" in t:
            n = t["lengths"]
            n = n[:, None, None] if n.ndim == 1 else n[:, :, None]
            s[np.broadcast_to(keys >= n, shape)] = -np.inf
        if "mask" in t: s[np.broadcast_to(~t["mask"], shape)] = -np.inf
        if "causal" in kind: s[..., ~np.tri(*shape[-2:], dtype=bool)] = -np.inf
        top = s.max(-1, keepdims=True)
        w = np.exp(s - np.where(np.isfinite(top), top, 0))
        total = w.sum(-1, keepdims=True)
        np.save("expected.npy", w / np.where(total == 0, 1, total))
        """

    private static let checker = """
        import numpy as np
        o, e = np.load("o.npy"), np.load("expected.npy")
        assert o.shape == e.shape and e.std() > 0.01, (o.shape, e.shape)
        assert ((o == 0) == (e == 0)).all()
        assert abs(o - e).max() < 1e-6, abs(o - e).max()
        """

    @Test(
        .enabled(if: Python.hasNumPy, "\(requiresNumPy)"),
        arguments: [
            ("same", "t.npz", []), ("batch", "t", []), ("rows", "t.npz", []),
            ("batch f16", "t.npz", []), ("heads mask", "t", []), ("infinite", "t.npz", []),
            ("heads mask infinite causal", "t.npz", ["--mask", "causal+input"]),
        ]
    )
    func `scores from a file give NumPy's weights`(
        kind: String,
        input: String,
        flags: [String]
    ) throws {
        let folder = try TemporaryFolder()
        let made = try Python.run(Self.maker, [kind], in: folder)
        try #require(made.kind == .exited(0), made.summary)
        let run = ["run", "--operation", "masked-softmax", "--workers", "2", "--output", "o.npy"]
        let ending = try Headwise.run(
            run + ["--input", input, "--record", "r.json"] + flags + fewTrials,
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        // Fewer rows than keys under a causal mask get a note.
        let hasNote = ending.errors.contains("note:")
        #expect(hasNote == flags.contains { $0.contains("causal") }, ending.summary)
        let compared = try Python.run(Self.checker, in: folder)
        try #require(compared.kind == .exited(0), compared.summary)
        guard kind.contains("causal") else { return }
        // The record's plan finds the same tensors.
        let again = try Headwise.run(
            ["run", "--plan", "r.json", "--output", "again.npy"] + fewTrials,
            in: folder
        )
        #expect(again.kind == .exited(0), again.summary)
        #expect(try folder.bytes("again.npy") == folder.bytes("o.npy"))
    }

    private static let scores = TensorBytes.npy(shape: [3, 8, 5]) { $0 % 5 == 4 ? -.infinity : 0.5 }

    @Test(arguments: [
        BadInput("run --mask causal", names: "--mask causal", "--mask causal+input"),
        BadInput("run --layout blhd", names: "--layout blhd", "masked-softmax"),
        BadInput("run --length 9", names: "--length 9", "8"),
        BadInput("run --heads 2", names: "--heads 2", "1"),
        BadInput("run --seed 3", names: "--seed 3"),
        BadInput("scale --mode weak --workers 1,2", names: "--mode weak", "--input"),
        BadInput("run --soft-cap 3", names: "masked-softmax", "--soft-cap"),
    ])
    func `what does not go with the scores of a file is refused`(_ input: BadInput) throws {
        var input = input
        input.arguments += " --operation masked-softmax --input @t"
        input.files = ["t/scores.npy": Self.scores]
        try input.check()
    }

    @Test func `hidden numbers that are not finite are noted, and change nothing`() throws {
        let folder = try TemporaryFolder()
        // The last of 5 scores is hidden.
        try folder.write(
            "t/scores.npy",
            TensorBytes.npy(shape: [3, 8, 5]) { $0 % 5 == 4 ? .nan : Float($0 % 7) }
        )
        let run = ["run", "--operation", "masked-softmax", "--input", "t"] + fewTrials
        let hidden = try Headwise.run(run + ["--mask", "lengths:4,4,4"], in: folder)
        #expect(hidden.kind == .exited(0), hidden.summary)
        #expect(hidden.errors.contains("24 input elements"), hidden.summary)
        let shown = try Headwise.run(run, in: folder)
        #expect(shown.kind == .exited(11), shown.summary)
        #expect(shown.output.contains("24 elements of scores"), shown.summary)
    }
}
