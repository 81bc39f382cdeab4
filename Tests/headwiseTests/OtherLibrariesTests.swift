import TestSupport
import Testing

/// Clusters compute the same attention as NumPy and PyTorch.
struct OtherLibrariesTests {
    private static let cases = [
        TensorCase(
            container: .npz,
            query: [2, 4, 100, 32],
            key: [2, 4, 100, 32],
            value: [2, 4, 100, 32]
        ),
        TensorCase(
            container: .npz,
            query: [2, 4, 70, 33],
            key: [2, 2, 90, 33],
            value: [2, 2, 90, 17],
            band: "causal-bottom-right",
            flags: ["--plane", "inline", "--transport", "tcp"]
        ),
        TensorCase(
            container: .npz,
            query: [3, 2, 65, 16],
            key: [3, 1, 130, 16],
            value: [3, 1, 130, 24],
            maskFront: [3],
            lengths: [3],
            output: "o.safetensors"
        ),
        TensorCase(
            container: .folder,
            query: [2, 2, 40, 64],
            key: [2, 2, 50, 64],
            value: [2, 2, 50, 64],
            maskFront: [],
            flags: ["--split", "rows"]
        ),
        TensorCase(
            container: .folder,
            query: [4, 128, 48],
            key: [2, 128, 48],
            value: [2, 128, 48],
            maskFront: [4],
            band: "causal",
            output: "o.safetensors",
            flags: ["--mask", "causal+input", "--plane", "inline"]
        ),
        TensorCase(
            container: .folder,
            type: "f16",
            query: [2, 2, 33, 8],
            key: [2, 2, 70, 8],
            value: [2, 2, 70, 8],
            lengths: [2, 33]
        ),
        TensorCase(
            container: .safetensors,
            query: [1, 1, 1, 128],
            key: [1, 1, 700, 128],
            value: [1, 1, 700, 128]
        ),
        TensorCase(
            container: .safetensors,
            type: "f16",
            query: [2, 3, 64, 40],
            key: [2, 3, 64, 40],
            value: [2, 3, 64, 40],
            band: "causal"
        ),
        TensorCase(
            container: .safetensors,
            type: "bf16",
            query: [2, 6, 64, 64],
            key: [2, 2, 96, 64],
            value: [2, 2, 96, 64],
            maskFront: [2, 6],
            lengths: [2],
            output: "o.safetensors",
            flags: ["--split", "head", "--schedule", "static"]
        ),
    ]

    @Test(.enabled(if: Python.hasNumPy, "python3 cannot import numpy"), arguments: cases)
    func `a cluster computes what NumPy computes`(_ tensors: TensorCase) throws {
        let folder = try TemporaryFolder()
        let made = try Python.run(TensorCase.maker, [tensors.literal], in: folder)
        try #require(made.kind == .exited(0), made.summary)
        var arguments =
            [
                "run", "--input", tensors.inputName, "--output", tensors.output, "--format",
                "json", "--verify", "full",
            ] + fewTrials + tensors.flags
        if tensors.band != "none", !tensors.flags.contains("--mask") {
            arguments += ["--mask", tensors.band]
        }
        let ending = try Headwise.run(arguments, in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        let record = try JSONValue(ending.outputBytes)
        #expect(record["points[0].verification.status"] == .text("AGREES"))
        #expect(record["points[0].verification.bitwiseEqual"] == .boolean(true))
        #expect(record["plan.input"] == .text(tensors.inputName))
        #expect(record["plan.length"]?.number == Double(tensors.query[tensors.query.count - 2]))

        let compared = try Python.run(TensorCase.comparer, [tensors.output], in: folder)
        try #require(compared.kind == .exited(0), compared.summary)
        let result = try JSONValue(compared.outputBytes)
        #expect((result["error"]?.number ?? 1) <= 2e-6, "\(result)")
        // If zeros were expected, an output that was never computed would agree.
        #expect((result["largest"]?.number ?? 0) > 0.1, "\(result)")
    }

    @Test(.enabled(if: Python.hasTorch, "python3 cannot import torch"), arguments: [false, true])
    func `a cluster computes what PyTorch computes`(_ isCausal: Bool) throws {
        let folder = try TemporaryFolder()
        let program = """
            import sys, numpy as np, torch
            torch.manual_seed(7)
            q, k, v = (torch.randn(2, 3, 96, 64) for _ in range(3))
            o = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=\
            \(isCausal ? "True" : "False"))
            np.savez("t.npz", q=q.numpy(), k=k.numpy(), v=v.numpy())
            np.save("expected.npy", o.numpy())
            """
        let made = try Python.run(program, in: folder)
        try #require(made.kind == .exited(0), made.summary)
        let ending = try Headwise.run(
            [
                "run", "--input", "t.npz", "--output", "o.npy", "--mask",
                isCausal ? "causal" : "none",
            ] + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let compared = try Python.run(TensorCase.comparer, ["o.npy"], in: folder)
        try #require(compared.kind == .exited(0), compared.summary)
        // PyTorch computes in float32 and has an error of its own.
        #expect((try JSONValue(compared.outputBytes)["error"]?.number ?? 1) <= 4e-6)
    }
}
