import Attention
import Testing

/// A wrong output: what a fault in a kernel, a worker or the gathering would leave behind.
struct Mutant: Sendable, CustomTestStringConvertible {
    var name: String
    var setting: Setting
    /// Whether the fault is so small that only the comparison of bits can see it.
    var isOnlyInBits = false
    /// Makes the wrong output from the inputs and the right one.
    var make: @Sendable (_ inputs: borrowing AttentionInputs, _ right: [Float]) throws -> [Float]

    init(
        _ name: String,
        _ setting: Setting = .plain,
        isOnlyInBits: Bool = false,
        make: @escaping @Sendable (borrowing AttentionInputs, [Float]) throws -> [Float]
    ) {
        self.name = name
        self.setting = setting
        self.isOnlyInBits = isOnlyInBits
        self.make = make
    }

    /// An edit of single elements of the right output.
    init(
        edit name: String,
        _ setting: Setting = .plain,
        isOnlyInBits: Bool = false,
        _ edit: @escaping @Sendable (inout [Float], AttentionShape) -> Void
    ) {
        self.init(name, setting, isOnlyInBits: isOnlyInBits) { inputs, right in
            var output = right
            edit(&output, inputs.problem.shape)
            return output
        }
    }

    /// What a computation of another problem, or of other inputs, gives.
    init(
        compute name: String,
        _ setting: Setting = .plain,
        change: @escaping @Sendable (inout AttentionProblem) -> Void = { _ in },
        edit: @escaping @Sendable (borrowing AttentionInputs) -> Void = { _ in }
    ) {
        self.init(name, setting) { inputs, _ in
            var problem = inputs.problem
            change(&problem)
            let copy = try AttentionInputs(problem)
            for tensor in TensorName.allCases where tensor != .output {
                let (from, to) = (inputs.bytes(of: tensor), copy.bytes(of: tensor))
                to.copyBytes(from: from.prefix(to.count))
            }
            edit(copy)
            return copy.roundedReference()
        }
    }

    var testDescription: String { name }
}

/// The problems that mutants are made of.
enum Setting: Sendable {
    case plain, causal, bottomRight, lengths, hiddenZeros, hiddenUniform, visibility, square, steep
    case additive, bilinear, gaussian, cosine, bias, sinks, offset, causalLengths

    static let seed: UInt64 = 20

    func makeInputs(kind: ValueKind = .uniform, seed: UInt64 = Self.seed) throws -> AttentionInputs
    {
        var problem = makeProblem(
            batch: 2,
            heads: 4,
            keyValueHeads: 2,
            queryLength: 24,
            keyLength: 40,
            headDimension: 16,
            valueDimension: 12
        )
        switch self {
        case .plain: break
        case .causal: problem.mask.band = .causal
        case .bottomRight: problem.mask.band = .causalBottomRight
        case .lengths: problem.mask.lengths = .perBatch
        case .visibility: problem.mask.visibility = .perBatch
        case .hiddenZeros, .hiddenUniform:
            problem.mask.lengths = .perRow
            problem.maskedRows = self == .hiddenZeros ? .zeros : .uniform
        case .additive: problem.score = Score(.additive(hidden: 6), scale: 1)
        case .bilinear: problem.score = Score(.bilinear, scale: 1)
        case .gaussian: problem.score = Score(.gaussianColumns, scale: 1)
        case .cosine: problem.score = Score(.cosine, scale: 4)
        case .bias: problem.mask.bias = .perHead
        case .sinks: problem.sinks = [1, -1, 2, 0.5]
        case .offset: (problem.mask.band, problem.offset) = (.causal, 9)
        case .causalLengths:
            (problem.mask.band, problem.mask.lengths) = (.causalByLength, .perBatch)
        case .square, .steep:
            problem = makeProblem(batch: 2, heads: 2, queryLength: 24, headDimension: 12)
        }
        let generator = try InputGenerator(problem, kind: kind, seed: seed)
        let lengths: [Int32]? =
            switch problem.mask.lengths {
            case .none: nil
            case .perBatch: [17, 31]
            case .perRow: (0..<48).map { Int32($0 % 5) * 8 }
            }
        let inputs = try AttentionInputs(generator, lengths: lengths)
        if self == .steep {
            // Scores beyond the 88 that f32's exponential function takes.
            for index in inputs.floats(of: .query).indices {
                inputs.floats(of: .query)[index] *= 128
            }
        }
        return inputs
    }
}

extension AttentionShape {
    /// The flat indices of a row.
    func row(_ slice: Int, _ row: Int) -> Range<Int> {
        let start = (slice * queryLength + row) * valueDimension
        return start..<start + valueDimension
    }

    /// The flat indices of a slice.
    func slice(_ slice: Int) -> Range<Int> {
        let count = queryLength * valueDimension
        return slice * count..<(slice + 1) * count
    }
}

extension [Float] {
    /// Exchanges two ranges of one length.
    mutating func exchange(_ one: Range<Int>, _ other: Range<Int>) {
        for (left, right) in zip(one, other) { swapAt(left, right) }
    }

    mutating func copy(_ from: Range<Int>, to: Range<Int>) {
        for (source, destination) in zip(from, to) { self[destination] = self[source] }
    }

    mutating func set(_ range: Range<Int>, to value: Float) {
        for index in range { self[index] = value }
    }
}
