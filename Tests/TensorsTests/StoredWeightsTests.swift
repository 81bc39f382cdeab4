import Files
import TestSupport
import Testing

@testable import Tensors

/// Files of attention weights, read row by row.
struct StoredWeightsTests {
    private static let shape = [2, 1, 3, 4]
    /// Rows of 4 keys; zeros are hidden.
    private static let dense: [Float] = [
        0.5, 0, 0.25, 0.25, 0, 0, 0, 0, 0, 0, 0, 1,
        1, 0, 0, 0, 0, 0.5, 0.5, 0, 0.125, 0.125, 0.25, 0.5,
    ]

    private static func rows(_ file: StoredWeights) throws -> [[Float]] {
        try (0..<file.rowCount).map { row in
            var found = [Float](repeating: 0, count: file.shape[3])
            for (key, weight) in try file.row(row) { found[key] = weight }
            return found
        }
    }

    private static let expected = stride(from: 0, to: dense.count, by: 4).map {
        Array(dense[$0..<$0 + 4])
    }

    @Test(arguments: ["<f4", "<f2"])
    func `dense weights are read row by row`(_ type: String) throws {
        let folder = try TemporaryFolder()
        let content =
            type == "<f4"
            ? littleEndian(Self.dense) : littleEndian(Self.dense.map { Float16($0).bitPattern })
        let file = NpyBuilder(Self.shape, content, descriptor: type)
        let path = try folder.write("w.npy", file.bytes)
        let stored = try StoredWeights(reading: path, flag: "--from")
        #expect(stored.shape == Self.shape)
        #expect(try Self.rows(stored) == Self.expected)
        #expect(try stored.row(1).isEmpty)
    }

    @Test(arguments: [[6, 4], [2, 3, 4], [2, 1, 3, 4]])
    func `missing axes are ones`(_ shape: [Int]) throws {
        let folder = try TemporaryFolder()
        let file = NpyBuilder(shape, littleEndian(Self.dense))
        let stored = try StoredWeights(
            reading: try folder.write("w.npy", file.bytes),
            flag: "--from"
        )
        #expect(stored.shape == Array(repeating: 1, count: 4 - shape.count) + shape)
        #expect(try Self.rows(stored) == Self.expected)
    }

    /// The compressed rows of the same weights.
    fileprivate struct Compressed {
        var shape: [Int64] = [2, 1, 3, 4]
        var offsets: [Int64] = [0, 3, 3, 4, 5, 7, 11]
        var keys: [Int32] = [0, 2, 3, 3, 0, 1, 2, 0, 1, 2, 3]
        var weights = StoredWeightsTests.dense.filter { $0 != 0 }

        var bytes: [UInt8] {
            var file = SafetensorsBuilder()
            file.tensors = [
                ("shape", "I64", [shape.count], littleEndian(shape)),
                ("offsets", "I64", [offsets.count], littleEndian(offsets)),
                ("keys", "I32", [keys.count], littleEndian(keys)),
                ("weights", "F32", [weights.count], littleEndian(weights)),
            ]
            return file.bytes
        }
    }

    @Test func `compressed weights are those of the dense file`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("w.safetensors", Compressed().bytes)
        let stored = try StoredWeights(reading: path, flag: "--from")
        #expect(stored.shape == Self.shape)
        #expect(try Self.rows(stored) == Self.expected)
    }

    struct Damage: Sendable, CustomStringConvertible {
        var description: String
        fileprivate var change: @Sendable (inout Compressed) -> Void

        fileprivate init(_ tensor: String, _ change: @escaping @Sendable (inout Compressed) -> Void)
        {
            description = tensor
            self.change = change
        }
    }

    @Test(arguments: [
        Damage("offsets") { $0.offsets[2] = 12 },
        Damage("offsets") { $0.offsets[0] = -1 },
        Damage("offsets") { $0.offsets[6] = 12 },
        Damage("offsets") { $0.offsets[6] = .max },
        Damage("keys") { $0.keys[1] = 0 },
        Damage("keys") { $0.keys[3] = 4 },
        Damage("keys") { $0.keys[0] = -1 },
        Damage("shape") { $0.shape = [2, 1, 4, 4] },
        Damage("shape") { $0.shape = [2, 1, 3, 0] },
        Damage("shape") { $0.shape = [1 << 40, 1 << 40, 3, 4] },
        Damage("shape") { $0.offsets.removeLast() },
        Damage("weights") { $0.weights.removeLast() },
    ])
    func `damaged compressed weights are refused`(_ damage: Damage) throws {
        let folder = try TemporaryFolder()
        var content = Compressed()
        damage.change(&content)
        let path = try folder.write("w.safetensors", content.bytes)
        expectRefusal(.usage, naming: path, damage.description) {
            _ = try Self.rows(try StoredWeights(reading: path, flag: "--from"))
        }
    }

    @Test(
        arguments: [
            ("w.txt", [], "--from"), ("w.npy", [1, 2, 3], "w.npy"),
            ("w.npy", NpyBuilder([24], littleEndian(dense)).bytes, "[24]"),
            ("w.npy", NpyBuilder([1, 2, 1, 3, 4], littleEndian(dense)).bytes, "[1, 2, 1, 3, 4]"),
            (
                "w.npy",
                NpyBuilder([6, 4], littleEndian((0..<24).map { Int32($0) }), descriptor: "<i4")
                    .bytes, "<i4"
            ),
        ] as [(String, [UInt8], String)]
    )
    func `what holds no weights is refused`(
        _ name: String,
        _ bytes: [UInt8],
        _ word: String
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(name, bytes)
        expectRefusal(.usage, naming: path, word) {
            _ = try StoredWeights(reading: path, flag: "--from")
        }
    }

    @Test func `a file without a tensor of weights is refused`() throws {
        let folder = try TemporaryFolder()
        var file = SafetensorsBuilder()
        file.tensors = [("q", "F32", [6, 4], littleEndian(Self.dense))]
        let path = try folder.write("w.safetensors", file.bytes)
        expectRefusal(.usage, of: "--from \(path)") {
            _ = try StoredWeights(reading: path, flag: "--from")
        }
    }
}
