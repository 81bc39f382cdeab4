import FoundationEssentials
import TestSupport
import Testing

/// Follows the advice of a refusal in NumPy: headwise takes the converted tensors, and they still
/// mean the same.
struct AdviceTests {
    /// Writes a folder for every case: an input that headwise refuses, `memory.pickle` with its
    /// tensors as NumPy holds them, and `expected.npy` with the intended attention, in float64.
    private static let maker = """
        import json, os, pickle, struct
        import numpy as np
        random = np.random.default_rng(11)
        q = random.standard_normal((2, 2, 5, 8)).astype(np.float32)
        k, v = (random.standard_normal((2, 2, 6, 8)).astype(np.float32) for _ in "kv")
        seen = random.random((2, 2, 5, 6)) < 0.6
        seen[..., 0] = True
        valid = np.array([4, 6])
        below = np.broadcast_to((np.arange(6) < valid[:, None])[:, None, None], seen.shape)
        everything = np.ones_like(seen)
        inf, lowest = np.float32("inf"), np.finfo(np.float32).min
        def bfloat(x): return (np.float32(x).view(np.uint32) >> 16).astype(np.uint16).view("V2")
        # Swaps two axes of the shape; the order in memory is another.
        def turned(x): return np.ascontiguousarray(x.swapaxes(1, 2)).swapaxes(1, 2)
        def added(x, type=np.float32): return np.where(seen, 0, x).astype(type)
        whole = np.round(q * 4)

        cases = {}
        def case(name, visible=everything, query=q, container="folder", **tensors):
            cases[name] = (visible, query, container, tensors)
        case("mask-inf", seen, mask=added(-inf))
        case("mask-minus-zero", seen, mask=(1 - seen.astype(np.float32)) * np.float32(-1e9))
        case("mask-lowest", seen, mask=added(lowest))
        case("mask-f2", seen, mask=added(-65504, np.float16))
        case("mask-f8", seen, container="npz", mask=added(-1e9, np.float64))
        case("mask-big-endian", seen, mask=added(-inf, ">f4"))
        case("mask-bfloat", seen, mask=bfloat(added(-inf)))
        case("mask-i8-added", seen, mask=added(-10000, np.int64))
        case("mask-i4", seen, mask=seen.astype(np.int32))
        case("mask-ones", seen, mask=seen.astype(np.float32))
        case("mask-i2-big-endian", seen, mask=seen.astype(">i2"))
        case("mask-turned", seen, container="views", mask=turned(added(-inf)))
        case("mask-fortran", seen[0, 0], mask=np.asfortranarray(added(-inf)[0, 0]))
        case("q-f8", q=q.astype(np.float64))
        case("q-big-endian", q=q.astype(">f4"))
        case("q-f2-big-endian", query=q.astype(np.float16), q=q.astype(">f2"))
        case("q-i1", query=whole, q=whole.astype(np.int8))
        case("q-bfloat", query=(q.view(np.uint32) >> 16 << 16).view(np.float32), q=bfloat(q))
        case("q-object", q=q.astype(object))
        case("q-fortran", q=np.asfortranarray(q))
        case("q-fortran-f8", container="npz", q=np.asfortranarray(q.astype(np.float64)))
        case("k-long-double", k=k.astype(np.longdouble))
        case("lengths-f8", below, lengths=valid.astype(np.float64))
        case("lengths-i2", below, lengths=valid.astype(np.int16))
        case("lengths-u8", below, lengths=valid.astype(np.uint64))
        case("lengths-big-endian", below, container="npz", lengths=valid.astype(">i4"))
        case("lengths-bfloat", below, lengths=bfloat(valid))
        case("lengths-scalar", np.broadcast_to(np.arange(6) < 4, seen.shape), lengths=np.array(4))

        def attention(q, k, v, visible):
            q, k, v = (x.astype(np.float64) for x in (q, k, v))
            weights = np.where(visible, np.exp(q @ k.swapaxes(2, 3) / np.sqrt(8)), 0)
            return weights / weights.sum(-1, keepdims=True) @ v

        def save(container, tensors):
            if container == "npz": np.savez("t.npz", **tensors)
            if container == "folder":
                os.makedirs("t", exist_ok=True)
                for name, x in tensors.items(): np.save(f"t/{name}.npy", x)
            if container == "views":
                # A writer that stores the order in memory under the shape of the view.
                kinds = {"float32": "F32", "float64": "F64", "bool": "BOOL"}
                header, end, content = {}, 0, b""
                for name, x in tensors.items():
                    content += x.ravel("K").tobytes()
                    header[name] = {"dtype": kinds[str(x.dtype)], "shape": list(x.shape),
                                    "data_offsets": [end, len(content)]}
                    end = len(content)
                text = json.dumps(header).encode()
                with open("t.safetensors", "wb") as file:
                    file.write(struct.pack("<Q", len(text)) + text + content)
        """

    private static let writing = """

        for name, (visible, query, container, tensors) in cases.items():
            os.mkdir(name)
            os.chdir(name)
            tensors = dict(q=q, k=k, v=v) | tensors
            save(container, tensors)
            with open("memory.pickle", "wb") as file: pickle.dump((container, tensors), file)
            np.save("expected.npy", attention(query, k, v, visible))
            os.chdir("..")
        print(json.dumps([dict(name=n, container=c[2]) for n, c in cases.items()]))
        """

    /// Reads refusals, `{case: sentence}`; evaluates the advised conversion and replaces the tensor
    /// with its result.
    private static let follower = """

        import numpy, re, sys
        def advised(sentence):
            start = re.search(r"numpy\\.\\w+\\(", sentence).start()
            depth, end = 0, sentence.index("(", start)
            while True:
                depth += {"(": 1, ")": -1}.get(sentence[end], 0)
                end += 1
                if depth == 0: return sentence[start:end]

        for name, sentence in json.loads(sys.argv[1]).items():
            os.chdir(name)
            with open("memory.pickle", "rb") as file: container, tensors = pickle.load(file)
            refused = re.search(r"\\btensor (\\w+)", sentence)[1]
            tensors[refused] = eval(advised(sentence), {"numpy": numpy} | tensors)
            save(container, tensors)
            with open("memory.pickle", "wb") as file: pickle.dump((container, tensors), file)
            os.chdir("..")
        """

    /// Prints the largest error of every output.
    private static let comparer = """
        import json, sys
        import numpy as np
        def error(name):
            return float(abs(np.load(f"{name}/o.npy") - np.load(f"{name}/expected.npy")).max())
        print(json.dumps({name: error(name) for name in json.loads(sys.argv[1])}))
        """

    private struct Case {
        var name: String
        var container: String

        var input: String {
            switch container {
            case "npz": "\(name)/t.npz"
            case "views": "\(name)/t.safetensors"
            default: "\(name)/t"
            }
        }
    }

    /// One case of every kind; a thorough test runs all.
    private static let always: Set = [
        "mask-inf", "mask-i8-added", "mask-ones", "mask-turned", "mask-fortran", "q-bfloat",
        "q-fortran-f8", "lengths-f8", "lengths-scalar",
    ]

    /// Runs one case; returns its refusal, nil if the run agreed.
    private func run(_ tensors: Case, in folder: borrowing TemporaryFolder) throws -> String? {
        let ending = try Headwise.run(
            [
                "run", "--workers", "1", "--input", tensors.input, "--output",
                "\(tensors.name)/o.npy", "--record", "\(tensors.name)/r.json", "--quiet",
                "--trials", "1", "--warmup", "0",
            ],
            in: folder
        )
        if ending.kind == .exited(0) { return nil }
        try #require(ending.kind == .exited(64), "\(tensors.name): \(ending.summary)")
        return ending.errors
    }

    @Test(.enabled(if: Python.hasNumPy, "python3 cannot import numpy"))
    func `tensors converted as advised keep their meaning`() throws {
        let folder = try TemporaryFolder()
        let made = try Python.run(Self.maker + Self.writing, in: folder)
        try #require(made.kind == .exited(0), made.summary)
        let cases = try #require(try JSONValue(made.outputBytes).list).map { value in
            Case(
                name: try #require(value["name"]?.text),
                container: try #require(value["container"]?.text)
            )
        }.filter { isThorough || Self.always.contains($0.name) }
        #expect(cases.count >= Self.always.count)
        var refused = cases
        // A tensor with two faults is refused twice.
        for turn in 0..<2 {
            var sentences: [String: String] = [:]
            for tensors in refused { sentences[tensors.name] = try run(tensors, in: folder) }
            // What is read at once must be right, too; the comparison below covers it.
            #expect(turn > 0 || sentences.count >= 5, "\(sentences.keys)")
            refused = refused.filter { sentences[$0.name] != nil }
            let advice = String(decoding: try JSONEncoder().encode(sentences), as: UTF8.self)
            let followed = try Python.run(Self.maker + Self.follower, [advice], in: folder)
            try #require(followed.kind == .exited(0), followed.summary)
        }
        for tensors in refused { #expect(try run(tensors, in: folder) == nil, "\(tensors.name)") }
        let names = String(decoding: try JSONEncoder().encode(cases.map(\.name)), as: UTF8.self)
        let compared = try Python.run(Self.comparer, [names], in: folder)
        try #require(compared.kind == .exited(0), compared.summary)
        let errors = try JSONValue(compared.outputBytes)
        for tensors in cases {
            let error = errors[tensors.name]?.number ?? .infinity
            #expect(error <= 2e-6, "\(tensors.name): \(error)")
        }
    }

    private static let shape = [1, 1, 2, 2]
    private static let array = TensorBytes.npy(shape: shape)

    private static func folder(
        _ name: String,
        _ type: String,
        _ payload: [UInt8]
    ) -> [String: [UInt8]] {
        var files = ["t/q.npy": array, "t/k.npy": array, "t/v.npy": array]
        let shape = name == "lengths" ? [1] : shape
        files["t/\(name).npy"] = TensorBytes.npy(shape: shape, type: type, payload: payload)
        return files
    }

    @Test(arguments: [
        BadInput(
            "run --input @t",
            names: "tensor mask",
            "-0.5 at index 2",
            files: folder(
                "mask",
                "<f4",
                TensorBytes.floats(4) { [0, -.infinity, -0.5, 0][$0] }
            )
        ),
        BadInput(
            "run --input @t",
            names: "tensor mask",
            "nan at index 1",
            files: folder("mask", "<f4", TensorBytes.floats(4) { $0 == 1 ? .nan : 0 })
        ),
        BadInput(
            "run --input @t",
            names: "tensor lengths",
            "1.5 at index 0",
            files: folder("lengths", "<f4", TensorBytes.floats(1) { _ in 1.5 })
        ),
        BadInput("run --input @t", names: "lengths", "mask", files: folder("lengths", "|b1", [1])),
        BadInput(
            "run --input @t",
            names: "tensor q",
            "<c8",
            "float32",
            files: folder("q", "<c8", TensorBytes.floats(8))
        ),
        BadInput(
            "run --input @t",
            names: "tensor q",
            "|V1",
            "float32",
            files: folder("q", "|V1", [0, 0, 0, 0])
        ),
    ])
    func `a refusal advises no conversion that would change the meaning`(
        _ input: BadInput
    ) throws {
        try input.check()
        let folder = try TemporaryFolder()
        for (name, bytes) in input.files { try folder.write(name, bytes) }
        let ending = try Headwise.run(["run", "--input", "t"], in: folder)
        #expect(!ending.errors.contains("numpy.ascontiguousarray"), ending.summary)
    }
}
