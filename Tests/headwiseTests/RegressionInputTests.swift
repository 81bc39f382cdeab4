import TestSupport
import Testing

/// Kernel regression of data from a file, against NumPy.
struct RegressionInputTests {
    /// Three sets of 70 rows; training and predictions in float64.
    private static let maker = """
        import numpy as np, sys
        pooling, epochs, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
        r = np.random.default_rng(8)
        x = np.sort(r.random((1, 3, 70, 1)) * 5, axis=2).astype(np.float32)
        y = (2 * np.sin(x) + x ** 0.8 + r.standard_normal(x.shape) / 2).astype(np.float32)
        q = np.linspace(0, 5, 40, dtype=np.float32).reshape(1, 1, 40, 1).repeat(3, 1)
        np.savez("t.npz", q=q, k=x, v=y)
        expected = np.empty((3, 40))
        for s in range(3):
            xs, ys, qs = (t[0, s, :, 0].astype(float) for t in (x, y, q))
            w = 0.0 if pooling == "average" else 1.0
            for _ in range(epochs if pooling == "learned" else 0):
                squares = (xs[:, None] - xs) ** 2
                p = np.exp(-squares * w * w / 2) * (1 - np.eye(70))
                p /= p.sum(1, keepdims=True)
                mean, slope = p @ ys, -w * squares
                derivative = (p * slope) @ ys - (p * slope).sum(1) * mean
                w -= rate * (2 * (mean - ys) * derivative).sum()
            p = np.exp(-((qs[:, None] - xs) * w) ** 2 / 2)
            expected[s] = p / p.sum(1, keepdims=True) @ ys
        np.save("expected.npy", expected.reshape(1, 3, 40, 1))
        """

    @Test(
        .enabled(if: Python.hasNumPy, "\(requiresNumPy)"),
        arguments: ["average", "gaussian", "learned"]
    )
    func `data from a file give NumPy's predictions`(_ pooling: String) throws {
        let folder = try TemporaryFolder()
        let made = try Python.run(Self.maker, [pooling, "8", "0.01"], in: folder)
        try #require(made.kind == .exited(0), made.summary)
        let training = pooling == "learned" ? ["--epochs", "8", "--rate", "0.01"] : []
        let ending = try Headwise.run(
            [
                "run", "--input", "t.npz", "--operation", "kernel-regression", "--pooling", pooling,
                "--output", "o.npy", "--workers", "2",
            ] + training + fewTrials,
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        let compared = try Python.run(
            """
            import numpy as np, sys
            o, e = np.load("o.npy"), np.load("expected.npy")
            assert o.shape == e.shape and (o.std() > 0.3 or sys.argv[1] == "average"), o.std()
            assert abs(o - e).max() < 2e-4, abs(o - e).max()
            """,
            [pooling],
            in: folder
        )
        try #require(compared.kind == .exited(0), compared.summary)
    }
}
