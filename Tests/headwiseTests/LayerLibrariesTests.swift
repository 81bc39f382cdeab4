import Attention
import TestSupport
import Testing

/// Multi-head layers compute the same as NumPy and as PyTorch's modules.
struct LayerLibrariesTests {
    /// Makes the tensors of a layer and, in float64, its output; each is a file of f32 numbers.
    private static let maker = """
        import numpy as np, sys
        kind, b, h, l, s, e = sys.argv[1], *map(int, sys.argv[2:])
        r, d = np.random.default_rng(4), e // h
        def make(name, *shape, size=1):
            t = (r.standard_normal(shape) * size).astype(np.float32)
            t.tofile(name)
            return t.astype(float)
        x = make("query", b, l, e)
        m = x if "self" in kind else make("key", b, s, e)
        v = make("value", b, s, e) if "separate" in kind else m
        w_o, b_o = make("outputWeights", e, e, size=e ** -0.5), make("outputBias", e)
        heads = lambda t: t.reshape(b, -1, h, d).transpose(0, 2, 1, 3)
        if "shared" in kind:
            names = "queryWeights", "keyWeights", "valueWeights"
            w_q, w_k, w_v = (make(name, d, d, size=d ** -0.5) for name in names)
            q, k, v = heads(x) @ w_q.T, heads(m) @ w_k.T, heads(v) @ w_v.T
            scale = e ** -0.5
        else:
            w, bias = make("projectionWeights", 3 * e, e, size=e ** -0.5), make("projectionBias", 3 * e)
            q, k, v = (heads(t @ w[i * e:][:e].T + bias[i * e:][:e]) for i, t in enumerate((x, m, v)))
            scale = d ** -0.5
        scores = q @ k.transpose(0, 1, 3, 2) * scale
        if "causal" in kind: scores[:, :, ~np.tri(l, s, dtype=bool)] = -np.inf
        p = np.exp(scores - scores.max(-1, keepdims=True))
        o = (p / p.sum(-1, keepdims=True) @ v).transpose(0, 2, 1, 3).reshape(b, l, e)
        (o @ w_o.T + b_o).tofile("expected")
        """

    /// The same by PyTorch, in float64.
    private static let torchMaker = """
        import torch, sys
        kind, b, h, l, s, e = sys.argv[1], *map(int, sys.argv[2:])
        torch.manual_seed(4)
        module = torch.nn.MultiheadAttention(e, h, batch_first=True)
        torch.nn.init.normal_(module.in_proj_bias)
        torch.nn.init.normal_(module.out_proj.bias)
        x = torch.randn(b, l, e)
        m = x if "self" in kind else torch.randn(b, s, e)
        v = torch.randn(b, s, e) if "separate" in kind else m
        files = dict(query=x, key=m, value=v, projectionWeights=module.in_proj_weight)
        files |= dict(projectionBias=module.in_proj_bias, outputWeights=module.out_proj.weight)
        for name, t in (files | dict(outputBias=module.out_proj.bias)).items():
            t.detach().numpy().tofile(name)
        hidden = ~torch.ones(l, s, dtype=torch.bool).tril() if "causal" in kind else None
        x, m, v = x.double(), m.double(), v.double()
        o, _ = module.double()(x, m, v, attn_mask=hidden, need_weights=False)
        o.detach().numpy().tofile("expected")
        """

    private static let checker = """
        import numpy as np
        o, e = np.fromfile("output", np.float32), np.fromfile("expected")
        assert o.shape == e.shape and e.std() > 0.1, (o.shape, e.std())
        assert abs(o - e).max() < 6e-6, abs(o - e).max()
        """

    private static func layer(_ kind: String) -> MultiHeadLayer {
        MultiHeadLayer(
            kind.contains("shared") ? .shared : .fused,
            source: kind.contains("self")
                ? .itself : kind.contains("separate") ? .separate : .memory,
            embedding: 48,
            heads: 4,
            batch: 3,
            queryLength: 70,
            keyLength: kind.contains("self") ? 70 : 90,
            mask: Mask(band: kind.contains("causal") ? .causal : .none)
        )
    }

    @Test(
        .enabled(if: Python.hasNumPy, "\(requiresNumPy)"),
        arguments: [
            "fused self", "fused self causal", "fused memory", "fused separate causal",
            "shared self", "shared memory causal", "shared separate",
        ]
    )
    func `a layer is NumPy's`(_ kind: String) throws { try compare(kind, Self.maker) }

    @Test(
        .enabled(if: Python.hasTorch, "python3 cannot import torch"),
        arguments: ["self", "self causal", "memory", "separate causal"]
    )
    func `a fused layer is PyTorch's`(_ kind: String) throws { try compare(kind, Self.torchMaker) }

    private func compare(_ kind: String, _ maker: String) throws {
        let folder = try TemporaryFolder()
        let layer = Self.layer(kind)
        let shape = layer.attention.shape
        let sizes = [shape.batch, shape.heads, shape.queryLength, shape.keyLength, layer.embedding]
        let made = try Python.run(maker, [kind] + sizes.map { "\($0)" }, in: folder)
        try #require(made.kind == .exited(0), made.summary)
        let inputs = try LayerInputs(layer)
        for tensor in LayerTensor.inputs where layer.shape(of: tensor) != nil {
            let bytes = try folder.bytes("\(tensor)")
            let count = layer.elementCount(of: tensor)
            try #require(bytes.count == 4 * count, "\(tensor)")
            bytes.withUnsafeBytes { bytes in
                let source = bytes.bindMemory(to: Float.self)
                for index in 0..<count { inputs.floats(tensor)[index] = source[index] }
            }
        }
        try folder.write("output", try output(of: layer, inputs))
        let compared = try Python.run(Self.checker, in: folder)
        try #require(compared.kind == .exited(0), compared.summary)
    }

    private func output(
        of layer: MultiHeadLayer,
        _ inputs: borrowing LayerInputs
    ) throws -> [UInt8] {
        let team = ThreadTeam(threadCount: 2)
        let heads = try LayerError.slab("heads", byteCount: 4 * layer.elementCount(of: .heads))
        let output = try LayerError.slab("output", byteCount: 4 * layer.elementCount(of: .output))
        team.computeLayer(
            .best,
            layer,
            inputs.view,
            heads: heads.floats,
            output: output.floats,
            scratch: try LayerScratch(
                layer,
                slices: layer.attention.shape.sliceCount,
                threadCount: 2
            )
        )
        return Array(UnsafeRawBufferPointer(start: output.base, count: output.byteCount))
    }
}
