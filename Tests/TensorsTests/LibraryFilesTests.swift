import Attention
import FoundationEssentials
import TestSupport
import Testing

@testable import Tensors

/// Files as other libraries write them.
struct LibraryFilesTests {
    private func read(_ file: LibraryFile) throws -> ExternalTensors {
        let folder = try TemporaryFolder()
        let bytes = try #require(Data(base64Encoded: file.base64))
        return try withExtendedLifetime(folder) {
            let path = try folder.write(file.name, Array(bytes))
            let tensors = try ExternalTensors(reading: path)
            try check(tensors, file)
            return tensors
        }
    }

    private func check(_ tensors: ExternalTensors, _ file: LibraryFile) throws {
        let indices = (0..<12).map(Float.init)
        #expect(try tensors.floats(.query) == indices.map { ($0 - 5) / 4 })
        #expect(
            try tensors.floats(.key) == indices.map { $0.truncatingRemainder(dividingBy: 5) / 2 }
        )
        #expect(try tensors.floats(.value) == indices)
        #expect((tensors.mask.visibility == .shared) == file.hasMask)
        if file.hasMask {
            let mask = try tensors.loaded(.visibility, as: UInt8.self, zero: 7).elements
            #expect(mask == [1, 0, 1, 1, 0, 1, 1, 0, 1])
        }
        #expect((tensors.mask.lengths == .perBatch) == file.hasLengths)
        if file.hasLengths {
            #expect(try tensors.loaded(.lengths, as: Int32.self, zero: 7).elements == [3])
        }
        #expect(tensors.ignoredNames == [])
    }

    @Test(arguments: LibraryFile.all)
    func `a file of another library has its numbers`(_ file: LibraryFile) throws {
        _ = try read(file)
    }

    @Test func `rounded numbers, types without a name and masks of integers are noted`() throws {
        func notes(_ name: String) throws -> [String] {
            try read(try #require(LibraryFile.all.first { $0.name == name })).typeNotes
        }
        let julia = try notes("julia.npz")
        #expect(julia.count == 1 && julia[0].contains("f32") && julia[0].contains("<f8"))
        let jax = try notes("jax.npz")
        #expect(jax.count == 2)
        #expect(jax[0].contains("bf16") && jax[0].contains("<V2") && jax[1].contains("mask"))
        #expect(try notes("mlx.safetensors") == [])
        #expect(try notes("mlx.npz").count == 1)
    }

    @Test(arguments: ["<f4", "=f4", "|f4", "f4", ">f4"])
    func `floats are read in any byte order`(descriptor: String) throws {
        let folder = try TemporaryFolder()
        _ = try TensorFixture.sound().write(.folder, in: folder)
        var builder = NpyBuilder([2, 4, 3, 5])
        builder.descriptor = descriptor
        if descriptor == ">f4" {
            builder.content = ramp([120]).flatMap { littleEndian([$0]).reversed() }
        }
        _ = try folder.write("q.npy", builder.bytes)
        #expect(try ExternalTensors(reading: folder.path).floats(.query) == ramp([120]))
    }

    /// Sizes as they are stored, and each element's place along them, the first running fastest.
    private func turned(_ shape: [Int], _ elements: [Float]) -> [Float] {
        var turned: [Float] = []
        for index in elements.indices {
            var (rest, place) = (index, 0)
            var axes: [Int] = []
            for size in shape {
                axes.append(rest % size)
                rest /= size
            }
            for (size, axis) in zip(shape, axes) { place = place * size + axis }
            turned.append(elements[place])
        }
        return turned
    }

    @Test(arguments: [TensorLayout.bhld, .blhd])
    func `Fortran order is read in both layouts`(layout: TensorLayout) throws {
        let shapes = ["q": [2, 4, 3, 5], "k": [2, 2, 7, 5], "v": [2, 2, 7, 6]]
        var read: [[Float]] = []
        for isTurned in [false, true] {
            let folder = try TemporaryFolder()
            for (name, own) in shapes {
                let shape = layout == .bhld ? own : [own[0], own[2], own[1], own[3]]
                var builder = NpyBuilder(shape)
                if isTurned {
                    builder.order = "True"
                    builder.content = littleEndian(turned(shape, ramp(shape)))
                }
                _ = try folder.write("\(name).npy", builder.bytes)
            }
            let tensors = try ExternalTensors(reading: folder.path, layout: layout)
            for tensor in [TensorName.query, .key, .value] {
                read.append(try tensors.floats(tensor))
            }
        }
        #expect(Array(read[0..<3]) == Array(read[3..<6]))
        #expect(layout == .blhd || read[0] == ramp([120]))
    }

    @Test func `Fortran order of masks, biases and lengths is read`() throws {
        func input(isTurned: Bool) throws -> ([UInt8], [Float], [Int32]) {
            let folder = try TemporaryFolder()
            _ = try TensorFixture.sound().write(.folder, in: folder)
            func write(_ name: String, _ shape: [Int], _ type: String, _ numbers: [Float]) throws {
                let numbers = isTurned ? turned(shape, numbers) : numbers
                let content =
                    type == "<i2"
                    ? littleEndian(numbers.map { Int16($0) }) : littleEndian(numbers)
                var builder = NpyBuilder(shape, content, descriptor: type)
                builder.order = isTurned ? "True" : "False"
                _ = try folder.write("\(name).npy", builder.bytes)
            }
            let pairs = (0..<21).map(Float.init)
            try write("mask", [3, 7], "<i2", pairs.map { $0.truncatingRemainder(dividingBy: 2) })
            try write("bias", [3, 7], "<f4", pairs)
            try write("lengths", [2, 3], "<i2", [1, 2, 3, 4, 5, 6])
            let tensors = try ExternalTensors(reading: folder.path)
            return (
                try tensors.loaded(.visibility, as: UInt8.self, zero: 9).elements,
                try tensors.floats(.bias),
                try tensors.loaded(.lengths, as: Int32.self, zero: 9).elements
            )
        }
        let (plain, other) = (try input(isTurned: false), try input(isTurned: true))
        #expect(plain == other)
        #expect(plain.1 == (0..<21).map(Float.init) && plain.2 == [1, 2, 3, 4, 5, 6])
    }

    @Test(arguments: ["|i1", "<i2", ">i4", "<i8", ">u2", "<u4", "<u8", "<b1", "<u1"])
    func `integers of any size say what is masked, and how long`(descriptor: String) throws {
        let folder = try TemporaryFolder()
        _ = try TensorFixture.sound().write(.folder, in: folder)
        let size = try #require(ElementType(numpy: descriptor)).byteCount
        func bytes(_ numbers: [UInt8]) -> [UInt8] {
            numbers.flatMap { number in
                let rest = [UInt8](repeating: 0, count: size - 1)
                return descriptor.hasPrefix(">") ? rest + [number] : [number] + rest
            }
        }
        let mask = (0..<14).map { UInt8($0 % 3 == 0 ? 1 : 0) }
        _ = try folder.write(
            "mask.npy",
            NpyBuilder([2, 1, 1, 7], bytes(mask), descriptor: descriptor).bytes
        )
        let isBoolean = descriptor == "<b1"
        if !isBoolean {
            _ = try folder.write(
                "lengths.npy",
                NpyBuilder([2], bytes([7, 3]), descriptor: descriptor).bytes
            )
        }
        let tensors = try ExternalTensors(reading: folder.path)
        let seen = try tensors.loaded(.visibility, as: UInt8.self, zero: 9).elements
        #expect(Array(seen[0..<7]) == Array(mask[0..<7]) && seen[7..<14] == seen[0..<7])
        #expect(Array(seen[21..<28]) == Array(mask[7..<14]))
        guard !isBoolean else { return }
        #expect(try tensors.loaded(.lengths, as: Int32.self, zero: 9).elements == [7, 3])
    }
}
