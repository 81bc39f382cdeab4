import TestSupport
import Testing

/// Clusters read what other libraries write, where these are installed.
struct LibraryWritersTests {
    struct Writer: Sendable, CustomTestStringConvertible {
        /// What the program imports.
        let modules: [String]
        let file: String
        /// Writes `file` from the float32 arrays q, k and v, and the booleans mask.
        let program: String
        var flags: [String] = []
        /// What makes of an array of NumPy what the file has of it, for the expected output.
        var rounding = "lambda x: x"
        /// The order of the axes [B,H,L,D] in the file.
        var axes = "(0, 1, 2, 3)"

        var testDescription: String { "\(modules.joined(separator: ", ")): \(file)" }
    }

    private static let bfloat16 = "lambda x: (x.view(np.uint32) & 0xffff0000).view(np.float32)"

    private static let writers = [
        Writer(
            modules: ["numpy"],
            file: "t.npz",
            program: """
                np.savez_compressed("t.npz", q=np.asfortranarray(q, np.float64), k=k.astype(">f4"),
                                    v=v, mask=mask.astype(np.int64))
                """
        ),
        Writer(
            modules: ["numpy", "torch", "safetensors"],
            file: "t.safetensors",
            program: """
                import torch
                from safetensors.torch import save_file
                q, k, v, mask = (torch.from_numpy(x.copy()) for x in (q, k, v, mask))
                save_file(dict(query=q.bfloat16(), key=k.bfloat16(), value=v.bfloat16(),
                               mask=mask.long()), "t.safetensors", metadata={"format": "pt"})
                """,
            rounding: bfloat16
        ),
        Writer(
            modules: ["numpy", "mlx"],
            file: "t.safetensors",
            program: """
                import mlx.core as mx
                mx.save_safetensors("t.safetensors", {name: mx.array(x) for name, x in (
                    ("q", q), ("k", k), ("v", v), ("mask", mask))})
                """
        ),
        Writer(
            modules: ["numpy", "mlx"],
            file: "t.npz",
            program: """
                import mlx.core as mx
                a = {name: mx.array(x).astype(mx.bfloat16) for name, x in zip("qkv", (q, k, v))}
                mx.savez_compressed("t.npz", **a, mask=mx.array(mask))
                """,
            rounding: bfloat16
        ),
        Writer(
            modules: ["numpy", "jax"],
            file: "t.npz",
            program: """
                import jax.numpy as jnp
                a = {name: jnp.asarray(x, jnp.bfloat16) for name, x in zip("qkv", (q, k, v))}
                jnp.savez("t.npz", **a, mask=jnp.asarray(mask))
                """,
            flags: ["--layout", "blhd"],
            rounding: bfloat16,
            axes: "(0, 2, 1, 3)"
        ),
        Writer(
            modules: ["numpy", "jax", "safetensors"],
            file: "t.safetensors",
            program: """
                import jax.numpy as jnp
                from safetensors.flax import save_file
                save_file({"model." + name: jnp.asarray(x) for name, x in (
                    ("query", q), ("key", k), ("value", v), ("mask", mask))}, "t.safetensors")
                """,
            flags: ["--tensors", "model."]
        ),
        Writer(
            modules: ["numpy", "tinygrad"],
            file: "t.safetensors",
            program: """
                from tinygrad import Tensor
                from tinygrad.nn.state import safe_save
                safe_save({name: Tensor(x) for name, x in (
                    ("q", q), ("k", k), ("v", v), ("mask", mask))}, "t.safetensors")
                """
        ),
        Writer(
            modules: ["numpy", "paddle"],
            file: "t.npz",
            program: """
                import paddle
                p = lambda x: paddle.to_tensor(np.ascontiguousarray(x)).numpy()
                np.savez("t.npz", q_proj=p(q.reshape(2, 9, 48)), k_proj=p(k.reshape(2, 9, 48)),
                         v_proj=p(v.reshape(2, 9, 48)), mask=p(mask.astype(np.int32)))
                """,
            flags: ["--heads", "3"],
            axes: "(0, 2, 1, 3)"
        ),
        Writer(
            modules: ["numpy", "tensorflow"],
            file: "t.npz",
            program: """
                import tensorflow as tf
                np.savez("t.npz", q=tf.constant(q, tf.float64).numpy(), k=tf.constant(k).numpy(),
                         v=tf.constant(v).numpy(), mask=tf.constant(mask).numpy())
                """
        ),
    ]

    private static let installed: [Writer] = {
        let modules = Set(writers.flatMap(\.modules))
        let found = Python.installed(among: modules.sorted())
        return writers.filter { found.isSuperset(of: $0.modules) }
    }()

    /// Rounds before it computes, since bits that are cut off are the same wherever.
    private static let program = """
        import numpy as np
        random = np.random.default_rng(7)
        rounded = ROUNDING
        q, k, v = (rounded(random.standard_normal((2, 3, 9, 16)).astype(np.float32)) for _ in range(3))
        mask = random.random((2, 1, 1, 9)) < 0.7
        mask[..., 0] = True
        scores = np.where(mask, q.astype(float) @ k.swapaxes(2, 3).astype(float) / 4, -np.inf)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        output = weights / weights.sum(axis=-1, keepdims=True) @ v.astype(float)
        q, k, v, output = (x.transpose(AXES) for x in (q, k, v, output))
        np.save("expected.npy", output.reshape(2, 9, 48) if PACKED else output)
        q, k, v = (np.ascontiguousarray(x) for x in (q, k, v))
        """

    @Test(
        .enabled(if: !installed.isEmpty, "python3 can import none of the libraries"),
        arguments: installed
    )
    func `a cluster computes on what a library wrote`(_ writer: Writer) throws {
        let folder = try TemporaryFolder()
        let start = Self.program.replacing("ROUNDING", with: writer.rounding)
            .replacing("AXES", with: writer.axes)
            .replacing("PACKED", with: writer.flags.contains("--heads") ? "True" : "False")
        let made = try Python.run("\(start)\n\(writer.program)", in: folder)
        try #require(made.kind == .exited(0), made.summary)
        let ending = try Headwise.run(
            ["run", "--input", writer.file, "--output", "o.npy", "--verify", "full"] + fewTrials
                + writer.flags,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let compared = try Python.run(TensorCase.comparer, ["o.npy"], in: folder)
        try #require(compared.kind == .exited(0), compared.summary)
        let result = try JSONValue(compared.outputBytes)
        #expect((result["error"]?.number ?? 1) <= 2e-6, "\(result)")
        #expect((result["largest"]?.number ?? 0) > 0.1, "\(result)")
    }
}
