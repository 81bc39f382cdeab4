import Attention
import Tensors

/// The three ways to write the same tensors down.
package enum FixtureFormat: String, CaseIterable {
    case safetensors, npz, folder
}

/// Tensors to be written in any format, from which a test takes or spoils one.
package struct TensorFixture {
    package struct Tensor {
        package var type: String
        package var shape: [Int]
        package var content: [UInt8]
    }

    package var tensors: [String: Tensor] = [:]

    package init() {}

    /// Query [2,4,3,5], key [2,2,7,5] and value [2,2,7,6], and nothing else.
    package static func sound() -> TensorFixture {
        var fixture = TensorFixture()
        fixture.setFloats("q", [2, 4, 3, 5])
        fixture.setFloats("k", [2, 2, 7, 5])
        fixture.setFloats("v", [2, 2, 7, 6])
        return fixture
    }

    package mutating func setFloats(_ name: String, _ shape: [Int]) {
        tensors[name] = Tensor(type: "F32", shape: shape, content: littleEndian(ramp(shape)))
    }

    package mutating func set(_ name: String, _ type: String, _ shape: [Int], _ content: [UInt8]) {
        tensors[name] = Tensor(type: type, shape: shape, content: content)
    }

    /// Writes the tensors and returns what `--input` would be given.
    package func write(
        _ format: FixtureFormat,
        in folder: borrowing TemporaryFolder
    ) throws -> String {
        let named = tensors.sorted { $0.key < $1.key }
        switch format {
        case .safetensors:
            var builder = SafetensorsBuilder()
            builder.tensors = named.map {
                ($0.key, $0.value.type, $0.value.shape, $0.value.content)
            }
            return try folder.write("tensors.safetensors", builder.bytes)
        case .npz:
            let builder = ZipBuilder(members: named.map { ("\($0.key).npy", Self.npy($0.value)) })
            return try folder.write("tensors.npz", builder.bytes)
        case .folder:
            for (name, tensor) in named { _ = try folder.write("\(name).npy", Self.npy(tensor)) }
            return folder.path
        }
    }

    private static func npy(_ tensor: Tensor) -> [UInt8] {
        let descriptors = [
            "F32": "<f4", "F16": "<f2", "I32": "<i4", "I64": "<i8", "BOOL": "|b1", "U8": "|u1",
            "F64": "<f8",
        ]
        return NpyBuilder(
            tensor.shape,
            tensor.content,
            descriptor: descriptors[tensor.type] ?? tensor.type
        ).bytes
    }
}

extension ExternalTensors {
    /// Loads a tensor into an array.
    package func loaded<Element: BitwiseCopyable>(
        _ tensor: TensorName,
        as type: Element.Type,
        zero: Element
    ) throws -> (elements: [Element], nonFinite: NonFiniteCount) {
        var elements = [Element](
            repeating: zero,
            count: byteCount(of: tensor) / MemoryLayout<Element>.size
        )
        let count = try elements.withUnsafeMutableBytes { try load(tensor, into: $0) }
        return (elements, count)
    }

    package func floats(_ tensor: TensorName) throws -> [Float] {
        try loaded(tensor, as: Float.self, zero: .nan).elements
    }
}
