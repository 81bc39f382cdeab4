#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The numbers of a reference: Double for the truth, Float for a plain f32 program.
protocol ReferenceNumber: BinaryFloatingPoint {
    static func tanh(_ x: Self) -> Self
    static func exp(_ x: Self) -> Self
}

extension Double: ReferenceNumber {
    static func tanh(_ x: Double) -> Double {
        #if canImport(Glibc)
        Glibc.tanh(x)
        #else
        Darwin.tanh(x)
        #endif
    }
    static func exp(_ x: Double) -> Double {
        #if canImport(Glibc)
        Glibc.exp(x)
        #else
        Darwin.exp(x)
        #endif
    }
}

extension Float: ReferenceNumber {
    static func tanh(_ x: Float) -> Float { tanhf(x) }
    static func exp(_ x: Float) -> Float { expf(x) }
}

/// The scores of the references: the formulas of `ScoreFunction`, as plainly as can be written.
struct ReferenceScores<Number: ReferenceNumber> {
    private let problem: AttentionProblem
    private let inputs: InputRows
    /// w of each slice of kernel regression; else empty.
    private let widths: [Float]
    private var slice = 0
    /// The query row, or what the function makes of it before it meets a key.
    private var query: [Number] = []
    /// W_k k of the keys of `keyValueSlice` that were asked for: every row needs the same ones.
    private var projectedKeys: [Int: [Number]] = [:]
    private var keyValueSlice = -1
    /// The size of what was rounded on the way to the last score, where that may be larger than it.
    ///
    /// 0 where the score itself says it.
    private(set) var conditioning: Number = 0

    init(_ problem: AttentionProblem, _ inputs: InputRows, widths: [Float]) {
        self.problem = problem
        self.inputs = inputs
        self.widths = widths
    }

    /// Begins a query row; its scores are with keys of `keyValueSlice`.
    mutating func begin(slice: Int, row: Int, keyValueSlice: Int) {
        if keyValueSlice != self.keyValueSlice { projectedKeys.removeAll() }
        self.keyValueSlice = keyValueSlice
        self.slice = slice
        let shape = problem.shape
        let row = inputs.query(slice: slice, row: row)
        let plain: [Number] = (0..<shape.headDimension).map { row.number($0) }
        switch problem.score.function {
        case .dot, .cosine, .gaussian, .gaussianColumns: query = plain
        case .bilinear:
            let weights = inputs.parameter(.scoreWeights, problem)
            query = (0..<shape.keyDimension).map { column in
                var sum: Number = 0
                for d in plain.indices {
                    sum += plain[d] * Number(weights[d * shape.keyDimension + column])
                }
                return sum
            }
        case .additive(let hidden):
            let weights = inputs.parameter(.queryWeights, problem)
            query = (0..<hidden).map { unit in
                var sum: Number = 0
                for d in plain.indices {
                    sum += Number(weights[unit * plain.count + d]) * plain[d]
                }
                return sum
            }
        }
    }

    /// A vector of length 1; zeros stay zeros.
    private func unit(_ vector: [Number]) -> [Number] {
        let largest = vector.reduce(0) { max($0, $1.magnitude) }
        guard largest > 0 else { return vector }
        let scaled = vector.map { $0 / largest }
        let size = scaled.reduce(Number(0)) { $0 + $1 * $1 }.squareRoot()
        return scaled.map { $0 / size }
    }

    /// The score of the row with a key.
    mutating func score(key index: Int) -> Number {
        Number(problem.score.scale) * value(key: index)
    }

    private mutating func value(key index: Int) -> Number {
        let key = inputs.key(keyValueSlice: keyValueSlice, index)
        switch problem.score.function {
        case .dot, .bilinear: return product(query, key)
        case .cosine:
            // Squares of the numbers themselves could leave the range of f32.
            let units = (unit(query), unit(query.indices.map { key.number($0) }))
            return zip(units.0, units.1).reduce(0) { $0 + $1.0 * $1.1 }
        case .additive(let hidden):
            let projected = projectedKey(index, key, hidden)
            let weights = inputs.parameter(.hiddenWeights, problem)
            var sum: Number = 0
            conditioning = 0
            for unit in 0..<hidden {
                let weight = Number(weights[unit])
                let value = Number.tanh(query[unit] + projected[unit])
                sum += weight * value
                // The derivative of tanh, times what is added.
                conditioning +=
                    (weight * (1 - value * value)).magnitude
                    * (query[unit].magnitude + projected[unit].magnitude)
            }
            conditioning *= Number(problem.score.scale).magnitude
            return sum
        case .gaussian, .gaussianColumns:
            var sum: Number = 0
            for d in query.indices {
                let distance = (query[d] - key.number(d)) * Number(width(column: d))
                sum += distance * distance
            }
            return -sum / 2
        }
    }

    private func width(column: Int) -> Float {
        if !widths.isEmpty { return widths[slice] }
        let isShared = problem.score.function == .gaussian
        return inputs.parameter(.scoreWeights, problem)[isShared ? 0 : column]
    }

    private func product(_ query: [Number], _ key: FloatRow) -> Number {
        var sum: Number = 0
        for column in query.indices { sum += query[column] * key.number(column) }
        return sum
    }

    private mutating func projectedKey(_ index: Int, _ key: FloatRow, _ hidden: Int) -> [Number] {
        if let projected = projectedKeys[index] { return projected }
        let weights = inputs.parameter(.keyWeights, problem)
        let columns = problem.shape.keyDimension
        let projected = (0..<hidden).map { unit in
            var sum: Number = 0
            for d in 0..<columns { sum += Number(weights[unit * columns + d]) * key.number(d) }
            return sum
        }
        projectedKeys[index] = projected
        return projected
    }
}
