import Attention
import TestSupport
import Testing

struct InputGeneratorTests {
    static let seed: UInt64 = 0x0123_4567_89AB_CDEF

    func fill(
        _ generator: InputGenerator,
        _ tensor: TensorName,
        _ elements: Range<Int>
    ) -> [Float] {
        let rows = RowVisibility(generator.problem)
        // With `unsafeUninitializedCapacity:`, an array of no elements writes its count into the storage that
        // all empty arrays share, and the thread sanitizer reports that.
        var floats = [Float](repeating: 0, count: elements.count)
        floats.withUnsafeMutableBufferPointer { buffer in
            if let start = buffer.baseAddress, !buffer.isEmpty {
                generator.fill(tensor, elements: elements, into: start, rows: rows)
            }
        }
        return floats
    }

    /// Computed from the written recipe in another language.
    @Test(arguments: [
        (
            TensorName.query,
            [
                0x3f43_12f4, 0x3f70_ed41, 0xbfb9_ed67, 0xbd97_e121, 0x3f1e_9e7a, 0xbf1e_824e,
                0x3fce_da45, 0xbef4_85ca,
            ] as [UInt32]
        ),
        (
            .key,
            [
                0x3fd4_6112, 0xbe8a_1df6, 0xbe9c_0d8c, 0xbfd4_0fac, 0x3fc3_efca, 0x3e4a_92ed,
                0xbd9c_cc55, 0xbb17_73f5,
            ]
        ),
        (
            .value,
            [
                0x3eac_8e6d, 0xbf4d_08fb, 0x3fc4_6564, 0xbfcd_c901, 0x3fdc_a403, 0xbe91_5e20,
                0xbf95_3d80, 0x3f3e_48cc,
            ]
        ),
    ])
    func `another language makes the same uniform numbers`(
        tensor: TensorName,
        expected: [UInt32]
    ) throws {
        let generator = try InputGenerator(
            makeProblem(queryLength: 1 << 26, headDimension: 512),
            seed: Self.seed
        )
        for (index, bits) in zip([0, 1, 2, 3, 4, 5, 1023, 1 << 34 + 7], expected) {
            #expect(fill(generator, tensor, index..<index + 1).first?.bitPattern == bits)
        }
    }

    @Test func `another language draws the same lengths and masks`() throws {
        let problem = makeProblem(
            batch: 8,
            queryLength: 1,
            keyLength: 100,
            mask: Mask(lengths: .perBatch, visibility: .shared)
        )
        let generator = try InputGenerator(problem, seed: Self.seed)
        #expect(generator.lengths() == [31, 26, 19, 94, 94, 72, 21, 12])
        var flags = [UInt8](repeating: 9, count: 16)
        generator.fillVisibility(elements: 0..<16, into: &flags)
        #expect(flags == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
        generator.fillVisibility(elements: 3..<5, into: &flags)
        #expect(flags[..<3] == [1, 1, 0])
    }

    @Test func `another language makes the same permutation`() throws {
        let problem = makeProblem(
            heads: 2,
            keyValueHeads: 1,
            queryLength: 3,
            keyLength: 5,
            headDimension: 8
        )
        let generator = try InputGenerator(problem, kind: .exactPermutation, seed: Self.seed)
        let keys = fill(generator, .key, 0..<40)
        #expect(keys[..<8] == [1, -1, -1, 1, -1, -1, 1, -1])
        #expect(keys[32...] == [1, -1, 1, 1, -1, 1, 1, -1])
        let queries = fill(generator, .query, 0..<48)
        for (row, target) in [3, 2, 2, 2, 4, 1].enumerated() {
            let expected = keys[target * 8..<target * 8 + 8].map { 128 * $0 }
            #expect(Array(queries[row * 8..<row * 8 + 8]) == expected)
        }
    }

    @Test func `another language makes the same exact-mean values`() throws {
        let short = try InputGenerator(
            makeProblem(queryLength: 1, keyLength: 16),
            kind: .exactMean,
            seed: Self.seed
        )
        #expect(
            fill(short, .value, 0..<8)
                == [24, -60, 113, -119, 127, -21, -69, 22].map { Float($0) / 128 }
        )
        let long = try InputGenerator(
            makeProblem(queryLength: 1, keyLength: 1 << 20),
            kind: .exactMean,
            seed: Self.seed
        )
        #expect(fill(long, .value, 0..<8) == [1, -4, 7, -8, 7, -2, -5, 1].map { Float($0) / 8 })
    }

    @Test(arguments: ValueKind.allCases, [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `any part of a tensor is the same as in the whole`(kind: ValueKind, seed: UInt64) throws {
        let problem = makeProblem(heads: 3, queryLength: 5, keyLength: 8, headDimension: 7)
        let generator = try InputGenerator(problem, kind: kind, seed: seed)
        var random = SplitMix(seed: seed)
        for tensor in [TensorName.query, .key, .value] {
            let count = problem.byteCount(of: tensor) / 4
            let whole = fill(generator, tensor, 0..<count)
            for _ in 0..<20 {
                let start = Int.random(in: 0...count, using: &random)
                let end = Int.random(in: start...count, using: &random)
                #expect(fill(generator, tensor, start..<end) == Array(whole[start..<end]))
            }
        }
    }

    @Test func `uniform values have mean 0 and variance 1, and are never 0`() throws {
        let problem = makeProblem(queryLength: 4096, headDimension: 64)
        let generator = try InputGenerator(problem, seed: 5)
        for tensor in [TensorName.query, .key, .value] {
            let values = fill(generator, tensor, 0..<4096 * 64).map { Double($0) }
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
            #expect(abs(mean) < 0.01)
            #expect(abs(variance - 1) < 0.01)
            #expect(values.allSatisfy { abs($0) < 1.7321 && $0 != 0 })
            #expect(Set(values).count > 250_000)
        }
    }

    @Test func `seeds and tensors share no numbers`() throws {
        let problem = makeProblem(queryLength: 100)
        let one = try InputGenerator(problem, seed: 1)
        let two = try InputGenerator(problem, seed: 1 << 32 + 1)
        #expect(Set(fill(one, .query, 0..<100)).isDisjoint(with: fill(two, .query, 0..<100)))
        #expect(Set(fill(one, .query, 0..<100)).isDisjoint(with: fill(one, .key, 0..<100)))
    }

    @Test(arguments: [nil, 0.5, -0.01, 7] as [Float?], [1, 64, 100])
    func `large values take scores to about 80`(scale: Float?, dimension: Int) throws {
        let problem = makeProblem(queryLength: 256, headDimension: dimension, scoreScale: scale)
        let generator = try InputGenerator(problem, kind: .large, seed: 3)
        let queries = fill(generator, .query, 0..<256 * dimension)
        let keys = fill(generator, .key, 0..<256 * dimension)
        var largest: Float = 0
        for query in 0..<256 {
            for key in 0..<256 {
                var dot: Float = 0
                for column in 0..<dimension {
                    dot += queries[query * dimension + column] * keys[key * dimension + column]
                }
                largest = max(largest, abs(dot * problem.score.scale))
            }
        }
        #expect(largest > 30 && largest < 160)
    }

    @Test func `constant values are one number for each tensor`() throws {
        let problem = makeProblem(queryLength: 10, headDimension: 3)
        let known = try InputGenerator(problem, kind: .constant, seed: Self.seed)
        let heads = [TensorName.query, .key, .value].map { fill(known, $0, 29..<30)[0] * 256 }
        #expect(heads == [185, 251, 153])
        let one = try InputGenerator(problem, kind: .constant, seed: 1)
        let two = try InputGenerator(problem, kind: .constant, seed: 2)
        #expect(Set(fill(one, .query, 0..<30)).count == 1)
        #expect(fill(one, .query, 5..<6) != fill(one, .key, 5..<6))
        #expect(fill(one, .query, 5..<6) != fill(two, .query, 5..<6))
    }

    @Test(arguments: Mask.Lengths.allCases)
    func `random lengths lie between 1 and the number of keys`(lengths: Mask.Lengths) throws {
        let problem = makeProblem(
            batch: 40,
            queryLength: 10,
            keyLength: 4,
            mask: Mask(lengths: lengths)
        )
        let values = try InputGenerator(problem, seed: 8).lengths()
        #expect(values.count == [.none: 0, .perBatch: 40, .perRow: 400][lengths])
        if lengths != .none { #expect(Set(values) == [1, 2, 3, 4]) }
    }
}

extension Mask.Lengths {
    static let allCases: [Self] = [.none, .perBatch, .perRow]
}
