import Attention

/// Every wrong output that verification is tried on.
enum Mutants {
    static let all =
        blank + misplaced + small + masks + faults + scoring + biases + cosines + positions

    /// Faults of biases and sinks.
    static let biases: [Mutant] = [
        Mutant(compute: "the bias ignored", .bias, change: { $0.mask.bias = .none }),
        Mutant(
            compute: "the bias of the first head for all",
            .bias,
            change: { $0.mask.bias = .shared }
        ),
        Mutant(
            compute: "the bias in powers of two",
            .bias,
            edit: { inputs in
                for index in inputs.floats(of: .bias).indices {
                    inputs.floats(of: .bias)[index] *= 0.693_147_2
                }
            }
        ),
        Mutant(
            compute: "a bias that begins a key late",
            .bias,
            edit: { inputs in
                let bias = Array(inputs.floats(of: .bias))
                for index in bias.indices.dropLast() {
                    inputs.floats(of: .bias)[index] = bias[index + 1]
                }
            }
        ),
        Mutant(compute: "the sinks ignored", .sinks, change: { $0.sinks = [] }),
        Mutant(compute: "the sinks of other heads", .sinks, change: { $0.sinks.reverse() }),
        Mutant(
            compute: "the sinks in powers of two",
            .sinks,
            change: { $0.sinks = $0.sinks.map { $0 * 0.693_147_2 } }
        ),
    ]

    /// Faults of the parameters of scores.
    static let scoring: [Mutant] = [
        Mutant(
            compute: "additive scores without w",
            .additive,
            edit: { inputs in
                for index in 0..<6 { inputs.floats(of: .hiddenWeights)[index] = 1 }
            }
        ),
        Mutant(
            compute: "W_q in the place of W_k",
            .additive,
            edit: { inputs in
                for index in 0..<6 * 16 {
                    inputs.floats(of: .keyWeights)[index] = inputs.floats(of: .queryWeights)[index]
                }
            }
        ),
        Mutant(
            compute: "a hidden unit left out",
            .additive,
            edit: { inputs in
                inputs.floats(of: .hiddenWeights)[5] = 0
            }
        ),
        Mutant(
            compute: "keys that are not projected",
            .additive,
            edit: { inputs in
                for index in 0..<6 * 16 { inputs.floats(of: .keyWeights)[index] = 0 }
            }
        ),
        Mutant(
            compute: "W transposed",
            .bilinear,
            edit: { inputs in
                let weights = Array(inputs.floats(of: .scoreWeights))
                for index in weights.indices {
                    inputs.floats(of: .scoreWeights)[index] = weights[index % 16 * 16 + index / 16]
                }
            }
        ),
        Mutant(
            compute: "one width for all columns",
            .gaussian,
            edit: { inputs in
                for index in 1..<16 {
                    inputs.floats(of: .scoreWeights)[index] = inputs.floats(of: .scoreWeights)[0]
                }
            }
        ),
        Mutant(
            compute: "scores without the half of their squares",
            .gaussian,
            change: {
                $0.score.scale = 2
            }
        ),
        Mutant(
            compute: "dot products in the place of additive scores",
            .additive,
            change: {
                $0.score = .usual(headDimension: 16)
            }
        ),
    ]

    /// Outputs with missing elements, NaN or infinity.
    static let blank: [Mutant] = [
        Mutant(edit: "all zeros") { output, _ in output = output.map { _ in 0 } },
        Mutant(edit: "one number everywhere") { output, _ in output = output.map { _ in 0.25 } },
        Mutant(edit: "a shard never written") { output, shape in
            for row in 8..<16 { output.set(shape.row(3, row), to: sentinel) }
        },
        Mutant(edit: "nothing ever written") { output, _ in
            output = output.map { _ in sentinel }
        },
        Mutant(edit: "a shard of zeros") { output, shape in
            for row in 8..<16 { output.set(shape.row(3, row), to: 0) }
        },
        Mutant(edit: "the last row zeros") { output, shape in
            output.set(shape.row(7, 23), to: 0)
        },
        Mutant(edit: "one NaN") { output, _ in output[1000] = .nan },
        Mutant(edit: "one infinity") { output, _ in output[1000] = .infinity },
        Mutant(edit: "all NaN") { output, _ in output = output.map { _ in .nan } },
    ]

    /// Outputs with right numbers in wrong places.
    static let misplaced: [Mutant] = [
        Mutant(edit: "two rows swapped") { output, shape in
            output.exchange(shape.row(2, 5), shape.row(2, 6))
        },
        Mutant(edit: "a row twice") { output, shape in
            output.copy(shape.row(2, 5), to: shape.row(2, 6))
        },
        Mutant(edit: "two heads swapped") { output, shape in
            output.exchange(shape.slice(1), shape.slice(2))
        },
        Mutant(edit: "batches swapped") { output, shape in
            for head in 0..<4 { output.exchange(shape.slice(head), shape.slice(4 + head)) }
        },
        Mutant(edit: "a slice transposed") { output, shape in
            let start = shape.slice(4).lowerBound
            let slice = Array(output[shape.slice(4)])
            for row in 0..<24 {
                for column in 0..<12 {
                    output[start + column * 24 + row] = slice[row * 12 + column]
                }
            }
        },
        Mutant(edit: "columns shifted by one") { output, shape in
            let row = shape.row(0, 23)
            let last = output[row.upperBound - 1]
            for index in row.dropFirst().reversed() { output[index] = output[index - 1] }
            output[row.lowerBound] = last
        },
        Mutant(edit: "everything shifted by one row") { output, shape in
            output = Array(output.suffix(12) + output.dropLast(12))
        },
        Mutant("a stale result of another seed") { _, _ in
            try Setting.plain.makeInputs(seed: Setting.seed + 1).roundedReference()
        },
        Mutant("one stale shard of another seed") { inputs, right in
            let stale = try Setting.plain.makeInputs(seed: Setting.seed + 1).roundedReference()
            var output = right
            for index in inputs.problem.shape.slice(5) { output[index] = stale[index] }
            return output
        },
    ]

    /// Outputs that are nearly right.
    static let small: [Mutant] = [
        Mutant(edit: "one low bit flipped", isOnlyInBits: true) { output, _ in
            output[777] = Float(bitPattern: output[777].bitPattern ^ 1)
        },
        Mutant(edit: "every low bit cleared", isOnlyInBits: true) { output, _ in
            output = output.map { Float(bitPattern: $0.bitPattern & ~1) }
        },
        Mutant(edit: "a zero of the other sign", .hiddenZeros, isOnlyInBits: true) {
            output,
            shape in
            output[shape.row(0, 0).lowerBound] = -0.0
        },
        Mutant(edit: "one element off by 2⁻¹⁶") { output, _ in output[1500] += 0x1p-16 },
        Mutant(edit: "the sign flipped") { output, _ in output = output.map { -$0 } },
        Mutant(edit: "one sign flipped") { output, _ in output[99] = -output[99] },
        Mutant(edit: "rounded to 11 bits, as f16") { output, _ in
            output = output.map { rounded($0, droppingBits: 13) }
        },
        Mutant(edit: "rounded to 8 bits, as bfloat16") { output, _ in
            output = output.map { rounded($0, droppingBits: 16) }
        },
        Mutant(
            compute: "the score scale off by 2⁻¹²",
            change: { $0.score = .scaledDot(scale: $0.score.scale * (1 + 0x1p-12)) }
        ),
        Mutant(
            compute: "queries rounded to 8 bits",
            edit: { inputs in
                for index in inputs.floats(of: .query).indices {
                    let query = inputs.floats(of: .query)[index]
                    inputs.floats(of: .query)[index] = rounded(query, droppingBits: 16)
                }
            }
        ),
    ]

    /// Outputs of another mask.
    static let masks: [Mutant] = [
        Mutant(compute: "the mask ignored", .causal, change: { $0.mask = .none }),
        Mutant(
            compute: "causal rows see one key more",
            .causal,
            change: { $0.mask = Mask(lengths: .perRow) },
            edit: { $0.setLengths((0..<48).map { Int32($0 % 24) + 2 }) }
        ),
        Mutant(
            compute: "causal rows see one key less",
            .causal,
            change: { $0.mask = Mask(lengths: .perRow) },
            edit: { $0.setLengths((0..<48).map { Int32($0 % 24) }) }
        ),
        Mutant(
            compute: "one causal row sees one key more",
            .causal,
            change: { $0.mask = Mask(lengths: .perRow) },
            edit: { $0.setLengths((0..<48).map { Int32($0 % 24) + ($0 == 47 ? 2 : 1) }) }
        ),
        Mutant(
            compute: "top-left for bottom-right",
            .bottomRight,
            change: { $0.mask.band = .causal }
        ),
        Mutant(
            compute: "bottom-right for top-left",
            .causal,
            change: { $0.mask.band = .causalBottomRight }
        ),
        Mutant(compute: "the lengths ignored", .lengths, change: { $0.mask = .none }),
        Mutant(compute: "a length off by one", .lengths, edit: { $0.setLengths([17, 30]) }),
        Mutant(
            compute: "the lengths of the other batch element",
            .lengths,
            edit: { $0.setLengths([31, 17]) }
        ),
        Mutant(
            compute: "the boolean mask of the other batch element",
            .visibility,
            change: { $0.mask.visibility = .shared }
        ),
        Mutant(
            compute: "the boolean mask inverted",
            .visibility,
            edit: { inputs in
                let flags = inputs.bytes(of: .visibility)
                for index in flags.indices { flags[index] ^= 1 }
            }
        ),
        Mutant(
            compute: "a mean for zeros on hidden rows",
            .hiddenZeros,
            change: { $0.maskedRows = .uniform }
        ),
        Mutant(
            compute: "zeros for a mean on hidden rows",
            .hiddenUniform,
            change: { $0.maskedRows = .zeros }
        ),
    ]

    private static let sentinel = Float(bitPattern: OutputSentinel.bits)

    /// Rounds to nearest by its bits, for numbers whose exponent does not overflow.
    private static func rounded(_ value: Float, droppingBits bits: UInt32) -> Float {
        let half = UInt32(1) << (bits - 1)
        return Float(bitPattern: (value.bitPattern + half) & ~(2 * half - 1))
    }
}
