import TestSupport
import Testing

/// NumPy archives with a flipped bit.
struct DamagedArchiveTests {
    /// Writes `t.npz`, flips a bit of one member, and prints its checksums as zlib computes them.
    private static let program = """
        import sys, zipfile, zlib
        import numpy as np
        name, place = sys.argv[1], int(sys.argv[2])
        random = np.random.default_rng(7)
        tensors = {x: random.standard_normal((1, 2, 40, 16)).astype(np.float32) for x in "qkv"}
        np.savez("t.npz", lengths=np.array([7]), **tensors)
        content = zipfile.ZipFile("t.npz").read(name)
        file = bytearray(open("t.npz", "rb").read())
        start = file.index(content)
        file[start + len(content) * place // 100] ^= 4
        open("t.npz", "wb").write(file)
        assert zipfile.ZipFile("t.npz", "r").NameToInfo[name].CRC == zlib.crc32(content)
        print("%08x %08x" % (zlib.crc32(file[start:start + len(content)]), zlib.crc32(content)))
        """

    @Test(
        .enabled(if: Python.hasNumPy, "python3 cannot import numpy"),
        arguments: [("q.npy", 99), ("k.npy", 50), ("v.npy", 25), ("lengths.npy", 97)]
    )
    func `the refusal of a damaged member names both checksums`(
        member: String,
        percent: Int
    ) throws {
        let folder = try TemporaryFolder()
        let made = try Python.run(Self.program, [member, "\(percent)"], in: folder)
        try #require(made.kind == .exited(0), made.summary)
        let words = made.output.split(whereSeparator: \.isWhitespace).map(String.init)
        try #require(words.count == 2 && words[0] != words[1], made.summary)
        let ending = try Headwise.run(
            ["run", "--input", "t.npz", "--output", "o.npy", "--record", "r.json"] + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(64), ending.summary)
        #expect(ending.outputBytes.isEmpty, ending.summary)
        expectOneSentence(
            ending,
            naming: [
                "t.npz", member, words[0],
                words[1],
            ]
        )
        #expect(try folder.names == ["t.npz"])
    }
}
