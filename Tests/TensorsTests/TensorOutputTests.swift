import TestSupport
import Testing

@testable import Files
@testable import Tensors

struct TensorOutputTests {
    private func write(_ path: String, _ elements: [Float], _ shape: [Int]) throws {
        var output = try TensorOutput.reserve(path: path)
        try elements.withUnsafeBufferPointer { try output.write($0, shape: shape) }
    }

    @Test(arguments: [[1], [2, 3], [4, 3, 6], [2, 4, 3, 6]])
    func `an npy output is what NumPy would write`(shape: [Int]) throws {
        let folder = try TemporaryFolder()
        try write("\(folder.path)/o.npy", ramp(shape), shape)
        let bytes = try folder.bytes("o.npy")
        let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
        #expect(start % 64 == 0)
        #expect(bytes[start - 1] == UInt8(ascii: "\n"))
        #expect(Array(bytes[start...]) == littleEndian(ramp(shape)))
        let file = try OpenFile(reading: "\(folder.path)/o.npy")
        let tensor = try NpyFile.tensor(in: file, byteCount: bytes.count, name: "o")
        #expect(tensor.shape == shape)
        #expect(tensor.elementType == .float32)
    }

    @Test(
        arguments: [[1, 1, 1, 1], [4, 3, 6], [2, 4, 3, 6], [2, 3, 130, 200]],
        ["npy", "safetensors"]
    )
    func `an output with rows before heads is read back in that order`(
        shape: [Int],
        kind: String
    ) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/o.\(kind)"
        var output = try TensorOutput.reserve(path: path)
        let elements = (0..<shape.reduce(1, *)).map { Float($0) }
        try elements.withUnsafeBufferPointer {
            try output.write($0, shape: shape, layout: .blhd)
        }
        let file = try OpenFile(reading: path)
        let tensor = try #require(
            kind == "npy"
                ? NpyFile.tensor(in: file, byteCount: file.byteCount, name: "o")
                : SafetensorsFile.tensors(in: file).first
        )
        let count = shape.count
        #expect(
            tensor.shape == shape.dropLast(3) + [
                shape[count - 2], shape[count - 3], shape[count - 1],
            ]
        )
        let bytes = try file.bytes(at: tensor.offset, count: tensor.byteCount)
        let (heads, rows, width) = (shape[count - 3], shape[count - 2], shape[count - 1])
        let expected = elements.indices.map { index in
            let (column, token) = (index % width, index / width)
            let (head, row, batch) = (token % heads, token / heads % rows, token / heads / rows)
            return elements[((batch * heads + head) * rows + row) * width + column]
        }
        #expect(bytes == littleEndian(expected))
        #expect(try folder.names == ["o.\(kind)"])
    }

    @Test func `the header of an npy output is the one NumPy writes`() {
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4, 3, 6), }"
        let padding = String(repeating: " ", count: 128 - 10 - text.utf8.count - 1)
        let expected = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array((text + padding).utf8)
        #expect(NpyFile.header(shape: [2, 4, 3, 6]) == expected + [0x0a])
    }

    @Test func `a safetensors output can be read again`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/o.safetensors"
        try write(path, ramp([2, 4, 3, 6]), [2, 4, 3, 6])
        let tensor = try #require(SafetensorsFile.tensors(in: OpenFile(reading: path)).first)
        #expect(tensor.name == "o")
        #expect(tensor.shape == [2, 4, 3, 6])
        #expect(tensor.offset % 8 == 0)
        let bytes = try folder.bytes("o.safetensors")
        #expect(Array(bytes[tensor.offset...]) == littleEndian(ramp([2, 4, 3, 6])))
        #expect(try folder.names == ["o.safetensors"])
    }

    @Test func `an output path is refused before the run`() throws {
        let folder = try TemporaryFolder()
        let there = try folder.write("there.npy", "precious")
        let path = folder.path
        expectRefusal(.usage, naming: "--output \(path)/o.txt", ".npy") {
            _ = try TensorOutput.reserve(path: "\(path)/o.txt")
        }
        expectRefusal(.environment, naming: "--output \(there)") {
            _ = try TensorOutput.reserve(path: there)
        }
        expectRefusal(.environment, naming: "\(path)/none/o.npy") {
            _ = try TensorOutput.reserve(path: "\(path)/none/o.npy")
        }
        #expect(try folder.bytes("there.npy") == Array("precious".utf8))
        #expect(try folder.names == ["there.npy"])
    }

    @Test func `an output that is not written leaves nothing`() throws {
        let folder = try TemporaryFolder()
        do {
            let output = try TensorOutput.reserve(path: "\(folder.path)/o.npy")
            #expect(try folder.names == [lastComponent(of: output.path)])
        }
        #expect(try folder.names.isEmpty)
    }
}
