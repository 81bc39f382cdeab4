import TestSupport
import Testing

/// Tensor files of other programs that are refused or mistrusted.
struct BadTensorFileTests {
    private static let shape = [1, 2, 8, 16]
    private static let byteCount = 4 * 256
    private static let good = TensorBytes.safetensors(shape: shape)
    private static let array = TensorBytes.npy(shape: shape)

    private static func folder(
        q: [UInt8] = array,
        k: [UInt8] = array,
        v: [UInt8] = array
    ) -> [String: [UInt8]] {
        ["t/q.npy": q, "t/k.npy": k, "t/v.npy": v]
    }

    private static func header(_ text: String) -> [String: [UInt8]] {
        ["t.safetensors": TensorBytes.safetensors(header: text, payload: Array(good.suffix(3072)))]
    }

    @Test(arguments: [
        BadInput("run --input @none.npz", code: 40, names: "none.npz", "No such file"),
        BadInput("run --input @none.safetensors", code: 40, names: "none.safetensors"),
        BadInput("run --input @none", code: 40, names: "none"),
        BadInput("run --input @t.bin", names: "t.bin", ".safetensors", files: ["t.bin": good]),
        BadInput("run --input @q.npy", names: "q.npy", ".npz", "k.npy", files: ["q.npy": array]),
        BadInput("run --input @t.npz", names: "t.npz", files: ["t.npz": []]),
        BadInput("run --input @t.npz", names: "t.npz", files: ["t.npz": good]),
        BadInput(
            "run --input @t.safetensors",
            names: "t.safetensors",
            files: ["t.safetensors": []]
        ),
        BadInput("run --input @t", files: ["t/other.npy": array]),
        BadInput(
            "run --input @t",
            files: ["t/q.npy": array, "t/k.npy": array]
        ),
    ])
    func `the refusal names a missing or unknown input`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput(
            "run --input @t.safetensors",
            names: "t.safetensors",
            files: ["t.safetensors": Array(good.dropLast(1))]
        ),
        BadInput(
            "run --input @t.safetensors",
            names: "t.safetensors",
            files: ["t.safetensors": good + [0]]
        ),
        BadInput(
            "run --input @t.safetensors",
            names: "t.safetensors",
            "header",
            files: ["t.safetensors": Array(good.prefix(60))]
        ),
        BadInput(
            "run --input @t",
            names: "q.npy",
            "1023",
            "1024",
            files: folder(q: Array(array.dropLast(1)))
        ),
        BadInput("run --input @t", names: "v.npy", files: folder(v: Array(array.prefix(9)))),
        BadInput(
            "run --input @t.npz",
            names: "t.npz",
            files: ["t.npz": Array(TensorBytes.zip([("q.npy", array)]).dropLast(30))]
        ),
    ])
    func `a truncated file is refused`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput(
            "run --input @t.npz",
            names: "t.npz",
            "q.npy",
            "numpy.savez",
            files: [
                "t.npz": TensorBytes.zip(
                    [("q.npy", array), ("k.npy", array), ("v.npy", array)],
                    method: 12
                )
            ]
        ),
        BadInput(
            "run --input @t",
            names: "tensor q",
            "<i8",
            "f64",
            "f32",
            "f16",
            "bf16",
            files: folder(
                q: TensorBytes.npy(
                    shape: shape,
                    type: "<i8",
                    payload: [UInt8](repeating: 0, count: 8 * 256)
                )
            )
        ),
        BadInput(
            "run --input @t",
            names: "tensor k",
            "|V4",
            files: folder(
                k: TensorBytes.npy(shape: shape, type: "|V4", payload: TensorBytes.floats(256))
            )
        ),
        BadInput(
            "run --input @t.safetensors",
            names: "C64",
            files: [
                "t.safetensors": TensorBytes.safetensors(
                    shape: shape,
                    type: "C64",
                    bytesPerElement: 8
                )
            ]
        ),
        BadInput(
            "run --input @t --tensors layer.0.",
            names: "layer.0.q",
            files: folder()
        ),
        BadInput("run --tensors layer.0.", names: "--tensors", "--input"),
    ])
    func `other compressions and number types, and missing names are refused`(_ input: BadInput)
        throws
    {
        try input.check()
    }

    @Test(arguments: [
        BadInput(
            "run --input @t",
            names: "tensor q",
            "[16, 16]",
            "[B,H,L,D]",
            files: folder(q: TensorBytes.npy(shape: [16, 16]))
        ),
        BadInput(
            "run --input @t",
            names: "tensor q",
            "[B,H,L,D]",
            files: folder(q: TensorBytes.npy(shape: [1, 1, 2, 8, 16]))
        ),
        BadInput(
            "run --input @t",
            names: "tensor k",
            "4",
            files: folder(k: TensorBytes.npy(shape: [2, 8, 16]))
        ),
        BadInput(
            "run --input @t",
            names: "tensor k",
            "16",
            files: folder(k: TensorBytes.npy(shape: [1, 2, 8, 15]))
        ),
        BadInput(
            "run --input @t",
            names: "tensor v",
            "8",
            files: folder(v: TensorBytes.npy(shape: [1, 2, 9, 16]))
        ),
        BadInput(
            "run --input @t",
            names: "tensor k",
            "1",
            files: folder(k: TensorBytes.npy(shape: [2, 2, 8, 16]))
        ),
        BadInput(
            "run --input @t",
            names: "tensor k",
            files: folder(
                k: TensorBytes.npy(shape: [1, 3, 8, 16]),
                v: TensorBytes.npy(shape: [1, 3, 8, 16])
            )
        ),
        BadInput(
            "run --input @t",
            names: "tensor q",
            files: folder(q: TensorBytes.npy(shape: [1, 2, 0, 16]))
        ),
        BadInput(
            "run --input @t",
            names: "tensor q",
            "512",
            files: folder(
                q: TensorBytes.npy(shape: [1, 1, 2, 513]),
                k: TensorBytes.npy(shape: [1, 1, 2, 513]),
                v: TensorBytes.npy(shape: [1, 1, 2, 16])
            )
        ),
        BadInput(
            "run --input @t --length 9",
            names: "--length 9",
            "8",
            files: folder()
        ),
    ])
    func `tensors of a wrong rank or shape are refused`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput("run --input @t.safetensors", names: "header", files: header("{")),
        BadInput("run --input @t.safetensors", names: "header", files: header("[1,2]")),
        BadInput(
            "run --input @t.safetensors",
            names: "header",
            files: header(#"{"q":{"dtype":"F32","shape":[1,2,8,16]}}"#)
        ),
        BadInput(
            "run --input @t.safetensors",
            names: "tensor q",
            "1024",
            files: header(
                "{" + TensorBytes.entry("q", type: "F32", shape: [1, 2, 9, 16], 0..<1024) + "}"
            )
        ),
        BadInput(
            "run --input @t.safetensors",
            names: "tensor q",
            "4096",
            files: header(
                "{" + TensorBytes.entry("q", type: "F32", shape: shape, 0..<4096) + "}"
            )
        ),
        BadInput(
            "run --input @t.safetensors",
            names: "tensor q",
            "9223372036854775807",
            files: header(
                #"{"q":{"dtype":"F32","shape":[1,2,8,16],"#
                    + #""data_offsets":[9223372036854775806,9223372036854775807]}}"#
            )
        ),
        BadInput(
            "run --input @t.safetensors",
            names: "tensor q",
            "2⁶³",
            files: header(
                #"{"q":{"dtype":"F32","shape":[4294967296,4294967296,4294967296,1],"#
                    + #""data_offsets":[0,1024]}}"#
            )
        ),
        BadInput(
            "run --input @t.safetensors",
            names: "header",
            files: header(
                #"{"q":{"dtype":"F32","shape":[1,2,8,16],"data_offsets":[1024,0]}}"#
            )
        ),
        BadInput(
            "run --input @t.safetensors",
            files: header(
                "{" + TensorBytes.entry("q", type: "F32", shape: shape, 0..<1024) + ","
                    + TensorBytes.entry("k", type: "F32", shape: shape, 512..<1536) + "}"
            )
        ),
        BadInput(
            "run --input @t.safetensors",
            names: "\(UInt64.max)",
            files: ["t.safetensors": littleEndian([UInt64.max]) + good]
        ),
        BadInput(
            "run --input @t",
            names: "q.npy",
            "header",
            files: folder(q: array.prefix(8) + [0xff, 0xff] + array.dropFirst(10))
        ),
        BadInput(
            "run --input @t",
            names: "q.npy",
            "2⁶³",
            files: folder(
                q: TensorBytes.npy(
                    shape: [1 << 40, 1 << 40, 1 << 40, 16],
                    payload: TensorBytes.floats(16)
                )
            )
        ),
        BadInput(
            "run --input @t",
            names: "q.npy",
            "9.0",
            files: folder(q: array.prefix(6) + [9] + array.dropFirst(7))
        ),
    ])
    func `a header with wrong sizes or offsets is refused`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput(
            "run --input @t",
            names: "tensor lengths",
            "9",
            "0 to 8",
            files: folder().merging(
                ["t/lengths.npy": TensorBytes.npy(shape: [1], type: "<i4", payload: [9, 0, 0, 0])]
            ) { $1 }
        ),
        BadInput(
            "run --input @t",
            names: "tensor lengths",
            "-1",
            files: folder().merging(
                [
                    "t/lengths.npy": TensorBytes.npy(
                        shape: [1],
                        type: "<i8",
                        payload: [UInt8](repeating: 0xff, count: 8)
                    )
                ]
            ) { $1 }
        ),
        BadInput(
            "run --input @t",
            names: "tensor lengths",
            "[2]",
            files: folder().merging(
                [
                    "t/lengths.npy": TensorBytes.npy(
                        shape: [2],
                        type: "<i4",
                        payload: [1, 0, 0, 0, 1, 0, 0, 0]
                    )
                ]
            ) { $1 }
        ),
        BadInput(
            "run --input @t",
            names: "tensor mask",
            "[7, 8]",
            files: folder().merging(
                [
                    "t/mask.npy": TensorBytes.npy(
                        shape: [7, 8],
                        type: "|b1",
                        payload: [UInt8](repeating: 1, count: 56)
                    )
                ]
            ) { $1 }
        ),
        BadInput(
            "run --input @t",
            names: "tensor mask",
            "<f4",
            "bool",
            files: folder().merging(["t/mask.npy": TensorBytes.npy(shape: [8, 8])]) { $1 }
        ),
        BadInput("run --input @t --mask input", names: "--mask input", files: folder()),
    ])
    func `lengths and masks that do not fit are refused`(_ input: BadInput) throws {
        try input.check()
    }

    @Test func `an input with NaN is computed and MISTRUSTED`() throws {
        let folder = try TemporaryFolder()
        let array = TensorBytes.npy(shape: Self.shape) { $0 == 3 ? .nan : 1 }
        for (name, bytes) in Self.folder(q: array) { try folder.write(name, bytes) }
        let ending = try Headwise.run(
            ["run", "--input", folder.file("t"), "--format", "json", "--record", "r.json"]
                + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(11), ending.summary)
        #expect(ending.errors.contains("NaN"), ending.summary)
        let record = try JSONValue(ending.outputBytes)
        #expect(record["points[0].verification.status"] == .text("MISTRUSTED"))
        #expect(record["points[0].verification.bitwiseEqual"] == .boolean(true))
        #expect(record["points[0].verification.containsNonFinite"] == .boolean(true))
        #expect(record["exitCode"] == .number(11))
    }

    @Test func `an input whose NaN is hidden agrees`() throws {
        let folder = try TemporaryFolder()
        // With a length of 6 the NaN is hidden, with 7 a row sees it.
        let padded = TensorBytes.npy(shape: Self.shape) {
            $0 / 16 % 8 >= 6 ? ($0 % 2 == 0 ? .nan : .infinity) : Float($0 % 7) - 3
        }
        var files = Self.folder()
        files["t/k.npy"] = padded
        files["t/v.npy"] = padded
        for (length, code) in [(6, 0), (7, 11)] as [(UInt8, Int32)] {
            files["t/lengths.npy"] = TensorBytes.npy(
                shape: [1],
                type: "<i4",
                payload: [length, 0, 0, 0]
            )
            for (name, bytes) in files { try folder.write(name, bytes) }
            let ending = try Headwise.run(
                [
                    "run", "--input", folder.file("t"), "--format", "json", "--record",
                    "r\(code).json",
                ]
                    + fewTrials,
                in: folder
            )
            #expect(ending.kind == .exited(code), ending.summary)
            let record = try JSONValue(ending.outputBytes)
            #expect(
                record["points[0].verification.status"]
                    == .text(code == 0 ? "AGREES" : "MISTRUSTED")
            )
            #expect(record["points[0].verification.containsNonFinite"] == .boolean(code != 0))
        }
    }

    @Test func `an input of which f32 keeps no digit is MISTRUSTED`() throws {
        let folder = try TemporaryFolder()
        let shape = [1, 1, 64, 128]
        var files = Self.folder(q: TensorBytes.npy(shape: shape) { _ in 448 })
        files["t/k.npy"] = TensorBytes.npy(shape: shape) {
            -1880 + 1e-3 * Float($0 * 37 % 101 - 50) / 50
        }
        files["t/v.npy"] = TensorBytes.npy(shape: shape) { Float($0 * 53 % 89 - 44) / 10 }
        for (name, bytes) in files { try folder.write(name, bytes) }
        let ending = try Headwise.run(
            ["run", "--input", folder.file("t"), "--format", "json", "--record", "r.json"]
                + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(11), ending.summary)
        let record = try JSONValue(ending.outputBytes)
        #expect(record["points[0].verification.status"] == .text("MISTRUSTED"))
        #expect(record["points[0].verification.bitwiseEqual"] == .boolean(true))
    }
}
