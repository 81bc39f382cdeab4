import Testing

/// Tensors that NumPy writes, and a run on them.
struct TensorCase: Sendable, CustomTestStringConvertible {
    enum Container: String, Sendable {
        case npz, folder, safetensors
    }

    var container: Container
    var type = "f32"
    /// `[B,H,L,D]`, `[B,Hkv,S,D]` and `[B,Hkv,S,Dv]`; without B when the rank is 3.
    var query: [Int]
    var key: [Int]
    var value: [Int]
    /// The front of the mask's shape, as in `[2, 1]` for `[2,1,L,S]`.
    var maskFront: [Int]?
    /// `[B]` or `[B,L]`.
    var lengths: [Int]?
    /// The band of the mask, which is a flag of the run.
    var band = "none"
    var output = "o.npy"
    var flags: [String] = []

    var testDescription: String {
        let mask = maskFront.map { "mask \($0 + ["L", "S"] as [Any])" } ?? "no mask"
        return
            "\(container.rawValue) \(type) \(query)×\(key), \(mask), \(lengths.map { "lengths \($0)" } ?? "no lengths"), \(band) → \(output)"
    }

    var inputName: String {
        switch container {
        case .npz: "t.npz"
        case .folder: "t"
        case .safetensors: "t.safetensors"
        }
    }

    /// The case as a Python literal.
    var literal: String {
        func list(_ sizes: [Int]?) -> String { sizes.map { "\($0)" } ?? "None" }
        return """
            dict(container="\(container.rawValue)", type="\(type)", query=\(query), key=\(key), \
            value=\(value), mask=\(list(maskFront)), lengths=\(list(lengths)), band="\(band)")
            """
    }

    /// Writes the input and `expected.npy`, computed in float64.
    static let maker = """
        import json, os, struct, sys
        import numpy as np
        case = eval(sys.argv[1])
        random = np.random.default_rng(7)

        def stored(shape):
            x = random.standard_normal(shape).astype(np.float32)
            if case["type"] == "f16": return x.astype(np.float16)
            if case["type"] == "bf16": return (x.view(np.uint32) >> 16).astype(np.uint16)
            return x

        def widened(x):
            if case["type"] == "bf16": x = (x.astype(np.uint32) << 16).view(np.float32)
            return x.astype(np.float64)

        tensors = {name: stored(case[long])
                   for name, long in (("q", "query"), ("k", "key"), ("v", "value"))}
        q, k, v = (widened(tensors[name]) for name in "qkv")
        if q.ndim == 3: q, k, v = q[None], k[None], v[None]
        (batch, heads, rows, width), keys = q.shape, k.shape[2]
        visible = np.ones((batch, heads, rows, keys), bool)
        if case["mask"] is not None:
            mask = random.random(case["mask"] + [rows, keys]) < 0.7
            mask[..., 0, :] = False
            tensors["mask"] = mask
            front = case["mask"]
            if len(front) == 1 and len(case["query"]) == 4: mask = mask[:, None]
            visible &= mask
        if case["lengths"] is not None:
            lengths = random.integers(0, keys + 1, case["lengths"])
            tensors["lengths"] = lengths.astype(np.int64 if len(case["lengths"]) == 1 else np.int32)
            limit = lengths[:, None] if lengths.ndim == 1 else lengths
            visible &= (np.arange(keys) < limit[..., None])[:, None]
        i, j = np.arange(rows)[:, None], np.arange(keys)
        if case["band"] == "causal": visible &= j <= i
        if case["band"] == "causal-bottom-right": visible &= j <= i + keys - rows

        k, v = (np.repeat(x, heads // x.shape[1], axis=1) for x in (k, v))
        scores = np.where(visible, q @ k.swapaxes(2, 3) / np.sqrt(width), -np.inf)
        top = scores.max(axis=-1, keepdims=True)
        weights = np.where(visible, np.exp(scores - np.where(np.isinf(top), 0, top)), 0)
        total = weights.sum(axis=-1, keepdims=True)
        expected = (weights / np.where(total == 0, 1, total)) @ v
        np.save("expected.npy", expected.reshape(case["query"][:-1] + [case["value"][-1]]))

        if case["container"] == "npz": np.savez("t.npz", **tensors)
        if case["container"] == "folder":
            os.mkdir("t")
            for name, x in tensors.items(): np.save(f"t/{name}.npy", x)
        if case["container"] == "safetensors":
            names = {"float32": "F32", "float16": "F16", "uint16": "BF16", "bool": "BOOL",
                     "int32": "I32", "int64": "I64"}
            header, end = {"__metadata__": {"format": "np"}}, 0
            for name, x in tensors.items():
                header[name] = {"dtype": names[str(x.dtype)], "shape": list(x.shape),
                                "data_offsets": [end, end + x.nbytes]}
                end += x.nbytes
            text = json.dumps(header).encode()
            with open("t.safetensors", "wb") as file:
                file.write(struct.pack("<Q", len(text)) + text)
                for x in tensors.values(): file.write(x.tobytes())
        """

    /// Prints the shape of an output and its largest error against `expected.npy`.
    static let comparer = """
        import json, struct, sys
        import numpy as np
        if sys.argv[1].endswith(".npy"):
            found = np.load(sys.argv[1])
        else:
            with open(sys.argv[1], "rb") as file:
                header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
                assert list(header) == ["o"] and header["o"]["dtype"] == "F32", header
                begin, end = header["o"]["data_offsets"]
                content = file.read()
                assert begin == 0 and end == len(content), header
                found = np.frombuffer(content, "<f4").reshape(header["o"]["shape"])
        expected = np.load("expected.npy")
        assert found.dtype == np.float32, found.dtype
        assert found.shape == expected.shape, (found.shape, expected.shape)
        print(json.dumps({"shape": found.shape, "largest": float(abs(expected).max()),
                          "error": float(abs(found - expected).max())}))
        """
}
