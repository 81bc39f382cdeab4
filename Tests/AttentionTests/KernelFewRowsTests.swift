import Attention
import TestSupport
import Testing

/// A row's bits do not depend on how many rows are asked for.
@Suite struct KernelFewRowsTests {
    static let dimensions = [1, 3, 4, 7, 8, 16, 17, 33, 64, 65, 80]
    static let masks = [
        Mask.none, Mask(band: .causalBottomRight), Mask(lengths: .perRow),
        Mask(lengths: .perBatch, visibility: .perSlice), Mask(visibility: .shared),
        Mask(bias: .perHead), Mask(band: .causalBottomRight, visibility: .perHead, bias: .perSlice),
        Mask(band: .causalBottomRight, pattern: .window(back: 33, ahead: 90)),
        Mask(
            band: .causalBottomRight,
            pattern: .bigBird(BigBirdPattern(window: 3, random: 2, global: 1, block: 30, seed: 4))
        ),
    ]

    @Test(arguments: InstructionSet.available, [64, 100, 333, 1024])
    func `the last rows alone have the bits of the same rows among many`(
        instructionSet: InstructionSet,
        keys: Int
    ) throws {
        let kernel = try requireKernel(instructionSet)
        var random = SplitMix(seed: UInt64(keys))
        for mask in Self.masks {
            let variants: [(Float?, Float)] = [(nil, 0), (9, 0), (nil, 0.02), (5, 0.5)]
            for (cap, slope) in isThorough
                ? variants : Array(variants.shuffled(using: &random)[..<2])
            {
                // Positions count from the first row, unless the mask is aligned to the last.
                if slope != 0 && mask.band == .none { continue }
                let columns = Self.dimensions.randomElement(using: &random) ?? 1
                let many = KernelCase(
                    batch: 2,
                    heads: 4,
                    keyValueHeads: 2,
                    rows: min(keys, 70),
                    keys: keys,
                    dimension: Self.dimensions.randomElement(using: &random) ?? 1,
                    valueDimension: columns,
                    mask: mask,
                    softCap: cap,
                    alibi: slope == 0 ? [] : [0, slope, 0, 2 * slope],
                    maskedRows: .uniform,
                    seed: UInt64(keys)
                )
                let whole = bits(many.output(kernel))
                for count in [1, 2, 3, 5, 9, 16, 17, 31, 32, 33, 63, 64, 65]
                where count <= many.shape.queryLength {
                    let few = many.lastRows(count)
                    let last = many.shape.queryLength - count..<many.shape.queryLength
                    let expected = many.rows(last, of: whole)
                    #expect(bits(few.output(kernel)) == expected, "\(count) \(mask)")
                    #expect(bits(many.output(kernel, rows: last)) == expected, "\(count) \(mask)")
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `rows asked for in chunks have the bits of all rows`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for mask in Self.masks {
            let test = KernelCase(
                heads: 3,
                keyValueHeads: 1,
                rows: 66,
                keys: 333,
                dimension: 33,
                valueDimension: 20,
                mask: mask,
                softCap: 7,
                alibi: [0.1, 0, 0.01],
                seed: 8
            )
            let whole = bits(test.output(kernel))
            for size in isThorough ? [1, 2, 3, 7, 16, 17] : [1, 7, 17] {
                for first in stride(from: 0, to: 66, by: size) {
                    let rows = first..<min(first + size, 66)
                    let part = bits(test.output(kernel, rows: rows))
                    #expect(part == test.rows(rows, of: whole), "\(rows) \(mask)")
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a long cache gives one row the bits that it has among many`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for (columns, mask) in [(3, Mask.none), (16, Mask(band: .causalBottomRight))] {
            let many = KernelCase(
                heads: 2,
                keyValueHeads: 1,
                rows: 18,
                keys: 65_536,
                dimension: columns,
                mask: mask,
                seed: 6
            )
            let whole = bits(many.output(kernel))
            for count in [1, 3] {
                let output = bits(many.lastRows(count).output(kernel))
                #expect(output == many.rows(18 - count..<18, of: whole), "\(mask)")
            }
        }
    }

    @Test(arguments: InstructionSet.available, 1...4 as ClosedRange<UInt64>)
    func `both ways give the same bits, with NaN and infinity seen and hidden`(
        instructionSet: InstructionSet,
        seed: UInt64
    ) throws {
        _ = try requireKernel(instructionSet)
        let (forward, decode) = (
            KernelRaw(instructionSet: instructionSet),
            KernelRaw(instructionSet: instructionSet, decodes: true)
        )
        var random = SplitMix(seed: seed)
        for _ in 0..<(isThorough ? 1000 : 60) {
            let keys = [64, 100, 333, 1024, 2100].randomElement(using: &random) ?? 64
            let rows = [1, 2, 3, 4, 5, 8, 9, 16, 64].randomElement(using: &random) ?? 1
            let hasSlope = Bool.random(using: &random)
            let hasBias = Bool.random(using: &random)
            var test = KernelCase(
                rows: rows,
                keys: keys,
                dimension: Self.dimensions.randomElement(using: &random) ?? 1,
                valueDimension: Self.dimensions.randomElement(using: &random) ?? 1,
                mask: Mask(
                    visibility: Bool.random(using: &random) ? .shared : .none,
                    bias: hasBias ? .shared : .none
                ),
                softCap: Bool.random(using: &random) ? 4 : nil,
                alibi: hasSlope ? [0.25] : [],
                sinks: Bool.random(using: &random) ? [.random(in: -9...9, using: &random)] : [],
                seed: seed
            )
            test.key.poison(Int.random(in: 0...3, using: &random), using: &random)
            test.value.poison(Int.random(in: 0...3, using: &random), using: &random)
            test.query.poison(Int.random(in: 0...1, using: &random), using: &random)
            if hasBias { test.bias.poison(Int.random(in: 0...2, using: &random), using: &random) }
            let bounds = (0..<rows).map { _ in
                let start =
                    Bool.random(using: &random) ? 0 : Int.random(in: 0..<keys, using: &random)
                return start..<Int.random(in: start...keys, using: &random)
            }
            let expected = bits(forward.output(test, bounds: bounds))
            let output = bits(decode.output(test, bounds: bounds))
            #expect(output == expected, "seed \(seed), \(test.shape), \(bounds)")
        }
    }
}

extension [Float] {
    fileprivate mutating func poison(_ times: Int, using random: inout SplitMix) {
        for _ in 0..<times {
            let place = Int.random(in: indices, using: &random)
            self[place] = KernelEdgeTests.poisons.randomElement(using: &random) ?? .nan
        }
    }
}

extension KernelCase {
    /// The problem that asks for the last rows only; its keys and values are the same.
    fileprivate func lastRows(_ count: Int) -> KernelCase {
        var few = self
        few.problem.shape.queryLength = count
        let first = shape.queryLength - count
        /// The last of every `queryLength` parts of some numbers each.
        func last<T>(_ numbers: [T], _ width: Int) -> [T] {
            numbers.enumerated()
                .filter { $0.offset / width % shape.queryLength >= first }
                .map(\.element)
        }
        few.query = last(query, shape.headDimension)
        if problem.mask.lengths == .perRow { few.lengths = last(lengths, 1) }
        few.visibility = last(visibility, shape.keyLength)
        few.bias = last(bias, shape.keyLength)
        return few
    }

    /// Some rows of every slice.
    fileprivate func rows(_ rows: Range<Int>, of output: [UInt32]) -> [UInt32] {
        let columns = shape.valueDimension
        return (0..<shape.sliceCount).flatMap { slice in
            let first = slice * shape.queryLength
            return output[(first + rows.lowerBound) * columns..<(first + rows.upperBound) * columns]
        }
    }
}
