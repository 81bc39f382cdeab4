import Attention
import Testing

struct ValidationTests {
    @Test(
        arguments: [
            (\AttentionShape.batch, AttentionError.Field.batch, nil),
            (\.heads, .heads, nil),
            (\.keyValueHeads, .keyValueHeads, nil),
            (\.queryLength, .queryLength, nil),
            (\.keyLength, .keyLength, nil),
            (\.headDimension, .headDimension, 512),
            (\.valueDimension, .valueDimension, 512),
        ] as [(WritableKeyPath<AttentionShape, Int> & Sendable, AttentionError.Field, Int?)]
    )
    func `sizes outside their range are refused by name`(
        size: WritableKeyPath<AttentionShape, Int> & Sendable,
        field: AttentionError.Field,
        largest: Int?
    ) throws {
        for bad in [0, -1, Int.min, (largest ?? Int(Int32.max)) + 1, Int.max] {
            var problem = makeProblem()
            problem.shape[keyPath: size] = bad
            let error = thrownError { try problem.validate() }
            let most = largest ?? Int(Int32.max)
            #expect(error == .sizeOutOfRange(field: field, found: bad, allowed: 1...most))
            for part in [field.rawValue, "\(bad)", "\(most)"] {
                #expect(error?.description.contains(part) == true)
            }
        }
        if let largest {
            var problem = makeProblem()
            problem.shape[keyPath: size] = largest
            problem.shape.keyDimension = problem.shape.headDimension
            try problem.validate()
        }
    }

    @Test func `heads must be a multiple of the key and value heads`() throws {
        try makeProblem(heads: 12, keyValueHeads: 4).validate()
        #expect(
            thrownError { try makeProblem(heads: 12, keyValueHeads: 8).validate() }
                == .headsNotDivisible(heads: 12, keyValueHeads: 8)
        )
    }

    @Test func `every score scale up to the largest is accepted`() throws {
        for scale: Float in [0, -2, .leastNonzeroMagnitude, 2e38, -2e38] {
            try makeProblem(scoreScale: scale).validate()
        }
        for scale: Float in [.nan, .infinity, -.infinity] {
            #expect(
                thrownError { try makeProblem(scoreScale: scale).validate() }?.field == .scoreScale
            )
        }
    }

    @Test func `sizes whose product overflows are refused`() throws {
        let vast = makeProblem(
            batch: 1 << 30,
            heads: 1 << 30,
            keyValueHeads: 1,
            queryLength: 1,
            headDimension: 8
        )
        #expect(thrownError { try vast.validate() } == .tensorsTooLarge)
        let vastMask = makeProblem(
            batch: 4,
            heads: 2,
            queryLength: 1 << 30,
            mask: Mask(visibility: .perSlice)
        )
        #expect(thrownError { try vastMask.validate() } == .tensorsTooLarge)
        var fitting = vastMask
        fitting.mask.visibility = .perBatch
        try fitting.validate()
    }

    @Test func `the required bytes are all tensors together`() throws {
        for lengths in [Mask.Lengths.none, .perBatch, .perRow] {
            for visibility in [Mask.Pairs.none, .shared, .perBatch, .perSlice] {
                let problem = makeProblem(
                    batch: 2,
                    heads: 6,
                    keyValueHeads: 3,
                    queryLength: 5,
                    keyLength: 7,
                    headDimension: 4,
                    valueDimension: 9,
                    mask: Mask(lengths: lengths, visibility: visibility)
                )
                let sum = TensorName.allCases.reduce(0) { $0 + problem.byteCount(of: $1) }
                #expect(problem.requiredBytes == sum)
            }
        }
    }

    @Test func `the mask decides how many lengths there are, and none exceeds the keys`() throws {
        let problem = makeProblem(
            batch: 3,
            queryLength: 1,
            keyLength: 5,
            mask: Mask(lengths: .perBatch)
        )
        try problem.validateLengths([0, 5, 3])
        #expect(
            thrownError { try problem.validateLengths([0, 5]) }
                == .lengthCountWrong(found: 2, expected: 3)
        )
        #expect(
            thrownError { try problem.validateLengths([0, 6, 3]) }
                == .lengthOutOfRange(index: 1, found: 6, keyLength: 5)
        )
        let error = thrownError { try problem.validateLengths([0, 5, -1]) }
        #expect(error == .lengthOutOfRange(index: 2, found: -1, keyLength: 5))
        for figure in ["2", "-1", "5"] {
            #expect(error?.description.contains(figure) == true)
        }
    }
}

struct AttentionInputsTests {
    @Test func `missing memory is refused with the tensor and its size`() {
        // More than the address space: no machine has it.
        let error = thrownError { _ = try AttentionInputs.slab(.key, byteCount: 1 << 50) }
        #expect(error == .outOfMemory(tensor: .key, byteCount: 1 << 50))
        #expect(error?.description.contains("1125899906842624 bytes") == true)
    }

    @Test func `tensors have the sizes of their problem, and none the mask lacks`() throws {
        let inputs = try AttentionInputs(
            makeProblem(
                batch: 2,
                queryLength: 3,
                headDimension: 5,
                mask: Mask(lengths: .perRow)
            )
        )
        #expect(inputs.bytes(of: .query).count == 2 * 3 * 5 * 4)
        #expect(inputs.bytes(of: .lengths).count == 2 * 3 * 4)
        #expect(inputs.bytes(of: .visibility).isEmpty)
        #expect(inputs.view.lengths != nil)
        #expect(inputs.view.visibility == nil)
        #expect(inputs.floats(of: .value).allSatisfy { $0 == 0 })
    }

    @Test func `an impossible problem has no inputs`() {
        let error = thrownError { _ = try AttentionInputs(makeProblem(headDimension: 513)) }
        #expect(error?.field == .headDimension)
    }

    @Test func `lengths beyond the keys are refused`() throws {
        let problem = makeProblem(batch: 2, queryLength: 4, mask: Mask(lengths: .perBatch))
        let generator = try InputGenerator(problem, seed: 1)
        #expect(
            thrownError { _ = try AttentionInputs(generator, lengths: [4, 5]) }
                == .lengthOutOfRange(index: 1, found: 5, keyLength: 4)
        )
    }
}
