import Attention
import TestSupport
import Testing

@testable import Files
@testable import Tensors

/// The numbers that an input adds to scores, and its sinks.
///
/// The sound fixture has 2 batch elements, 4 heads, 3 rows and 7 keys.
struct BiasTests {
    private func read(
        _ fixture: TensorFixture,
        in folder: borrowing TemporaryFolder
    ) throws -> ExternalTensors {
        try ExternalTensors(reading: fixture.write(.npz, in: folder))
    }

    private static let shapes: [(sizes: [Int], axes: [Int], bias: Mask.Pairs)] = [
        ([3, 7], [1, 1, 3, 7], .shared), ([7], [1, 1, 1, 7], .shared),
        ([2, 3, 7], [2, 1, 3, 7], .perBatch), ([2, 7], [2, 1, 1, 7], .perBatch),
        ([1, 4, 3, 7], [1, 4, 3, 7], .perHead), ([4, 3, 1], [1, 4, 3, 1], .perHead),
        ([2, 4, 3, 7], [2, 4, 3, 7], .perSlice),
    ]

    /// The stored element of every pair, by what the axes leave out.
    private func elements(_ pairs: Mask.Pairs, _ axes: [Int]) -> [Int] {
        let batches = [.shared, .perHead].contains(pairs) ? 1 : 2
        let heads = pairs.differsByHead ? 4 : 1
        return (0..<batches).flatMap { b in
            (0..<heads).flatMap { h in
                (0..<3).flatMap { l in
                    (0..<7).map { s in
                        zip([b, h, l, s], axes).reduce(0) { $0 * $1.1 + $1.0 % $1.1 }
                    }
                }
            }
        }
    }

    @Test(arguments: shapes)
    func `a bias broadcasts over what its shape leaves out`(
        given: (sizes: [Int], axes: [Int], bias: Mask.Pairs)
    ) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        let numbers = ramp(given.sizes)
        fixture.set("bias", "F32", given.sizes, littleEndian(numbers.map(\.bitPattern)))
        let tensors = try read(fixture, in: folder)
        #expect(tensors.mask == Mask(bias: given.bias))
        let expected = elements(given.bias, given.axes).map { numbers[$0] }
        #expect(try tensors.loaded(.bias, as: Float.self, zero: 9).elements == expected)
    }

    @Test(arguments: shapes)
    func `what is −∞ is hidden, with what a mask hides`(
        given: (sizes: [Int], axes: [Int], bias: Mask.Pairs)
    ) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        let numbers = ramp(given.sizes).enumerated().map { index, number in
            index % 3 == 1 ? -Float.infinity : number
        }
        fixture.set("bias", "F32", given.sizes, littleEndian(numbers.map(\.bitPattern)))
        var tensors = try read(fixture, in: folder)
        let stored = elements(given.bias, given.axes)
        let hides = numbers.count > 1
        #expect(tensors.mask == Mask(visibility: hides ? given.bias : .none, bias: given.bias))
        let bias = try tensors.loaded(.bias, as: Float.self, zero: 9).elements
        #expect(bias == stored.map { numbers[$0].isFinite ? numbers[$0] : 0 })
        let shown = try tensors.loaded(.visibility, as: UInt8.self, zero: 9).elements
        #expect(shown == stored.map { numbers[$0].isFinite ? 1 : 0 })
        // Joined with a mask [B,S], it holds for every batch element.
        let flags = (0..<14).map { UInt8($0 % 2) }
        fixture.set("mask", "BOOL", [2, 1, 1, 7], flags)
        tensors = try read(fixture, in: folder)
        let joined: Mask.Pairs = given.bias.differsByHead ? .perSlice : .perBatch
        #expect(tensors.mask == Mask(visibility: joined, bias: given.bias))
        let both = try tensors.loaded(.visibility, as: UInt8.self, zero: 9).elements
        let places = elements(joined, given.axes)
        let expected = places.indices.map { index in
            let slices = joined == .perSlice ? 4 : 1
            let (batch, key) = (index / 7 / 3 / slices, index % 7)
            return numbers[places[index]].isFinite ? flags[batch * 7 + key] : 0
        }
        #expect(both == expected)
    }

    @Test func `numbers too large for the kernels become the largest, and others are counted`()
        throws
    {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        var numbers = ramp([3, 7])
        numbers[0] = -.greatestFiniteMagnitude
        numbers[1] = 3e38
        numbers[2] = .nan
        numbers[3] = .infinity
        fixture.set("bias", "F32", [3, 7], littleEndian(numbers.map(\.bitPattern)))
        let tensors = try read(fixture, in: folder)
        #expect(tensors.mask == Mask(bias: .shared))
        let loaded = try tensors.loaded(.bias, as: Float.self, zero: 9)
        #expect(loaded.elements[0] == -Mask.largestBias && loaded.elements[1] == Mask.largestBias)
        #expect(loaded.elements[2].isNaN && loaded.elements[3] == .infinity)
        #expect(loaded.elements[4...] == numbers[4...])
        #expect(loaded.nonFinite == NonFiniteCount(notANumber: 1, infinite: 1))
    }

    @Test(arguments: [[3], [4, 7], [3, 2, 3, 7], [1, 1, 1, 1, 1], [2, 4, 7, 3]])
    func `a bias of another shape is refused`(sizes: [Int]) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        fixture.set("bias", "F32", sizes, littleEndian(ramp(sizes).map(\.bitPattern)))
        expectRefusal(.usage, naming: "tensor bias") { _ = try read(fixture, in: folder) }
    }

    @Test func `sinks are a number for each head`() throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        #expect(try read(fixture, in: folder).sinks() == nil)
        fixture.set("sinks", "F32", [4], littleEndian(ramp([4]).map(\.bitPattern)))
        #expect(try read(fixture, in: folder).sinks() == ramp([4]))
        fixture.set("sinks", "F32", [1, 4], littleEndian(ramp([4]).map(\.bitPattern)))
        expectRefusal(.usage, naming: "tensor sinks") {
            _ = try read(fixture, in: folder).sinks()
        }
        fixture.set("sinks", "F32", [4], littleEndian([0, Float.nan, 0, 0].map(\.bitPattern)))
        expectRefusal(.usage, naming: "tensor sinks") {
            _ = try read(fixture, in: folder).sinks()
        }
    }
}
