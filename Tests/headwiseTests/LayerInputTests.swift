import TestSupport
import Testing

/// Multi-head layers whose weights come from a file, against NumPy and PyTorch.
struct LayerInputTests {
    /// Writes x.npz, weights.npz and both in whole.npz, or as safetensors, and `expected.npy`.
    ///
    /// It takes q and k from rows by head where the kind says so, as the module of teaching texts has
    /// them.
    private static let maker = """
        import json, numpy as np, sys
        kind = sys.argv[1].split()
        b, h, l, s, e = 2, 4, 33, 40, 48
        r, d = np.random.default_rng(4), e // h
        half = np.float16 if "f16" in kind else np.float32
        n = lambda *shape, size=1: (r.standard_normal(shape) * size).astype(half)
        def safetensors(path, t):
            entries, end = {}, 0
            for name, a in t.items():
                kinds = {"f4": "F32", "f2": "F16", "b1": "BOOL", "i8": "I64"}
                entries[name] = dict(dtype=kinds[a.dtype.str[1:]], shape=list(a.shape),
                                     data_offsets=[end, end + a.nbytes])
                end += a.nbytes
            header = json.dumps(entries).encode()
            with open(path, "wb") as f:
                f.write(len(header).to_bytes(8, "little") + header)
                for a in t.values(): f.write(a.tobytes())
        t = dict(query=n(b, l, e))
        if "memory" in kind or "separate" in kind: t["key"] = n(b, s, e)
        if "separate" in kind: t["value"] = n(b, s, e)
        x = t["query"].astype(float)
        m = t.get("key", t["query"]).astype(float)
        v = t.get("value", t.get("key", t["query"])).astype(float)
        heads = lambda t: t.reshape(b, -1, h, d).transpose(0, 2, 1, 3)
        if "shared" in kind:
            names = "queries.weight", "keys.weight", "values.weight"
            w = {name: n(d, d, size=d ** -0.5) for name in names}
            q, k, v = (heads(t) @ w[name].astype(float).T for t, name in zip((x, m, v), names))
            w |= {"fc_out.weight": n(e, e, size=e ** -0.5), "fc_out.bias": n(e)}
            scale, last = e ** -0.5, "fc_out"
        else:
            first, last = ("qkv_proj.", "o_proj") if "by-head" in kind else ("in_proj_", "out_proj")
            w = {first + "weight": n(3 * e, e, size=e ** -0.5), first + "bias": n(3 * e)}
            w |= {last + ".weight": n(e, e, size=e ** -0.5), last + ".bias": n(e)}
            if "bare" in kind: w = {name: a for name, a in w.items() if "bias" not in name}
            rows = w[first + "weight"].astype(float)
            bias = w.get(first + "bias", np.zeros(3 * e)).astype(float)
            if "by-head" in kind:
                q, k, v = (
                    np.concatenate([
                        t @ rows[(3 * i + j) * d:][:d].T + bias[(3 * i + j) * d:][:d] for i in range(h)
                    ], -1) for j, t in enumerate((x, m, v)))
            else:
                q, k, v = (t @ rows[j * e:][:e].T + bias[j * e:][:e] for j, t in enumerate((x, m, v)))
            q, k, v = heads(q), heads(k), heads(v)
            scale = d ** -0.5
        scores = q @ k.transpose(0, 1, 3, 2) * scale
        if "lengths" in kind:
            t["lengths"] = np.array([7, 20])
            scores[np.broadcast_to(np.arange(k.shape[2]) >= t["lengths"][:, None, None, None], scores.shape)] = -np.inf
        if "bias" in kind:
            t["bias"] = n(h, l, k.shape[2])
            scores += t["bias"]
        p = np.exp(scores - scores.max(-1, keepdims=True))
        o = (p / p.sum(-1, keepdims=True) @ v).transpose(0, 2, 1, 3).reshape(b, l, e)
        o = o @ w[last + ".weight"].astype(float).T + w.get(last + ".bias", np.zeros(e)).astype(float)
        np.save("expected.npy", o)
        np.savez("x.npz", **t)
        safetensors("whole.safetensors", t | w)
        others = {"embed.weight": n(3, 3)} | {"decoder.0.attn." + name: n(3, 3) for name in w}
        safetensors("model.safetensors", {"encoder.0.attn." + name: a for name, a in w.items()} | others)
        """

    private static let checker = """
        import numpy as np
        o, e = np.load("o.npy"), np.load("expected.npy")
        assert o.shape == e.shape and e.std() > 0.05, (o.shape, e.shape, e.std())
        assert abs(o - e).max() < 6e-6, abs(o - e).max()
        """

    private static let whole = ["--input", "whole.safetensors"]
    private static let apart = [
        "--input", "x.npz", "--layer", "model.safetensors", "--module", "encoder.0.attn",
    ]

    @Test(
        .enabled(if: Python.hasNumPy, "\(requiresNumPy)"),
        arguments: [
            ("itself", whole), ("itself lengths bias", apart), ("memory f16", whole),
            ("separate lengths", apart), ("by-head itself", whole), ("by-head memory f16", apart),
            ("bare itself", whole), ("shared itself", whole), ("shared separate bias", apart),
        ]
    )
    func `weights from a file give NumPy's output`(kind: String, files: [String]) throws {
        let folder = try TemporaryFolder()
        let made = try Python.run(Self.maker, [kind], in: folder)
        try #require(made.kind == .exited(0), made.summary)
        try compare(kind, files, in: folder)
    }

    private func compare(
        _ kind: String,
        _ files: [String],
        in folder: borrowing TemporaryFolder
    ) throws {
        let operation = kind.contains("shared") ? "multi-head-shared" : "multi-head"
        let ending = try Headwise.run(
            [
                "run", "--operation", operation, "--heads", "4", "--workers", "2", "--output",
                "o.npy", "--record", "r.json", "--plane", "inline",
            ] + files + fewTrials,
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        // Only biases that are not there are worth a note.
        #expect(ending.errors.contains("note: ") == kind.contains("bare"), ending.summary)
        let compared = try Python.run(Self.checker, in: folder)
        try #require(compared.kind == .exited(0), compared.summary)
    }

    @Test(.enabled(if: Python.hasNumPy, "\(requiresNumPy)"), arguments: [whole, apart])
    func `a record's plan finds the same tensors`(files: [String]) throws {
        let folder = try TemporaryFolder()
        let made = try Python.run(Self.maker, ["by-head memory lengths"], in: folder)
        try #require(made.kind == .exited(0), made.summary)
        try compare("memory", files, in: folder)
        let again = try Headwise.run(
            ["run", "--plan", "r.json", "--output", "again.npy"] + fewTrials,
            in: folder
        )
        #expect(again.kind == .exited(0), again.summary)
        #expect(try folder.bytes("again.npy") == folder.bytes("o.npy"))
    }

    /// A state dict that PyTorch wrote, and its module's output in float64.
    private static let torchMaker = """
        import json, numpy as np, sys, torch
        kind = sys.argv[1].split()
        b, h, l, s, e = 2, 4, 33, 40, 48
        torch.manual_seed(4)
        module = torch.nn.MultiheadAttention(e, h, bias="bare" not in kind, batch_first=True)
        if "bare" not in kind:
            torch.nn.init.normal_(module.in_proj_bias)
            torch.nn.init.normal_(module.out_proj.bias)
        np.savez("w.npz", **{name: t.numpy() for name, t in module.state_dict().items()})
        x = torch.randn(b, l, e)
        m = torch.randn(b, s, e) if "itself" not in kind else x
        v = torch.randn(b, s, e) if "separate" in kind else m
        t = dict(query=x)
        if "itself" not in kind: t["key"] = m
        if "separate" in kind: t["value"] = v
        arrays = {name: a.numpy() for name, a in t.items()}
        hidden = None
        if "masked" in kind:
            shown = torch.rand(l, m.shape[1]) < 0.6
            shown[:, 0] = True
            arrays["mask"], hidden = shown.numpy(), ~shown
        np.savez("x.npz", **arrays)
        x, m, v = x.double(), m.double(), v.double()
        o, _ = module.double()(x, m, v, attn_mask=hidden, need_weights=False)
        np.save("expected.npy", o.detach().numpy())
        """

    @Test(
        .enabled(if: Python.hasTorch, "python3 cannot import torch"),
        arguments: ["itself", "itself bare", "memory masked", "separate"]
    )
    func `PyTorch's state dict gives PyTorch's output`(kind: String) throws {
        let folder = try TemporaryFolder()
        let made = try Python.run(Self.torchMaker, [kind], in: folder)
        try #require(made.kind == .exited(0), made.summary)
        try compare(kind, ["--input", "x.npz", "--layer", "w.npz"], in: folder)
    }

    private static let weights = [
        "w/in_proj_weight.npy": TensorBytes.npy(shape: [36, 12]),
        "w/in_proj_bias.npy": TensorBytes.npy(shape: [36]),
        "w/out_proj.weight.npy": TensorBytes.npy(shape: [12, 12]),
        "w/out_proj.bias.npy": TensorBytes.npy(shape: [12]),
        "x/query.npy": TensorBytes.npy(shape: [2, 8, 12]),
        "wide/query.npy": TensorBytes.npy(shape: [2, 8, 16]),
        "model.pt": Array("PK".utf8),
    ]

    @Test func `weights without an input take generated rows, of any batch`() throws {
        let folder = try TemporaryFolder()
        for (name, bytes) in Self.weights { try folder.write(name, bytes) }
        let ending = try Headwise.run(
            [
                "scale", "--operation", "multi-head", "--heads", "4", "--layer", "w", "--length",
                "9", "--batch", "2", "--mode", "weak", "--workers", "1,2", "--source", "separate",
                "--output", "o.npy", "--record", "r.json", "--seed", "5", "--mask",
                "lengths:random",
            ] + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let record = try JSONValue(file: folder.file("r.json"))
        #expect(record["plan.embedding"] == .number(12))
        #expect(record["plan.layer"] == .text("w"))
        #expect(record["plan.source"] == .text("separate"))
        // The output of two workers has twice the batch.
        let output = try folder.bytes("o.npy")
        #expect(output.count == 128 + 4 * 4 * 9 * 12)
        #expect(String(decoding: output.prefix(128), as: UTF8.self).contains("(4, 9, 12)"))
    }

    @Test(arguments: [
        BadInput("--input @x --layer @w", names: "--heads", "multi-head"),
        BadInput(
            "--input @x --layer @w --heads 5",
            names: "query",
            "--heads 5",
            "1, 2, 3, 4, 6, 12"
        ),
        BadInput("--layer @w --heads 5", names: "--heads 5", "/w", "1, 2, 3, 4, 6, 12"),
        BadInput("--input @x --heads 4", names: "/x", "in_proj_weight", "--layer"),
        BadInput("--input @w --heads 4", names: "/w", "query"),
        BadInput("--layer @w --heads 4 --embedding 16", names: "--embedding 16", "12"),
        BadInput("--input @wide --layer @w --heads 4", names: "/w", "[B,L,12]", "16"),
        BadInput("--layer @model.pt --heads 4", names: "--layer", "save_file"),
        BadInput("--input @x --layer @w --heads 4 --embedding 16", names: "--embedding 16", "12"),
        BadInput("--input @x --layer @w --heads 4 --value-dimension 4", names: "--value-dimension"),
        BadInput("--input @x --layer @w --heads 4 --source memory", names: "--source", "itself"),
        BadInput("--input @x --layer @w --heads 4 --layout blhd", names: "--layout", "[B,L,E]"),
        BadInput("--input @x --layer @w --heads 4 --length 7", names: "--length 7", "8"),
        BadInput("--input @x --layer @w --heads 4 --length 2 --batch 8", names: "swapaxes"),
        BadInput("--layer @w --heads 4 --module attn", names: "--module attn"),
        BadInput("--layer @w --heads 4 --audit", names: "--audit", "--layer"),
        BadInput("--layer @none --heads 4", code: 40, names: "/none"),
        BadInput("--layer @w/in_proj_bias.npy --heads 4", names: "--layer", "one tensor"),
        BadInput("--module attn --heads 4", names: "--module attn", "--layer"),
        BadInput("--source itself --key-length 5", names: "--source itself", "--key-length 5"),
    ])
    func `what does not go with the weights of a file is refused`(_ input: BadInput) throws {
        var input = input
        input.arguments = "run --operation multi-head " + input.arguments
        input.files = Self.weights
        try input.check()
    }

    @Test(arguments: ["--layer @w", "--module attn", "--source memory"])
    func `flags of layers are refused without one`(flag: String) throws {
        let name = String(flag.prefix { $0 != " " })
        try BadInput("run \(flag)", names: name, "multi-head", files: Self.weights).check()
    }
}
