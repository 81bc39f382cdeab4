import Attention
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension SplitMix {
    /// Uniform with unit variance.
    mutating func unit() -> Float {
        Float.random(in: -1.732_050_8...1.732_050_8, using: &self)
    }
}

/// A small attention problem with its tensors.
struct KernelCase {
    var problem: AttentionProblem
    var query: [Float]
    var key: [Float]
    var value: [Float]
    var lengths: [Int32] = []
    var visibility: [UInt8] = []
    var bias: [Float] = []

    var shape: AttentionShape { problem.shape }

    init(
        batch: Int = 1,
        heads: Int = 1,
        keyValueHeads: Int? = nil,
        rows: Int,
        keys: Int,
        dimension: Int,
        valueDimension: Int? = nil,
        mask: Mask = .none,
        softCap: Float? = nil,
        alibi: [Float] = [],
        sinks: [Float] = [],
        maskedRows: MaskedRows = .zeros,
        seed: UInt64 = 1
    ) {
        let shape = AttentionShape(
            batch: batch,
            heads: heads,
            keyValueHeads: keyValueHeads ?? heads,
            queryLength: rows,
            keyLength: keys,
            headDimension: dimension,
            valueDimension: valueDimension ?? dimension
        )
        let problem = AttentionProblem(
            shape: shape,
            mask: mask,
            softCap: softCap,
            alibi: alibi,
            sinks: sinks,
            maskedRows: maskedRows
        )
        self.problem = problem
        var random = SplitMix(seed: seed)
        func floats(_ tensor: TensorName) -> [Float] {
            (0..<problem.byteCount(of: tensor) / 4).map { _ in random.unit() }
        }
        query = floats(.query)
        key = floats(.key)
        value = floats(.value)
        lengths = (0..<problem.byteCount(of: .lengths) / 4).map { _ in
            Int32.random(in: 0...Int32(keys), using: &random)
        }
        visibility = (0..<problem.byteCount(of: .visibility)).map { _ in
            UInt8.random(in: 0...2, using: &random)
        }
        bias = floats(.bias)
    }

    func withView<R>(_ body: (InputView) -> R) -> R {
        query.withUnsafeBufferPointer { query in
            key.withUnsafeBufferPointer { key in
                value.withUnsafeBufferPointer { value in
                    lengths.withUnsafeBufferPointer { lengths in
                        visibility.withUnsafeBufferPointer { visibility in
                            bias.withUnsafeBufferPointer { bias in
                                var view = InputView(
                                    query: query.start,
                                    key: key.start,
                                    value: value.start,
                                    lengths: self.lengths.isEmpty ? nil : lengths.baseAddress,
                                    visibility: self.visibility.isEmpty
                                        ? nil : visibility.baseAddress
                                )
                                view[.bias] =
                                    self.bias.isEmpty ? nil : UnsafeRawPointer(bias.start)
                                return body(view)
                            }
                        }
                    }
                }
            }
        }
    }

    /// The output of some rows of some slices, packed.
    func output(
        _ kernel: AttentionKernel,
        slices: Range<Int>? = nil,
        rows: Range<Int>? = nil
    ) -> [Float] {
        let slices = slices ?? 0..<shape.sliceCount
        let rows = rows ?? 0..<shape.queryLength
        let stride = rows.count * shape.valueDimension
        var output = [Float](repeating: .pi, count: slices.count * stride)
        guard let workspace = KernelWorkspace() else { fatalError("no memory") }
        withView { view in
            output.withUnsafeMutableBufferPointer {
                kernel.forward(
                    problem,
                    view,
                    slices: slices,
                    rows: rows,
                    output: $0.start,
                    outputSliceStride: stride,
                    workspace: workspace
                )
            }
        }
        return output
    }

    func isVisible(slice: Int, row: Int, key: Int) -> Bool {
        let batch = slice / shape.heads
        let rows = shape.queryLength
        if problem.mask.band != .none, key > position(slice: slice, row: row) { return false }
        if !isInPattern(slice: slice, row: row, key: key) { return false }
        switch problem.mask.lengths {
        case .none: break
        case .perBatch: if key >= lengths[batch] { return false }
        case .perRow: if key >= lengths[batch * rows + row] { return false }
        }
        guard problem.mask.visibility != .none else { return true }
        return visibility[cell(problem.mask.visibility, slice, row, key)] != 0
    }

    /// Where a pair's element lies in a tensor of pairs.
    private func cell(_ pairs: Mask.Pairs, _ slice: Int, _ row: Int, _ key: Int) -> Int {
        let matrix =
            switch pairs {
            case .none, .shared: 0
            case .perBatch: slice / shape.heads
            case .perHead: slice % shape.heads
            case .perSlice: slice
            }
        return (matrix * shape.queryLength + row) * shape.keyLength + key
    }

    /// Where a row stands among the keys, by its definition.
    func position(slice: Int, row: Int) -> Int {
        switch problem.mask.band {
        case .none, .causal: row + problem.offset
        case .causalBottomRight: row + shape.keyLength - shape.queryLength
        case .causalByLength: row + Int(lengths[slice / shape.heads]) - shape.queryLength
        }
    }

    /// The pattern by its definition.
    private func isInPattern(slice: Int, row: Int, key: Int) -> Bool {
        let (head, position) = (slice % shape.heads, position(slice: slice, row: row))
        switch problem.mask.pattern {
        case .none: return true
        case .window(let back, let ahead):
            return (position - back + 1...position + ahead).contains(key)
        case .longformer(let pattern):
            return pattern.globals.contains(key) || pattern.globals.contains(position)
                || abs(key - position) <= pattern.window / 2
        case .bigBird(let pattern):
            let (own, other) = (position / pattern.block, key / pattern.block)
            return own < pattern.global || other < pattern.global
                || abs(own - other) <= pattern.window / 2
                || pattern.randomBlocks(row: own, keyLength: shape.keyLength).contains(other)
        case .blocks(let layout):
            return layout.shows(head: head, row: row / layout.block, key: key / layout.block)
        }
    }

    /// A score after soft cap, distance and bias.
    private func adjusted(_ score: Double, slice: Int, row: Int, key: Int) -> Double {
        var score = score
        if let cap = problem.softCap { score = Double(cap) * tanh(score / Double(cap)) }
        if !problem.alibi.isEmpty {
            let distance = abs(position(slice: slice, row: row) - key)
            score -= Double(problem.alibi[slice % shape.heads]) * Double(distance)
        }
        if problem.mask.bias != .none {
            score += Double(bias[cell(problem.mask.bias, slice, row, key)])
        }
        return score
    }

    /// One output row by the definition, in double.
    func expected(slice: Int, row: Int) -> [Double] {
        let d = shape.headDimension
        let columns = shape.valueDimension
        let keyBase = shape.keyValueSlice(of: slice) * shape.keyLength
        let q = (slice * shape.queryLength + row) * d
        let shown = (0..<shape.keyLength).filter { isVisible(slice: slice, row: row, key: $0) }
        var weights = shown.map { j in
            var dot = 0.0
            for i in 0..<d { dot += Double(query[q + i]) * Double(key[(keyBase + j) * d + i]) }
            let score = dot * Double(problem.score.scale)
            return adjusted(score, slice: slice, row: row, key: j)
        }
        let sink = problem.sinks.isEmpty ? nil : Double(problem.sinks[slice % shape.heads])
        let top = weights.reduce(sink ?? -Double.infinity) { $0 > $1 ? $0 : $1 }
        weights = weights.map { exp($0 - top) }
        let sum = weights.reduce(sink.map { exp($0 - top) } ?? 0, +)
        var output = [Double](repeating: 0, count: columns)
        if shown.isEmpty && problem.maskedRows == .uniform {
            for j in 0..<shape.keyLength {
                for e in 0..<columns { output[e] += Double(value[(keyBase + j) * columns + e]) }
            }
            return output.map { $0 / Double(shape.keyLength) }
        }
        for (weight, j) in zip(weights, shown) {
            for e in 0..<columns {
                output[e] += weight * Double(value[(keyBase + j) * columns + e])
            }
        }
        return shown.isEmpty ? output : output.map { $0 / sum }
    }

    /// The largest difference to the definition; infinite where one is NaN and the other is not.
    func maximumError(_ output: [Float]) -> Double {
        var largest = 0.0
        for slice in 0..<shape.sliceCount {
            for row in 0..<shape.queryLength {
                let expected = expected(slice: slice, row: row)
                let base = (slice * shape.queryLength + row) * shape.valueDimension
                for (e, want) in expected.enumerated() {
                    let got = Double(output[base + e])
                    if got == want || (got.isNaN && want.isNaN) { continue }
                    let error = abs(got - want)
                    largest = max(largest, error.isNaN ? .infinity : error)
                }
            }
        }
        return largest
    }
}

/// The output of all rows of a problem, by default that of `inputs`; tensors of earlier stages are
/// written to `inputs`.
func wholeOutput(
    _ inputs: borrowing AttentionInputs,
    of problem: AttentionProblem? = nil,
    _ kernel: AttentionKernel,
    threads: Int = 1
) -> [Float] {
    let problem = problem ?? inputs.problem
    var output = [Float](repeating: .pi, count: problem.byteCount(of: .output) / 4)
    let team = ThreadTeam(threadCount: threads)
    output.withUnsafeMutableBufferPointer {
        _ = team.forwardWhole(kernel, problem, inputs.view, output: $0.start)
    }
    return output
}

extension UnsafeBufferPointer {
    /// The first element's address; an array has one even when it is empty.
    var start: UnsafePointer<Element> {
        guard let baseAddress else { fatalError("an array without an address") }
        return baseAddress
    }
}

extension UnsafeMutableBufferPointer {
    /// The first element's address; an array has one even when it is empty.
    var start: UnsafeMutablePointer<Element> {
        guard let baseAddress else { fatalError("an array without an address") }
        return baseAddress
    }
}

/// The kernel of an instruction set that this processor runs; `KernelTableTests` says which it does
/// not.
func requireKernel(_ instructionSet: InstructionSet) throws -> AttentionKernel {
    try #require(AttentionKernel(instructionSet))
}

func bits(_ numbers: [Float]) -> [UInt32] {
    numbers.withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
}
