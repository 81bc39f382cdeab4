import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// The worked examples, run as a user runs them, against the documents' values and NumPy.
struct ExampleTests {
    /// Reads what an example wrote, and computes attention by its formula.
    private static let reader = """
        import json, numpy as np, struct, zlib
        def tensors(path):
            b = open("x/" + path, "rb").read()
            n = struct.unpack("<Q", b[:8])[0]
            types = {"F32": np.float32, "I32": np.int32}
            return {
                k: np.frombuffer(b[8 + n:][slice(*t["data_offsets"])], types[t["dtype"]])
                    .reshape(t["shape"]) for k, t in json.loads(b[8:8 + n]).items()
            }
        def array(path): return np.load("x/" + path)
        def record(path): return json.load(open("x/" + path))
        def lines(path): return open("x/" + path).read().split("\\n")[:-1]
        def softmax(s):
            w = np.exp(s - s.max(-1, keepdims=True))
            return w / w.sum(-1, keepdims=True)
        def dots(t): return t["q"].astype(float) @ t["k"].astype(float).swapaxes(-1, -2)
        def near(a, b, bound=2e-6): assert abs(a - b).max() < bound, abs(a - b).max()
        # What a check accepts, random weights must fail.
        def decides(check, weights):
            check(weights)
            r = np.random.default_rng(0)
            for _ in range(20):
                try: check(softmax(r.standard_normal(weights.shape)))
                except AssertionError: continue
                raise SystemExit("random weights pass")
        """

    /// These start the most programs.
    private static let slow = ["global-local-sparse", "scaling-factor", "multi-head"]

    private static let checks = [
        "masked-softmax": """
        s, t = tensors("scores.safetensors")["scores"], tensors("scores-rows.safetensors")
        def check(name, s, n):
            hidden = np.arange(5) >= n
            w = softmax(np.where(hidden, -np.inf, s.astype(float)))
            o = array(name + ".npy")
            near(o, w)
            assert (o[np.broadcast_to(hidden, o.shape)] == 0).all()
        check("equal", s, np.array([2, 2, 2]).reshape(3, 1, 1, 1))
        check("rising", s, np.array([1, 2, 3]).reshape(3, 1, 1, 1))
        check("rows", t["scores"], np.array([[1, 3], [2, 4]]).reshape(2, 1, 2, 1))
        """,
        "worked-example": """
        near(array("output.npy")[0, 0], np.array(
            [[0.5698, -0.1520], [0.5379, -0.0265], [0.2246, 0.5556]]), 2e-4)
        near(array("weights.npy")[0, 0], np.array(
            [[0.4028, 0.2886, 0.3086], [0.3538, 0.3069, 0.3393], [0.1303, 0.4630, 0.4067]]), 2e-4)
        """,
        "scaling-factor": """
        entropies = {}
        for d in 4, 16, 64, 256:
            s = dots(tensors(f"qkv-{d}.safetensors"))
            for name, scale in ("scaled-dot", d ** -0.5), ("dot", 1):
                near(array(f"{name}-{d}.npy"), softmax(s * scale), 2e-5)
                w = softmax(s * scale)
                entropies[name, d] = -(w * np.log2(np.maximum(w, 1e-300))).sum(-1).mean()
        for d in 4, 16, 64: assert entropies["dot", 4 * d] < entropies["dot", d] - 0.3, entropies
        assert all(entropies["scaled-dot", d] > 5 for d in (4, 16, 64, 256)), entropies
        """,
        "multi-head": """
        for name in "multi-head", "multi-head-shared":
            r, w = record(name + ".json"), record(name + "-weights.json")
            assert r["points"][0]["verification"]["status"] == "AGREES"
            assert r["points"][0]["verification"]["bitwiseEqual"] is True
            assert array(name + ".npy").shape == (2, 24, 64)
            assert w["check"]["status"] == "AGREES"
            maps = [np.array(m["cells"]).reshape(24, 24) for m in w["maps"]]
            assert len(maps) == 4 and abs(maps[0] - maps[1]).max() > 0.01
            for m in maps: near(m.sum(1), 1)
        """,
        "kernel-regression": """
        t = tensors("data.safetensors")
        x, y, q = (t[n].astype(float).ravel() for n in ("k", "v", "q"))
        near(array("average.npy").ravel(), np.full(50, y.mean()))
        def predict(w, q): return softmax(-((q[:, None] - x) * w) ** 2 / 2) @ y
        near(array("gaussian.npy").ravel(), predict(1, q), 1e-5)
        # Leave-one-out, by the derivative of the squared errors as differences.
        def loss(w):
            s = -((x[:, None] - x) * w) ** 2 / 2
            np.fill_diagonal(s, -np.inf)
            return ((softmax(s) @ y - y) ** 2).sum()
        w, losses = 1.0, []
        for _ in range(5):
            losses.append(loss(w) / 50)
            w -= 0.5 * (loss(w + 1e-5) - loss(w - 1e-5)) / 2e-5
        found = [e["meanSquaredError"] for e in record("learned.json")["training"]["epochs"]]
        near(np.array(found), np.array(losses), 1e-3)
        assert losses[-1] < losses[0]
        near(array("learned.npy").ravel(), predict(w, q), 1e-2)
        """,
        "global-local-sparse": """
        def time(kind, length):
            return record(f"{kind}-{length}.json")["points"][0]["summary"]["medianNanoseconds"]
        def work(kind, length):
            s = record(f"{kind}-{length}.json")["points"][0]["summary"]
            return s["gigaflopsPerSecond"] * s["medianNanoseconds"]
        for n in 512, 4096:
            near(np.array(work("all-keys", n)), np.array(4 * 64 * 4.0 * n * n), 1e-3 * n * n)
            pairs = sum(min(n, i + 129) - max(0, i - 128) for i in range(n))
            near(np.array(work("window", n)), np.array(4 * 64 * 4.0 * pairs), 1e-3 * n * n)
        assert all(time(k, n) > 0 for k in ("longformer", "bigbird", "linformer") for n in (512, 4096))
        i, j = np.ogrid[:1024, :1024]
        seen = (abs(i - j) <= 128) | (j < 2) | (i < 2)
        assert record("longformer-mask.json")["work"]["visiblePairs"] == seen.sum()
        """,
        "translation": """
        w, source, target = array("weights.npy")[0, 0], lines("source.txt"), lines("target.txt")
        right = dict(zip(target, [None] * 8))
        def check(w):
            assert [source[j] for j in w.argmax(1)] == [
                "les", "rouges", "pommes", "sont", "sur", "la", "table", source[-1]]
        decides(check, w)
        t = tensors("all.safetensors")
        near(w, softmax(dots(t))[0, 0])
        steps = [array(f"context-{i}.npy")[0, 0, 0] for i in range(len(target))]
        assert (np.array(steps).view(np.int32) == array("contexts.npy")[0, 0].view(np.int32)).all()
        """,
        "captioning": """
        b = open("x/picture.png", "rb").read()
        width, height = struct.unpack(">II", b[16:24])
        start = b.index(b"IDAT") + 4
        size = struct.unpack(">I", b[start - 8:start - 4])[0]
        p = np.frombuffer(zlib.decompress(b[start:start + size]), np.uint8)
        p = p.reshape(height, 1 + 3 * width)[:, 1:].reshape(height, width, 3)
        colors = {"sky": (168, 208, 240), "sun": (250, 214, 60), "hill": (96, 160, 84),
            "house": (236, 224, 208), "roof": (188, 60, 44), "sea": (40, 96, 160)}
        words = lines("words.txt")
        for rows, columns in (2, 3), (4, 6), (8, 8):
            w = array(f"regions-{rows * columns}.npy")[0, 0]
            def check(w):
                for word, weights in zip(words, w):
                    own = (p == colors[word]).all(-1)
                    shares = np.array([
                        own[height * r // rows:height * (r + 1) // rows,
                            width * c // columns:width * (c + 1) // columns].mean()
                        for r in range(rows) for c in range(columns)])
                    assert shares[weights.argmax()] == shares.max(), (word, rows)
            decides(check, w)
        """,
        "video": """
        w, words = array("weights.npy")[0, 0], lines("words.txt")
        frames = {"a": 0, "runs": 1, "jumps": 2, "catches": 3, "lands": 4, "rests": 5}
        def check(w):
            for word, weights in zip(words, w):
                if word != "dog": assert weights.argmax() // 10 == frames[word], word
            assert w[words.index("dog")].max() < 0.5
        decides(check, w)
        near(w, softmax(dots(tensors("video.safetensors")))[0, 0])
        """,
    ]

    @Test(
        .enabled(if: Python.hasNumPy, "\(requiresNumPy)"),
        arguments: checks.keys.sorted().filter { isThorough || !slow.contains($0) }
    )
    func `an example gives the document's values, a record and a page`(_ name: String) throws {
        let folder = try TemporaryFolder()
        // An example starts up to twenty programs, one after the other.
        let ending = try Headwise.start(["example", name, "--to", "x"], in: folder)
            .finish(within: .seconds(300))
        try #require(ending.kind == .exited(0), ending.summary)
        let body = try #require(Self.checks[name])
        let checked = try Python.run(Self.reader + "\n" + body, in: folder)
        #expect(checked.kind == .exited(0), checked.summary)
        let page = String(decoding: try folder.bytes("x/page.html"), as: UTF8.self)
        #expect(page.utf8.count > 10_000)
        // It begins with the name, what to look at, and a picture.
        let title = try #require(page.firstRange(of: "<h1>\(name): "))
        let note = try #require(page.firstRange(of: "<p class=\"lead\">"))
        let picture = try #require(page.firstRange(of: "<h3>")).upperBound
        #expect(title.upperBound < note.lowerBound && note.upperBound < picture)
        #expect(page[picture...].hasPrefix("Weights") || page[picture...].hasPrefix("Mask"))
        // Whatever it drew is on the page, too.
        let drawn = try TemporaryFolder.names(in: folder.file("x")).count { $0.hasSuffix(".svg") }
        let maps = page.matches(of: /r\d+-heat-map-wide/).map { String($0.output) }
        let curves = page.matches(of: /<img src="data:image/)
        #expect(Set(maps).count + curves.count == drawn)
        // The example chose the numbers of trials, so nobody can follow advice about them.
        #expect(!page.contains("use <code>--trials"))
    }

    @Test func `an interrupted example says once where its files are`() throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(["example", "translation", "--to", "x"], in: folder)
        let first = folder.file("x/step-1.safetensors")
        try #require(program.wait(atMost: .seconds(60)) { byteCount(of: first) > 0 })
        program.send(SIGINT)
        let ending = program.finish(within: .seconds(30))
        #expect(ending.kind == .exited(128 + SIGINT), ending.summary)
        let last = ending.errorLines.filter { $0.hasPrefix("headwise: ") }
        #expect(last.count == 1 && last[0].contains(" x;"), ending.summary)
        #expect(last.allSatisfy { $0.contains("Ctrl-C") && $0.contains("--to") }, ending.summary)
    }

    @Test func `an example without gnuplot has everything but pictures`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            ["example", "worked-example", "--to", "x"],
            in: folder,
            environment: ["PATH": "/nowhere"]
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.output.contains("gnuplot-nox"), ending.summary)
        #expect(try folder.bytes("x/page.html").count > 10_000)
        #expect(!ending.output.contains("--picture"), ending.summary)
    }

    @Test func `all examples are listed and checked`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(["example"], in: folder)
        let names = ending.output.split(separator: "\n").compactMap {
            $0.split(separator: " ").first
        }
        #expect(Set(names.map(String.init)) == Set(Self.checks.keys))
    }

    @Test func `an unknown example, and a folder that exists, are refused`() throws {
        let folder = try TemporaryFolder()
        let unknown = try Headwise.run(["example", "transaltion"], in: folder)
        #expect(unknown.kind == .exited(64), unknown.summary)
        try folder.write("there/file", "kept")
        let taken = try Headwise.run(["example", "video", "--to", "there"], in: folder)
        #expect(taken.kind == .exited(40), taken.summary)
        #expect(try folder.bytes("there/file") == Array("kept".utf8))
    }
}
