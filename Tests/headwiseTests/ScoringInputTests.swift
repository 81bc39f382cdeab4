import TestSupport
import Testing

/// Scoring functions whose parameters come from a file, against NumPy.
struct ScoringInputTests {
    /// Queries of 16 columns, keys of 5 for what projects them, and the parameters of one function.
    private static let maker = """
        import numpy as np, sys
        kind = sys.argv[1]
        r = np.random.default_rng(3)
        n = lambda *shape: r.standard_normal(shape).astype(np.float32)
        t = dict(q=n(2, 2, 40, 16), k=n(2, 2, 60, 16), v=n(2, 2, 60, 8))
        if kind in ("bilinear", "additive"): t["k"] = n(2, 2, 60, 5)
        if kind == "bilinear": t["w"] = n(16, 5) / 4
        if kind == "additive": t.update(w_q=n(6, 16) / 4, w_k=n(6, 5), w_v=n(6))
        if kind == "gaussian": t["w"] = np.float32(0.3)
        if kind == "gaussian-columns": t["w"] = n(16) / 4
        np.savez("t.npz", **t)
        d = {name: a.astype(float) for name, a in t.items()}
        q, k = d["q"], d["k"]
        swapped = k.transpose(0, 1, 3, 2)
        unit = lambda x: x / np.sqrt((x * x).sum(-1, keepdims=True))
        if kind == "dot": s = q @ swapped
        if kind == "cosine": s = unit(q) @ unit(k).transpose(0, 1, 3, 2)
        if kind == "bilinear": s = q @ d["w"] @ swapped
        if kind == "additive":
            hidden = (q @ d["w_q"].T)[:, :, :, None] + (k @ d["w_k"].T)[:, :, None]
            s = np.tanh(hidden) @ d["w_v"]
        if "gaussian" in kind:
            s = -(((q[:, :, :, None] - k[:, :, None]) * d["w"]) ** 2).sum(-1) / 2
        s *= 0.7
        w = np.exp(s - s.max(-1, keepdims=True))
        np.save("expected.npy", w / w.sum(-1, keepdims=True) @ d["v"])
        """

    @Test(
        .enabled(if: Python.hasNumPy, "\(requiresNumPy)"),
        arguments: ["dot", "cosine", "bilinear", "additive", "gaussian", "gaussian-columns"]
    )
    func `parameters from a file give NumPy's output`(_ scoring: String) throws {
        let folder = try TemporaryFolder()
        let made = try Python.run(Self.maker, [scoring], in: folder)
        try #require(made.kind == .exited(0), made.summary)
        let ending = try Headwise.run(
            [
                "run", "--input", "t.npz", "--scoring", scoring, "--score-scale", "0.7",
                "--output", "o.npy",
            ] + fewTrials,
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        let compared = try Python.run(
            """
            import numpy as np
            o, e = np.load("o.npy"), np.load("expected.npy")
            assert o.shape == e.shape and e.std() > 0.1, (o.shape, e.std())
            assert abs(o - e).max() < 4e-6, abs(o - e).max()
            """,
            in: folder
        )
        try #require(compared.kind == .exited(0), compared.summary)
    }

    @Test(
        .enabled(if: Python.hasNumPy, "\(requiresNumPy)"),
        arguments: [
            ("additive", "gaussian", ["t.npz", "gaussian"]), ("gaussian", "additive", ["w_q"]),
            ("bilinear", "gaussian-columns", ["16", "5"]), ("bilinear", "scaled-dot", ["16"]),
        ]
    )
    func `parameters of another function are refused`(
        _ made: String,
        _ asked: String,
        _ names: [String]
    ) throws {
        let folder = try TemporaryFolder()
        let maker = try Python.run(Self.maker, [made], in: folder)
        try #require(maker.kind == .exited(0), maker.summary)
        let ending = try Headwise.run(
            ["run", "--input", "t.npz", "--scoring", asked] + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(64), ending.summary)
        for name in names { #expect(ending.errors.contains(name), ending.summary) }
    }
}
