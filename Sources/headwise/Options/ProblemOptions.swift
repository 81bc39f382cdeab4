import ArgumentParser
import Attention
import Files
import Plan
import Tensors

/// The flags that define the attention problem, shared by every command that computes one.
struct ProblemOptions: ParsableArguments {
    @Option(.checkedLater(1...Int.max), help: "B, batch elements.")
    var batch: Int?

    @Option(.checkedLater(1...Int.max), help: "H, query heads of a batch element.")
    var heads: Int?

    @Option(
        .checkedLater(1...Int.max),
        help: "Hkv, key/value heads; H must be a multiple. Default: H."
    )
    var kvHeads: Int?

    @Option(.checkedLater(1...Int.max), help: "L, query rows of a head.")
    var length: Int?

    @Option(
        .checkedLater(1...Int.max),
        help: "S, keys of a head; of decode-steps, those before the first step. Default: L."
    )
    var keyLength: Int?

    @Option(
        .checkedLater(1...AttentionProblem.largestDimension),
        help: "D, columns of query and key, 1…512."
    )
    var headDimension: Int?

    @Option(
        .checkedLater(1...AttentionProblem.largestDimension),
        help: "Dk, columns of key for bilinear and additive scores, 1…512. Default: D."
    )
    var keyDimension: Int?

    @Option(
        .checkedLater(1...AttentionProblem.largestDimension),
        help: "Dv, columns of value and output, 1…512. Default: D."
    )
    var valueDimension: Int?

    @Option(
        help: ArgumentHelp(
            """
            none, causal, causal-bottom-right, causal-lengths:512,1024,… (the rows are the last \
            of their batch element's keys), lengths:512,1024,… (one per batch element), \
            lengths:random, \(PatternSpecification.help), input (the mask, lengths and bias \
            of --input, which are not used without it). Join several with +.
            """,
            valueName: "mask"
        )
    )
    var mask: String?

    @Option(
        .checkedLater(0...AttentionProblem.largestOffset),
        help: """
            Row i stands at position i + N among the keys, as after a cache of N keys. Default: 0.
            """
    )
    var offset: Int?

    @Option(
        help: "The output of a row that sees no key: zeros, or uniform (the mean of all values).",
        completion: .names(of: MaskedRows.self)
    )
    var maskedRows: String?

    @Option(
        help: """
            How a query q and a key k make a score: scaled-dot (q·k/√D), dot, cosine, bilinear \
            (qᵀWk), additive (w_vᵀ tanh(W_q q + W_k k)), gaussian (-|(q - k)w|²/2 with one width w) \
            or gaussian-columns (a width for each column). The parameters come from the seed, or \
            from --input as w, w_q, w_k and w_v. Default: scaled-dot.
            """,
        completion: .names(of: ScoringName.self)
    )
    var scoring: String?

    @Option(
        .checkedLater(1...AttentionProblem.largestDimension),
        help: "The hidden units of additive scores, 1…512. Default: D."
    )
    var hidden: Int?

    @Option(
        .orNone(.number(such: 0.125, upTo: AttentionProblem.largestFactor)),
        help: "The factor on the scoring function. Default: 1/√D for scaled-dot, else 1."
    )
    var scoreScale: Setting<Float>?

    @Option(
        .orNone(.number(such: 30, upTo: AttentionProblem.largestFactor)),
        help: "Cap scores softly: c·tanh(score / c)."
    )
    var softCap: Setting<Float>?

    @Option(
        help: ArgumentHelp(
            """
            Subtract slope × distance from a score: standard (the slopes of the ALiBi paper), or \
            one slope for each head, joined by commas.
            """,
            valueName: "slopes"
        )
    )
    var alibi: String?

    @Option(
        help: """
            Add generated numbers to scores, after soft cap and ALiBi: shared ([L,S]), batch \
            ([B,L,S]), heads ([H,L,S]) or slices ([B,H,L,S]). Those of --input need --mask input.
            """,
        completion: .names(of: BiasName.self)
    )
    var bias: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            A sink for each head, a score without a key that takes weight from the keys: random, \
            one number for each head, joined by commas, or none (not even those of --input).
            """,
            valueName: "sinks"
        )
    )
    var sinks: String?

    @Option(
        help: """
            What to compute: attention; masked-softmax (of scores [B,H,L,S], generated or of \
            --input, over the keys that --mask shows); multi-head (a layer: projections by one \
            matrix [3E,E], attention, output projection); multi-head-shared (its heads share their \
            projections); kernel-regression (of B · H sets of data of one column: S inputs and \
            targets, L predictions); or decode-steps (one row of every sequence after the other, each \
            with a key that it adds to a cache of S). Default: attention.
            """,
        completion: .names(of: OperationName.self)
    )
    var operation: String?

    @Option(
        .orNone(.checkedLater(1...AttentionProblem.largestLength)),
        help: "E, columns of a layer's inputs and output; each head has E / H. Default: H · D."
    )
    var embedding: Setting<Int>?

    @Option(
        help: """
            Where a layer's keys and values come from: itself (the tensor of the queries), memory (one \
            other tensor) or separate (two others). Default: what --input has; of generated tensors, \
            itself if S = L, else memory.
            """,
        completion: .names(of: LayerSource.self)
    )
    var source: String?

    @Option(
        .orNone(.checkedLater(1...AttentionProblem.largestLength)),
        help: """
            Linformer: project keys and values along the sequence to this number of keys by E and F \
            ([k,S], from the seed, or from --input as e and f), then attend to these.
            """
    )
    var linformer: Setting<Int>?

    @Option(
        help: """
            How kernel regression weighs targets: average (all alike), gaussian (by \
            softmax(-(x - xᵢ)²/2)) or learned (by softmax(-((x - xᵢ)w)²/2), w being learned). \
            Default: learned.
            """,
        completion: .names(of: PoolingName.self)
    )
    var pooling: String?

    @Option(
        .checkedLater(1...Training.largestEpochs),
        help: "Steps of gradient descent in which w is learned, leave-one-out. Default: 5."
    )
    var epochs: Int?

    @Option(
        .number(such: 0.5),
        help: "The factor on the gradient of the sum of squared errors. Default: 0.5."
    )
    var rate: Float?

    @Option(
        .checkedLater(1...AttentionProblem.largestSteps),
        help: "Steps of decode-steps; each begins when the one before has ended. Default: 16."
    )
    var steps: Int?

    @Option(.whole(0...UInt64.max), help: "The seed of generated tensors.")
    var seed: UInt64?

    @Option(
        help: """
            Values to generate: uniform, large, constant, exact-permutation or exact-mean (the \
            number of keys that a row sees must be a power of two).
            """,
        completion: .names(of: ValueKind.self)
    )
    var values: String?

    @Option(
        help: ArgumentHelp(
            """
            Read q, k, v (and mask, lengths, bias or sinks) from a .safetensors file, an .npz file, \
            or a folder of .npy files; for masked-softmax scores (and mask or lengths), and for \
            layers query (and key, value, and the rest). The file's mask, lengths and bias are not \
            used if --mask is given without 'input'.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var input: String?

    @Option(
        help: ArgumentHelp(
            """
            What stands before the names of the tensors in --input, such as \
            model.layers.0.self_attn. for model.layers.0.self_attn.q_proj and so on.
            """,
            valueName: "prefix"
        )
    )
    var tensors: String?

    @Option(
        help: ArgumentHelp(
            """
            Read a layer's weights from such a file, with PyTorch's names, as a state dict has them. \
            Without --input, the layer's inputs are generated. Default: the weights in --input.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var layer: String?

    @Option(
        help: ArgumentHelp(
            "The layer to take from a file of several, such as encoder.layers.0.self_attn.",
            valueName: "name"
        )
    )
    var module: String?

    @Option(
        help: """
            The order of axes of q, k and v in --input, and of the output in --output: bhld \
            ([B,H,L,D]), blhd ([B,L,H,D], as in JAX, Keras, Paddle and FlashAttention) or bld \
            ([B,L,H·D], with --heads). Default: bhld, or bld if only that has as many heads as \
            --heads says. Masks and weights are [B,H,L,S] in all.
            """,
        completion: .names(of: TensorLayout.self)
    )
    var layout: String?
}

extension ProblemOptions {
    /// Refuses flags of the tensors' columns where there are none, whatever they say.
    private func requireColumns(of plan: RunPlan) throws {
        let columns = [
            ("--head-dimension", headDimension), ("--key-dimension", keyDimension),
            ("--value-dimension", valueDimension),
        ]
        guard !plan.operation.hasColumns,
            let (flag, value) = columns.first(where: { $0.1 != nil })
        else { return }
        throw ExperimentError(
            .usage,
            "\(flag) \(value ?? 0)",
            "has no effect on --operation \(plan.operation.rawValue), whose tensors are "
                + (plan.operation == .maskedSoftmax ? "[B,H,L,S]" : "data of one column"),
            expected: "--batch, --heads, --length and --key-length",
            remedy: "leave it out"
        )
    }

    /// Refuses rows where each step has one, whatever they are.
    private func requireRows(of plan: RunPlan) throws {
        guard plan.operation == .decodeSteps, let length else { return }
        throw ExperimentError(
            .usage,
            "--length \(length)",
            "has no effect on --operation decode-steps, whose steps have one row each",
            expected: "--steps, and --key-length for the cache before them",
            remedy: "leave --length out"
        )
    }

    /// Refuses what does not change which pairs a mask shows, nor the work on them.
    func requireMask(_ plan: RunPlan) throws(ExperimentError) {
        let flags = [
            ("--values", values), ("--alibi", alibi), ("--sinks", sinks),
            ("--score-scale", scoreScale?.text), ("--soft-cap", softCap?.text),
            ("--linformer", linformer?.text),
            ("--operation", plan.operation == .kernelRegression ? operation : nil),
        ]
        guard let (flag, value) = flags.first(where: { $0.1 != nil }) else { return }
        throw ExperimentError(
            .usage,
            "\(flag) \(value ?? "")",
            "has no effect on what a mask shows",
            expected: "the flags of a mask and of sizes",
            remedy: "leave it out, or draw the weights with 'headwise weights'"
        )
    }

    /// One of the flags that are given, if any are.
    var someGiven: String? {
        let others: [(String, Bool)] = [
            ("--offset", offset != nil), ("--masked-rows", maskedRows != nil),
            ("--scoring", scoring != nil), ("--hidden", hidden != nil),
            ("--score-scale", scoreScale != nil), ("--soft-cap", softCap != nil),
            ("--alibi", alibi != nil), ("--sinks", sinks != nil),
            ("--operation", operation != nil), ("--linformer", linformer != nil),
            ("--pooling", pooling != nil), ("--epochs", epochs != nil), ("--rate", rate != nil),
            ("--steps", steps != nil),
            ("--input", input != nil), ("--layer", layer != nil), ("--module", module != nil),
            ("--layout", layout != nil), ("--tensors", tensors != nil),
        ]
        return PlanBuilder.statedFlags(of: self).min() ?? others.first(where: \.1)?.0
    }

    /// The columns of a layer's heads follow from E, also where a plan had others.
    private func setColumns(of plan: inout RunPlan) {
        guard plan.operation.isLayer, let embedding = plan.embedding, plan.heads > 0,
            embedding % plan.heads == 0
        else { return }
        if headDimension == nil { plan.headDimension = embedding / plan.heads }
        if valueDimension == nil { plan.valueDimension = embedding / plan.heads }
    }

    /// Sets the given flags.
    func apply(to plan: inout RunPlan) throws {
        // First, so that flags of the new operation stay.
        if let operation { plan.problem.change(to: try choice("--operation", operation)) }
        if let batch { plan.batch = batch }
        if let heads { plan.heads = heads }
        if let kvHeads { plan.keyValueHeads = kvHeads }
        if let length { plan.length = length }
        if let keyLength { plan.keyLength = keyLength }
        if let headDimension { plan.headDimension = headDimension }
        if let keyDimension { plan.keyDimension = keyDimension }
        if let valueDimension { plan.valueDimension = valueDimension }
        if let mask { plan.mask = try MaskSpecification(mask) }
        if let rows = maskedRows {
            plan.maskedRows = try choice("--masked-rows", rows)
        }
        if let offset { plan.offset = offset }
        if let scoring {
            plan.scoring = try choice("--scoring", scoring)
            // Only these have hidden units, and a plan may have some.
            if plan.scoring != .additive { plan.hidden = nil }
        }
        if let hidden { plan.hidden = hidden }
        if let scale = scoreScale { plan.scoreScale = scale.value }
        if let cap = softCap { plan.softCap = cap.value }
        if let alibi { plan.alibi = try unlessNone(alibi).map { try AlibiSpecification($0) } }
        if let bias { plan.bias = try choice("--bias", bias) }
        if let sinks { plan.sinks = try SinkSpecification(sinks) }
        if let embedding { plan.embedding = embedding.value }
        if let linformer { plan.linformer = linformer.value }
        if let pooling { plan.pooling = try choice("--pooling", pooling) }
        if let epochs { plan.epochs = epochs }
        if let rate { plan.rate = rate }
        if let steps { plan.steps = steps }
        if let source { plan.source = try choice("--source", source) }
        if let seed { plan.seed = seed }
        if let values { plan.values = try choice("--values", values) }
        if let input { plan.input = unlessNone(input) }
        if let tensors {
            plan.tensors = unlessNone(tensors)
            try plan.problem.requireInputForTensors()
        }
        if let layer { plan.layer = unlessNone(layer) }
        if let module { plan.module = unlessNone(module) }
        if let layout {
            plan.layout = try choice("--layout", layout)
            try plan.problem.requireInputForLayout()
        }
        try requireColumns(of: plan)
        try requireRows(of: plan)
        setColumns(of: &plan)
    }
}
