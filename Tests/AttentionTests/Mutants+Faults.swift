import Attention

extension Mutants {
    /// Outputs of a computation that goes wrong.
    static let faults: [Mutant] = [
        Mutant(compute: "the score scale left out", change: { $0.score = .scaledDot(scale: 1) }),
        Mutant(
            compute: "the last key dropped",
            change: { $0.mask = Mask(lengths: .perBatch) },
            edit: { $0.setLengths([39, 39]) }
        ),
        Mutant(
            compute: "the second half of the keys dropped",
            change: { $0.mask = Mask(lengths: .perBatch) },
            edit: { $0.setLengths([20, 20]) }
        ),
        Mutant(
            compute: "the first key read for the last",
            edit: { inputs in
                let (keys, values) = (inputs.floats(of: .key), inputs.floats(of: .value))
                for slice in 0..<4 {
                    for column in 0..<16 {
                        keys[(slice * 40 + 39) * 16 + column] = keys[slice * 640 + column]
                    }
                    for column in 0..<12 {
                        values[(slice * 40 + 39) * 12 + column] = values[slice * 480 + column]
                    }
                }
            }
        ),
        Mutant("key and value head h mod Hkv") { inputs, _ in
            var problem = inputs.problem
            problem.shape.keyValueHeads = 4
            let wrong = try AttentionInputs(problem)
            wrong.bytes(of: .query).copyBytes(from: inputs.bytes(of: .query))
            for tensor in [TensorName.key, .value] {
                let (from, to) = (inputs.bytes(of: tensor), wrong.bytes(of: tensor))
                let count = problem.partByteCount(of: tensor)
                for slice in 0..<8 {
                    let source = slice / 4 * 2 + slice % 2
                    for byte in 0..<count {
                        to[slice * count + byte] = from[source * count + byte]
                    }
                }
            }
            return wrong.roundedReference()
        },
        Mutant("weights not normalised", .square) { inputs, _ in
            attend(inputs) { scores in
                let largest = scores.max() ?? 0
                return scores.map { exponential($0 - largest) }
            }
        },
        Mutant("softmax without its maximum", .steep) { inputs, _ in
            attend(inputs) { scores in
                let weights = scores.map { exponential($0) }
                let sum = weights.reduce(0, +)
                return weights.map { $0 / sum }
            }
        },
        Mutant("the base of the exponential 2 for e", .square) { inputs, _ in
            attend(inputs) { scores in
                let weights = scores.map { exponential($0 * 0.6931472) }
                let sum = weights.reduce(0, +)
                return weights.map { $0 / sum }
            }
        },
        Mutant("two spans merged without their maxima", .square) { inputs, _ in
            attend(inputs) { scores in
                let spans = [scores[..<12], scores[12...]].map { span in
                    let largest = span.max() ?? 0
                    return span.map { exponential($0 - largest) }
                }
                let weights = spans[0] + spans[1]
                let sum = weights.reduce(0, +)
                return weights.map { $0 / sum }
            }
        },
        Mutant("query and key exchanged", .square) { inputs, _ in
            let wrong = try AttentionInputs(inputs.problem)
            wrong.bytes(of: .query).copyBytes(from: inputs.bytes(of: .key))
            wrong.bytes(of: .key).copyBytes(from: inputs.bytes(of: .query))
            wrong.bytes(of: .value).copyBytes(from: inputs.bytes(of: .value))
            return wrong.roundedReference()
        },
        Mutant("key read for value", .square) { inputs, _ in
            let wrong = try AttentionInputs(inputs.problem)
            for (from, to) in [(TensorName.query, TensorName.query), (.key, .key), (.key, .value)] {
                wrong.bytes(of: to).copyBytes(from: inputs.bytes(of: from))
            }
            return wrong.roundedReference()
        },
    ]

    /// Attention of a square problem without a mask, with weights made of a row's scores by
    /// `weigh`, in plain f32.
    private static func attend(
        _ inputs: borrowing AttentionInputs,
        weigh: ([Float]) -> [Float]
    ) -> [Float] {
        let (shape, view) = (inputs.problem.shape, inputs.view)
        let (rows, columns) = (shape.queryLength, shape.headDimension)
        var output: [Float] = []
        for slice in 0..<shape.sliceCount {
            for row in 0..<rows {
                let scores = (0..<rows).map { key in
                    (0..<columns).reduce(Float(0)) { sum, column in
                        sum + view.query[(slice * rows + row) * columns + column]
                            * view.key[(slice * rows + key) * columns + column]
                    } * inputs.problem.score.scale
                }
                let weights = weigh(scores)
                output += (0..<columns).map { column in
                    weights.indices.reduce(Float(0)) { sum, key in
                        sum + weights[key] * view.value[(slice * rows + key) * columns + column]
                    }
                }
            }
        }
        return output
    }
}
