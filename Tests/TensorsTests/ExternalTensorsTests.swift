import Attention
import TestSupport
import Testing

@testable import Tensors

struct ExternalTensorsTests {
    private let shape = AttentionShape(
        batch: 2,
        heads: 4,
        keyValueHeads: 2,
        queryLength: 3,
        keyLength: 7,
        headDimension: 5,
        valueDimension: 6
    )

    private func read(
        _ fixture: TensorFixture,
        _ format: FixtureFormat,
        in folder: borrowing TemporaryFolder
    ) throws -> ExternalTensors {
        try ExternalTensors(reading: fixture.write(format, in: folder))
    }

    @Test(arguments: FixtureFormat.allCases)
    func `tensors are found, shaped and loaded`(format: FixtureFormat) throws {
        let folder = try TemporaryFolder()
        let tensors = try read(.sound(), format, in: folder)
        #expect(tensors.shape == shape)
        #expect(tensors.mask == .none)
        #expect(tensors.layout == .bhld)
        #expect(tensors.rank == 4)
        #expect(tensors.outputShape == [2, 4, 3, 6])
        #expect(tensors.ignoredNames.isEmpty)
        #expect(try tensors.floats(.query) == ramp([2, 4, 3, 5]))
        #expect(try tensors.floats(.key) == ramp([2, 2, 7, 5]))
        #expect(try tensors.floats(.value) == ramp([2, 2, 7, 6]))
    }

    @Test(arguments: FixtureFormat.allCases)
    func `long names, a missing batch and strangers are understood`(format: FixtureFormat) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture()
        fixture.setFloats("query", [4, 3, 5])
        fixture.setFloats("key", [2, 7, 5])
        fixture.setFloats("value", [2, 7, 6])
        fixture.set("expected", "F64", [2], [UInt8](repeating: 0, count: 16))
        let tensors = try read(fixture, format, in: folder)
        var flat = shape
        flat.batch = 1
        #expect(tensors.shape == flat)
        #expect(tensors.rank == 3)
        #expect(tensors.outputShape == [4, 3, 6])
        // A folder may hold anything; only the accepted names are looked at.
        #expect(tensors.ignoredNames == (format == .folder ? [] : ["expected"]))
    }

    @Test(arguments: FixtureFormat.allCases)
    func `half precision is widened exactly`(format: FixtureFormat) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        let halves = (0..<120).map { Float16(ramp([120])[$0]).bitPattern }
        fixture.set("q", "F16", [2, 4, 3, 5], littleEndian(halves))
        if format == .safetensors {
            let upper = ramp([140]).map { UInt16($0.bitPattern >> 16) }
            fixture.set("k", "BF16", [2, 2, 7, 5], littleEndian(upper))
        }
        let tensors = try read(fixture, format, in: folder)
        #expect(try tensors.floats(.query) == ramp([120]))
        #expect(try tensors.floats(.key) == ramp([140]))
    }

    @Test(arguments: FixtureFormat.allCases)
    func `lengths of 32 and 64 bits are read per batch and per row`(format: FixtureFormat) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        fixture.set("lengths", "I64", [2], littleEndian([0, 7] as [Int64]))
        var tensors = try read(fixture, format, in: folder)
        #expect(tensors.mask == Mask(lengths: .perBatch))
        #expect(try tensors.loaded(.lengths, as: Int32.self, zero: -1).elements == [0, 7])
        fixture.set("lengths", "I32", [2, 3], littleEndian([0, 1, 2, 3, 4, 7] as [Int32]))
        tensors = try read(fixture, format, in: folder)
        #expect(tensors.mask == Mask(lengths: .perRow))
        #expect(
            try tensors.loaded(.lengths, as: Int32.self, zero: -1).elements == [0, 1, 2, 3, 4, 7]
        )
    }

    @Test(arguments: [Int64(-1), 8, 1 << 32, .max, .min])
    func `a length beyond the keys is refused by its index`(length: Int64) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        fixture.set("lengths", "I64", [2], littleEndian([7, length]))
        let tensors = try read(fixture, .npz, in: folder)
        let refusal = expectRefusal(.usage, naming: "tensor lengths") {
            _ = try tensors.loaded(.lengths, as: Int32.self, zero: 0)
        }
        // The length and its index, and the number of keys.
        for figure in ["\(length)", "1"] {
            #expect(refusal?.problem.contains(figure) == true)
        }
        #expect(refusal?.expected.contains("7") == true)
    }

    @Test(
        arguments: [
            ([3, 7], [1, 1, 3, 7], Mask.Pairs.shared), ([1, 3, 7], [1, 1, 3, 7], .shared),
            ([1, 1, 3, 7], [1, 1, 3, 7], .shared), ([1, 1, 1, 7], [1, 1, 1, 7], .shared),
            ([1, 1, 3, 1], [1, 1, 3, 1], .shared), ([1, 1, 1, 1], [1, 1, 1, 1], .shared),
            ([7], [1, 1, 1, 7], .shared), ([1], [1, 1, 1, 1], .shared),
            ([2, 3, 7], [2, 1, 3, 7], .perBatch), ([2, 1, 3, 7], [2, 1, 3, 7], .perBatch),
            ([2, 1, 1, 7], [2, 1, 1, 7], .perBatch), ([2, 7], [2, 1, 1, 7], .perBatch),
            ([2, 1, 7], [2, 1, 1, 7], .perBatch), ([2, 1, 3, 1], [2, 1, 3, 1], .perBatch),
            ([2, 4, 3, 7], [2, 4, 3, 7], .perSlice), ([1, 4, 3, 7], [1, 4, 3, 7], .perHead),
            ([4, 3, 7], [1, 4, 3, 7], .perHead), ([2, 4, 1, 7], [2, 4, 1, 7], .perSlice),
            ([1, 4, 1, 7], [1, 4, 1, 7], .perHead), ([2, 4, 3, 1], [2, 4, 3, 1], .perSlice),
            ([1, 4, 1, 1], [1, 4, 1, 1], .perHead),
        ],
        FixtureFormat.allCases
    )
    func `a mask broadcasts over what its shape leaves out`(
        mask: (sizes: [Int], axes: [Int], visibility: Mask.Pairs),
        format: FixtureFormat
    ) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        let content = (0..<mask.sizes.reduce(1, *)).map { UInt8($0 * 5 % 3) }
        fixture.set("mask", format == .npz ? "U8" : "BOOL", mask.sizes, content)
        let tensors = try read(fixture, format, in: folder)
        #expect(tensors.mask == Mask(visibility: mask.visibility))
        let loaded = try tensors.loaded(.visibility, as: UInt8.self, zero: 9).elements
        // Every element of the whole mask, looked up along the axes that are stored.
        func element(_ place: [Int]) -> UInt8 {
            let index = zip(place, mask.axes).reduce(0) { $0 * $1.1 + $1.0 % $1.1 }
            return content[index] == 0 ? 0 : 1
        }
        let batches = [.shared, .perHead].contains(mask.visibility) ? 1 : 2
        let heads = mask.visibility.differsByHead ? 4 : 1
        let expected = (0..<batches).flatMap { b in
            (0..<heads).flatMap { h in
                (0..<3).flatMap { l in (0..<7).map { s in element([b, h, l, s]) } }
            }
        }
        #expect(loaded == expected)
    }

    @Test(arguments: [
        ([1], Mask.Lengths.perBatch, [5, 5]), ([2, 1], .perBatch, [5, 6]),
        ([1, 1], .perBatch, [5, 5]), ([1, 3], .perRow, [5, 6, 7, 5, 6, 7]),
    ])
    func `lengths broadcast over what their shape leaves out`(
        sizes: [Int],
        lengths: Mask.Lengths,
        expected: [Int32]
    ) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        let stored = (0..<sizes.reduce(1, *)).map { Int64(5 + $0) }
        fixture.set("lengths", "I64", sizes, littleEndian(stored))
        let tensors = try read(fixture, .npz, in: folder)
        #expect(tensors.mask == Mask(lengths: lengths))
        #expect(try tensors.loaded(.lengths, as: Int32.self, zero: -1).elements == expected)
    }

    /// The same elements with the axes of heads and rows swapped.
    private func turned<Element>(_ elements: [Element], _ sizes: [Int]) -> [Element] {
        let (heads, rows, width) = (sizes[1], sizes[2], sizes[3])
        return (0..<sizes[0]).flatMap { b in
            (0..<rows).flatMap { l in
                (0..<heads).flatMap { h in
                    let start = ((b * heads + h) * rows + l) * width
                    return elements[start..<start + width]
                }
            }
        }
    }

    @Test(arguments: FixtureFormat.allCases, ["F32", "F16", "BF16"])
    func `tensors with rows before heads are loaded with heads before rows`(
        format: FixtureFormat,
        type: String
    ) throws {
        // NumPy's files have no such type.
        guard type != "BF16" || format == .safetensors else { return }
        let folder = try TemporaryFolder()
        var fixture = TensorFixture()
        // Larger than the reading buffer, which ends in the middle of a row.
        let sizes = ["q": [2, 4, 101, 173], "k": [2, 2, 7, 173], "v": [2, 2, 7, 6]]
        var numbers: [String: [Float]] = [:]
        for (name, sizes) in sizes {
            var all = ramp(sizes)
            all[5] = .infinity
            numbers[name] = all
            let stored = turned(all, sizes)
            let content =
                switch type {
                case "F16": littleEndian(stored.map { Float16($0).bitPattern })
                case "BF16": littleEndian(stored.map { UInt16($0.bitPattern >> 16) })
                default: littleEndian(stored)
                }
            fixture.set(name, type, [sizes[0], sizes[2], sizes[1], sizes[3]], content)
        }
        let tensors = try ExternalTensors(
            reading: fixture.write(format, in: folder),
            layout: .blhd
        )
        #expect(
            tensors.shape
                == AttentionShape(
                    batch: 2,
                    heads: 4,
                    keyValueHeads: 2,
                    queryLength: 101,
                    keyLength: 7,
                    headDimension: 173,
                    valueDimension: 6
                )
        )
        #expect(tensors.outputShape == [2, 4, 101, 6])
        for (name, tensor) in [("q", TensorName.query), ("k", .key), ("v", .value)] {
            let (elements, nonFinite) = try tensors.loaded(tensor, as: Float.self, zero: .nan)
            #expect(elements == numbers[name])
            #expect(nonFinite == NonFiniteCount(notANumber: 0, infinite: 1))
        }
    }

    @Test func `without a batch the rows come first`() throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture()
        for name in ["q", "k", "v"] {
            fixture.set(
                name,
                "F32",
                [3, 4, 5],
                littleEndian(turned(ramp([4, 3, 5]), [1, 4, 3, 5]))
            )
        }
        let tensors = try ExternalTensors(reading: fixture.write(.npz, in: folder), layout: .blhd)
        #expect(tensors.shape.heads == 4)
        #expect(tensors.outputShape == [4, 3, 5])
        #expect(try tensors.floats(.query) == ramp([4, 3, 5]))
    }

    @Test func `a mask beside a query without batch may begin with heads`() throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture()
        fixture.setFloats("q", [4, 3, 5])
        fixture.setFloats("k", [4, 7, 5])
        fixture.setFloats("v", [4, 7, 5])
        fixture.set("mask", "BOOL", [4, 3, 7], [UInt8](repeating: 1, count: 84))
        let tensors = try read(fixture, .npz, in: folder)
        #expect(tensors.mask == Mask(visibility: .perSlice))
    }

    @Test func `NaN and infinite numbers are counted`() throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        var numbers = ramp([140])
        numbers[3] = .nan
        numbers[50] = -.infinity
        numbers[139] = .infinity
        fixture.set("k", "F32", [2, 2, 7, 5], littleEndian(numbers))
        var halves = ramp([168]).map { Float16($0).bitPattern }
        halves[0] = 0x7c01
        fixture.set("v", "F16", [2, 2, 7, 6], littleEndian(halves))
        let tensors = try read(fixture, .safetensors, in: folder)
        let query = try tensors.loaded(.query, as: Float.self, zero: 0).nonFinite
        let key = try tensors.loaded(.key, as: Float.self, zero: 0).nonFinite
        let value = try tensors.loaded(.value, as: Float.self, zero: 0).nonFinite
        #expect(query == NonFiniteCount())
        #expect(key == NonFiniteCount(notANumber: 1, infinite: 2))
        #expect(value == NonFiniteCount(notANumber: 1, infinite: 0))
    }

    @Test(arguments: ["F32", "F16", "BF16"])
    func `tensors larger than the reading buffer are whole`(type: String) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture()
        let sizes = [1, 1, 701, 512]
        let numbers = ramp(sizes)
        for name in ["q", "k", "v"] {
            switch type {
            case "F16":
                fixture.set(name, type, sizes, littleEndian(numbers.map { Float16($0).bitPattern }))
            case "BF16":
                fixture.set(
                    name,
                    type,
                    sizes,
                    littleEndian(numbers.map { UInt16($0.bitPattern >> 16) })
                )
            default: fixture.set(name, type, sizes, littleEndian(numbers))
            }
        }
        let tensors = try read(fixture, .safetensors, in: folder)
        #expect(try tensors.floats(.value) == numbers)
    }

    @Test func `a file that changes between finding and loading is refused`() throws {
        let folder = try TemporaryFolder()
        let path = try TensorFixture.sound().write(.npz, in: folder)
        let tensors = try ExternalTensors(reading: path)
        let whole = try folder.bytes("tensors.npz")
        _ = try folder.write("tensors.npz", Array(whole.dropLast(99)))
        // Found with one size, loaded with another.
        let sizes = ["\(whole.count)", "\(whole.count - 99)"]
        expectRefusal(.usage, naming: [path] + sizes) { _ = try tensors.floats(.query) }
    }
}
