import Attention

extension Mutants {
    /// Faults of where rows stand among the keys.
    static let positions: [Mutant] = [
        Mutant(compute: "the offset ignored", .offset, change: { $0.offset = 0 }),
        Mutant(compute: "an offset one key too far", .offset, change: { $0.offset = 10 }),
        Mutant(compute: "an offset one key short", .offset, change: { $0.offset = 8 }),
        Mutant(
            compute: "the last rows of all keys for an offset",
            .offset,
            change: { ($0.mask.band, $0.offset) = (.causalBottomRight, 0) }
        ),
        Mutant(
            compute: "the last rows of all keys for those of each element's own",
            .causalLengths,
            change: { $0.mask.band = .causalBottomRight }
        ),
        Mutant(
            compute: "the first rows for the last of each element",
            .causalLengths,
            change: { $0.mask.band = .causal }
        ),
        Mutant(
            compute: "lengths without their causal band",
            .causalLengths,
            change: { $0.mask.band = .none }
        ),
        Mutant(
            compute: "the last rows of the other element's length",
            .causalLengths,
            edit: { $0.setLengths([31, 17]) }
        ),
        Mutant(
            compute: "the last rows of an element one key short",
            .causalLengths,
            edit: { $0.setLengths([17, 30]) }
        ),
    ]

    /// Faults of the lengths by which cosines are divided.
    static let cosines: [Mutant] = [
        Mutant(
            compute: "a cosine not divided by the query's length",
            .cosine,
            change: { $0.score = .scaledDot(scale: 4) },
            edit: { normalize($0.floats(of: .key)) }
        ),
        Mutant(
            compute: "a cosine not divided by the key's length",
            .cosine,
            change: { $0.score = .scaledDot(scale: 4) },
            edit: { normalize($0.floats(of: .query)) }
        ),
        Mutant(
            compute: "dot products for cosines",
            .cosine,
            change: { $0.score = .scaledDot(scale: 4) }
        ),
        Mutant(compute: "cosines without their factor", .cosine, change: { $0.score.scale = 1 }),
        Mutant(
            compute: "cosines of the first half of the columns",
            .cosine,
            edit: { inputs in
                let (queries, keys) = (inputs.floats(of: .query), inputs.floats(of: .key))
                for index in queries.indices where index % 16 >= 8 { queries[index] = 0 }
                for index in keys.indices where index % 16 >= 8 { keys[index] = 0 }
            }
        ),
    ]

    /// Divides rows of 16 columns by their length.
    private static func normalize(_ rows: UnsafeMutableBufferPointer<Float>) {
        for start in stride(from: 0, to: rows.count, by: 16) {
            let row = start..<start + 16
            let square = row.reduce(Float(0)) { $0 + rows[$1] * rows[$1] }
            for index in row { rows[index] /= square.squareRoot() }
        }
    }
}
