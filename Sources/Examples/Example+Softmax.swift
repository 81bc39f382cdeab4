#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import Record
import Tensors

extension Example {
    /// The three cases of a softmax over valid lengths.
    static let maskedSoftmax = Example(
        "masked-softmax",
        "a softmax over valid lengths, by batch element and by row"
    ) { run in
        var numbers = SeededNumbers(seed: 1)
        let wide = numbers.normals([3, 1, 8, 5])
        let narrow = numbers.normals([2, 1, 2, 5])
        try run.write("scores.safetensors", TensorFile.bundle([("scores", wide)]))
        try run.write(
            "scores-rows.safetensors",
            TensorFile.bundle([("scores", narrow)], lengths: ([2, 2], [1, 3, 2, 4]))
        )
        let cases = [
            ("equal", "scores.safetensors", "lengths:2,2,2"),
            ("rising", "scores.safetensors", "lengths:1,2,3"),
            ("rows", "scores-rows.safetensors", "input"),
        ]
        for (name, input, mask) in cases {
            try run.headwise(
                [
                    "run", "--operation", "masked-softmax", "--input", run.path(input), "--mask",
                    mask, "--output", run.path("\(name).npy"),
                ] + ExampleRun.quick,
                record: "\(name).json",
                isShown: false
            )
            try run.headwise(
                ["weights", "--from", run.path("\(name).npy")]
                    + run.picture("\(name).svg"),
                record: "\(name)-weights.json"
            )
        }
        let sums = try cases.flatMap { try run.tensor("\($0.0).npy").rows.map { $0.reduce(0, +) } }
        let distance = sums.map { abs($0 - 1) }.max() ?? 1
        try run.finish([
            "Look at the empty columns: a key beyond the valid length has the weight 0, not a small one.",
            "Every row sums to 1 over its valid prefix (the largest distance is \(Units.scientific(Double(distance)))).",
        ])
    }

    /// Three queries, keys and values that can be computed by hand.
    static let workedExample = Example(
        "worked-example",
        "three queries and keys, to compute by hand"
    ) { run in
        try run.write(
            "qkv.safetensors",
            q: TensorFile([1, 1, 3, 2], [0.3367, 0.1288, 0.2345, 0.2303, -1.1229, -0.1863]),
            k: TensorFile([1, 1, 3, 2], [2.2082, -0.6380, 0.4617, 0.2674, 0.5349, 0.8094]),
            v: TensorFile([1, 1, 3, 2], [1.1103, -1.6898, -0.9890, 0.9580, 1.3221, 0.8172])
        )
        try run.headwise(
            [
                "run", "--input", run.path("qkv.safetensors"), "--output", run.path("output.npy"),
                "--weights", run.path("weights.npy"),
            ] + ExampleRun.quick,
            record: "run.json",
            isShown: false
        )
        try run.headwise(
            ["weights", "--from", run.path("weights.npy")] + run.picture("weights.svg"),
            record: "weights.json"
        )
        let weights = try run.tensor("weights.npy").rows
        let output = try run.tensor("output.npy").rows
        run.say("\nOutput:")
        for row in output { run.say(row.map { four($0) }.joined(separator: "  ")) }
        let last = weights[2].placeOfLargest
        try run.finish([
            "Look at the last row: q·k/√2 is largest for key \(last), whose weight is "
                + "\(four(weights[2].max() ?? 0)), so value \(last) has the largest share of the output.",
            "The other two queries are shorter: their scores lie nearer to 0, and their weights nearer "
                + "to 1/3.",
        ])
    }

    /// What dividing scores by √D is for.
    static let scalingFactor = Example(
        "scaling-factor",
        "why 1/√D: the entropy of weights with and without it"
    ) { run in
        let (rows, dimensions) = (64, [4, 16, 64, 256])
        var table: [(dimension: Int, scaled: Double, plain: Double)] = []
        for dimension in dimensions {
            var numbers = SeededNumbers(seed: UInt64(dimension))
            let input = "qkv-\(dimension).safetensors"
            try run.write(
                input,
                q: numbers.normals([1, 1, rows, dimension]),
                k: numbers.normals([1, 1, rows, dimension]),
                v: numbers.normals([1, 1, rows, dimension])
            )
            var entropies: [Double] = []
            for scoring in ["scaled-dot", "dot"] {
                let name = "\(scoring)-\(dimension)"
                try run.headwise(
                    [
                        "run", "--input", run.path(input), "--scoring", scoring, "--weights",
                        run.path("\(name).npy"),
                    ] + ExampleRun.quick,
                    record: "\(name).json",
                    isShown: false
                )
                if dimension == dimensions.last {
                    try run.headwise(
                        // Computed again: in a dense file, a weight that is too small for a float
                        // looks like a hidden one.
                        ["weights", "--input", run.path(input), "--scoring", scoring]
                            + run.picture("\(name).svg"),
                        record: "\(name)-weights.json"
                    )
                }
                entropies.append(entropyBits(of: try run.tensor("\(name).npy")))
            }
            table.append((dimension, entropies[0], entropies[1]))
        }
        run.say("\n   D   entropy with 1/√D   without, bits (64 equal weights have 6)")
        for row in table {
            run.say(
                right(row.dimension, 4) + right(two(row.scaled), 14) + right(two(row.plain), 16)
            )
        }
        guard let first = table.first, let last = table.last else { return }
        try run.finish([
            "Look at the last column: queries and keys of variance 1 have dot products of variance D, "
                + "so without the factor the entropy falls from \(two(first.plain)) to "
                + "\(two(last.plain)) bits, and a row sees little but its best key.",
            "With the factor it stays near \(two(last.scaled)) bits at any D.",
        ])
    }

    /// Both multi-head layers.
    static let multiHead = Example(
        "multi-head",
        "a layer: one fused projection, and one that heads share"
    ) { run in
        for operation in ["multi-head", "multi-head-shared"] {
            let problem = [
                "--operation", operation, "--batch", "2", "--heads", "4", "--embedding", "64",
                "--length", "24",
            ]
            try run.headwise(
                ["run"] + problem + ["--output", run.path("\(operation).npy")] + ExampleRun.timed,
                record: "\(operation).json"
            )
            try run.headwise(
                ["weights"] + problem + ["--slices", "0:*"]
                    + run.picture("\(operation).svg"),
                record: "\(operation)-weights.json"
            )
        }
        try run.finish([
            "Look at the four maps: each head has weights of its own, although all see the same rows.",
            "Workers compute whole heads first, then rows of the output projection; both tables say "
                + "that every bit is that of one process.",
        ])
    }
}

/// The mean entropy of rows of weights.
func entropyBits(of weights: TensorFile) -> Double {
    let entropies = weights.rows.map { row in
        row.reduce(0.0) { $0 - ($1 > 0 ? Double($1) * log2(Double($1)) : 0) }
    }
    return entropies.reduce(0, +) / Double(max(1, entropies.count))
}
