import FoundationEssentials
import TestSupport
import Testing

/// Tensors of layout `[B,L,H,D]`: rows before heads.
struct LayoutTests {
    /// B 2, H 4, Hkv 2, L 9, S 11, D 8, Dv 6.
    private static let sizes = ["q": [2, 4, 9, 8], "k": [2, 2, 11, 8], "v": [2, 2, 11, 6]]
    private static let outputSizes = [2, 4, 9, 6]

    /// Pseudo-random numbers: no two orders of them are equal.
    private static func numbers(_ count: Int, _ seed: UInt32) -> [[UInt8]] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return littleEndian([Float(state >> 8) / 0x1p23 - 1])
        }
    }

    /// The elements of `[B,H,L,D]` in the order of `[B,L,H,D]`.
    private static func turned(_ elements: [[UInt8]], _ sizes: [Int]) -> [[UInt8]] {
        let (heads, rows, width) = (sizes[1], sizes[2], sizes[3])
        return elements.indices.map { index in
            let (column, token) = (index % width, index / width)
            let (head, row, batch) = (token % heads, token / heads % rows, token / heads / rows)
            return elements[((batch * heads + head) * rows + row) * width + column]
        }
    }

    private static func turned(_ sizes: [Int]) -> [Int] {
        [sizes[0], sizes[2], sizes[1], sizes[3]]
    }

    /// The same query, key and value in either layout, and a mask, which has only one layout.
    private static func tensors(
        isTurned: Bool
    ) -> [(name: String, shape: [Int], type: String, payload: [UInt8])] {
        let floats = sizes.sorted { $0.key < $1.key }.enumerated().map { index, entry in
            let elements = numbers(entry.value.reduce(1, *), UInt32(index))
            return (
                entry.key, isTurned ? turned(entry.value) : entry.value, "<f4",
                (isTurned ? turned(elements, entry.value) : elements).flatMap { $0 }
            )
        }
        let mask = (0..<2 * 9 * 11).map { UInt8($0 * 7 % 3 == 0 ? 0 : 1) }
        return floats + [("mask", [2, 1, 9, 11], "|b1", mask)]
    }

    private enum Container: String, CaseIterable {
        case folder = "t", npz = "t.npz", safetensors = "t.safetensors"
    }

    /// Writes the tensors; returns the value of `--input`.
    private func write(
        _ container: Container,
        isTurned: Bool,
        in folder: borrowing TemporaryFolder
    ) throws -> String {
        let tensors = Self.tensors(isTurned: isTurned)
        switch container {
        case .folder:
            for (name, shape, type, payload) in tensors {
                try folder.write(
                    "t/\(name).npy",
                    TensorBytes.npy(shape: shape, type: type, payload: payload)
                )
            }
        case .npz:
            let members = tensors.map { name, shape, type, payload in
                ("\(name).npy", TensorBytes.npy(shape: shape, type: type, payload: payload))
            }
            try folder.write("t.npz", TensorBytes.zip(members))
        case .safetensors:
            var (entries, content): ([String], [UInt8]) = ([], [])
            for (name, shape, type, payload) in tensors {
                let range = content.count..<content.count + payload.count
                let kind = type == "|b1" ? "BOOL" : "F32"
                entries.append(TensorBytes.entry(name, type: kind, shape: shape, range))
                content += payload
            }
            let header = "{" + entries.joined(separator: ",") + "}"
            try folder.write(
                "t.safetensors",
                TensorBytes.safetensors(header: header, payload: content)
            )
        }
        return container.rawValue
    }

    private func run(_ words: [String], in folder: borrowing TemporaryFolder) throws -> Ending {
        try Headwise.run(
            ["run", "--workers", "2", "--trials", "1", "--warmup", "0", "--format", "json"] + words,
            in: folder
        )
    }

    private func elements(_ name: String, in folder: borrowing TemporaryFolder) throws -> [[UInt8]]
    {
        let bytes = try folder.bytes(name).suffix(4 * Self.outputSizes.reduce(1, *))
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: 4).map {
            Array(bytes[$0..<$0 + 4])
        }
    }

    @Test func `rows before heads give the same bits in their own order`() throws {
        let folder = try TemporaryFolder()
        let input = try write(.folder, isTurned: false, in: folder)
        let usual = try run(
            ["--input", input, "--output", "usual.npy", "--record", "usual.json"],
            in: folder
        )
        try #require(usual.kind == .exited(0), usual.summary)
        let expected = Self.turned(try elements("usual.npy", in: folder), Self.outputSizes)
        for container in Container.allCases {
            let folder = try TemporaryFolder()
            let input = try write(container, isTurned: true, in: folder)
            // Every plane once.
            let plane = container == .npz ? "inline" : "resident"
            let ending = try run(
                [
                    "--input", input, "--layout", "blhd", "--output", "o.npy", "--weights",
                    "w.npy", "--record", "r.json", "--plane", plane,
                ],
                in: folder
            )
            #expect(ending.kind == .exited(0), ending.summary)
            #expect(try elements("o.npy", in: folder) == expected, "\(container)")
            let header = String(decoding: try folder.bytes("o.npy").prefix(128), as: UTF8.self)
            #expect(header.contains("(2, 9, 4, 6)"))
            let record = try JSONValue(ending.outputBytes)
            #expect(record["plan.layout"] == .text("blhd"))
            #expect(record["plan.heads"] == .number(4))
            #expect(record["plan.length"] == .number(9))
            let weights = record["weights.shape"]?.list?.compactMap(\.number)
            #expect(weights == [2, 4, 9, 11])
            #expect(record["points[0].verification.status"] == .text("AGREES"))
        }
    }

    @Test func `a record repeats the layout of its input`() throws {
        let folder = try TemporaryFolder()
        let input = try write(.npz, isTurned: true, in: folder)
        let first = try run(
            ["--input", input, "--layout", "blhd", "--record", "r.json", "--output", "o.npy"],
            in: folder
        )
        #expect(first.kind == .exited(0), first.summary)
        let again = try run(
            ["--plan", "r.json", "--record", "again.json", "--output", "again.npy"],
            in: folder
        )
        #expect(again.kind == .exited(0), again.summary)
        #expect(try folder.bytes("again.npy") == folder.bytes("o.npy"))
        #expect(!again.errors.contains("--layout"), again.summary)
    }

    private static func files(_ shape: [Int], mask: [Int]? = nil) -> [String: [UInt8]] {
        let array = TensorBytes.npy(shape: shape)
        var files = ["t/q.npy": array, "t/k.npy": array, "t/v.npy": array]
        if let mask {
            let ones = [UInt8](repeating: 1, count: mask.reduce(1, *))
            files["t/mask.npy"] = TensorBytes.npy(shape: mask, type: "|b1", payload: ones)
        }
        return files
    }

    @Test(
        arguments: [
            (files([1, 9, 4, 8]), [], ["--layout blhd"]),
            (files([1, 9, 4, 8]), ["--layout", "blhd"], []),
            (files([1, 4, 9, 8]), [], []),
            (files([1, 4, 9, 8]), ["--layout", "blhd"], ["--layout bhld"]),
            (files([1, 9, 4, 8], mask: [4, 4]), [], []),
            (files([4, 2, 4, 8], mask: [4, 4]), [], ["mask[:, None, None]"]),
            (
                files([2, 2, 2, 8], mask: [2, 2]), [], ["--layout blhd", "mask[:, None, None]"]
            ),
        ] as [([String: [UInt8]], [String], [String])]
    )
    func `a doubtful input has a note and a warning`(
        files: [String: [UInt8]],
        words: [String],
        advice: [String]
    ) throws {
        let folder = try TemporaryFolder()
        for (name, bytes) in files { try folder.write(name, bytes) }
        let ending = try run(["--input", "t", "--record", "r.json"] + words, in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        let notes = ending.errorLines.filter { line in
            line.hasPrefix("note: ") && ["--layout", "mask["].contains { line.contains($0) }
        }
        #expect(notes.count == advice.count, ending.summary)
        for (note, advice) in zip(notes, advice) { #expect(note.contains(advice)) }
        let warnings = try JSONValue(ending.outputBytes)["warnings"]?.list ?? []
        let doubts = warnings.filter { $0["kind"] == .text("doubtfulInput") }
        #expect(doubts.count == advice.count)
        for (doubt, advice) in zip(doubts, advice) {
            #expect(doubt["remedy"]?.text?.contains(advice) == true, "\(doubt)")
        }
    }

    @Test(arguments: [
        BadInput("run --layout blhd", names: "--layout blhd", "--input"),
        BadInput("run --layout bhld", names: "--layout bhld", "--input"),
        BadInput("scale --workers 1 --layout blhd", names: "--layout blhd", "--input"),
        BadInput("run --layout bshd --input @t", names: "--layout", "bhld", "blhd"),
        BadInput(
            "run --plan @plan.json",
            names: "plan.json",
            "layout",
            files: ["plan.json": Array(#"{"schema":"headwise.plan/1","layout":"blhd"}"#.utf8)]
        ),
        // Only the other layout is possible.
        BadInput(
            "run --input @t",
            names: "tensor k",
            "--layout blhd",
            "4",
            "9",
            files: files([1, 9, 4, 8]).merging([
                "t/k.npy": TensorBytes.npy(shape: [1, 11, 4, 8]),
                "t/v.npy": TensorBytes.npy(shape: [1, 11, 4, 8]),
            ]) { $1 }
        ),
        BadInput(
            "run --input @t",
            names: "tensor mask",
            "--layout blhd",
            files: files([1, 9, 4, 8], mask: [9, 9])
        ),
        BadInput(
            "run --input @t --layout blhd",
            names: "tensor mask",
            "--layout bhld",
            files: files([1, 4, 9, 8], mask: [9, 9])
        ),
        BadInput(
            "run --input @t --heads 4 --length 9",
            names: "--heads 4",
            "--layout blhd",
            files: files([1, 9, 4, 8])
        ),
        // No layout is possible.
        BadInput(
            "run --input @t",
            names: "tensor mask",
            files: files([1, 9, 4, 8], mask: [5, 9])
        ),
        // A head without its axis, and packed heads.
        BadInput(
            "run --input @t",
            names: "tensor k",
            "k[None]",
            files: files([9, 8])
                .merging(["t/q.npy": TensorBytes.npy(shape: [1, 9, 8])]) { $1 }
        ),
        BadInput(
            "run --input @t --layout blhd",
            names: "tensor q",
            "q[:, None]",
            files: files([9, 8])
        ),
        BadInput(
            "run --input @t",
            names: "tensor q",
            "[B,L,H·D]",
            "--heads",
            files: files([1, 2, 520])
        ),
    ])
    func `an impossible layout is refused`(_ input: BadInput) throws {
        try input.check()
    }
}
