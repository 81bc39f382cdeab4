import Attention
import Files
import Tensors

extension RunPlan {
    /// What is computed.
    package struct Problem: Equatable, Sendable {
        package var batch = 8
        /// Setting it sets `keyValueHeads`, too: one key head for every query head.
        package var heads = 8 { didSet { keyValueHeads = heads } }
        package var keyValueHeads = 8
        /// Setting it sets `keyLength`, too: self-attention.
        package var length = 1024 { didSet { keyLength = length } }
        package var keyLength = 1024
        /// Setting it sets `valueDimension`, too.
        package var headDimension = 64 { didSet { valueDimension = headDimension } }
        /// The columns of a key; those of a query when absent.
        package var keyDimension: Int?
        package var valueDimension = 64
        package var mask = MaskSpecification.none
        package var maskedRows = MaskedRows.zeros
        /// Rows stand this many keys later.
        package var offset = 0
        /// How a query and a key make a score.
        package var scoring = ScoringName.scaledDot
        /// The hidden units of additive scores; D when absent.
        package var hidden: Int?
        /// The factor on the scoring function; its own when absent.
        package var scoreScale: Float?
        /// The cap c of the scores, which become c·tanh(score / c); no cap when absent.
        package var softCap: Float?
        /// The slopes by which distance lowers a score; absent without ALiBi.
        package var alibi: AlibiSpecification?
        /// The generated numbers that are added to scores.
        package var bias = BiasName.none
        /// The scores without keys, one for each head; those of the input, or else none, when absent.
        package var sinks: SinkSpecification?
        package var operation = OperationName.attention
        /// E of a layer, whose heads have E / H columns each; H · D when absent.
        package var embedding: Int?
        /// The keys that are left by Linformer's projections; no projection when absent.
        package var linformer: Int?
        /// How kernel regression weighs its data.
        package var pooling = PoolingName.learned
        /// The epochs in which the width is learned, and the rate; their defaults when absent.
        package var epochs: Int?
        package var rate: Float?
        /// The steps of decoding, each with one row, after a cache of `keyLength` keys; their default when
        /// absent.
        package var steps: Int?

        package var seed: UInt64 = 1
        /// Has no effect when there is an input.
        package var values = ValueKind.uniform
        /// Path of a tensor file or folder to read q, k and v from.
        package var input: String?
        /// What stands before the names of the input's tensors.
        package var tensors: String?
        /// Path of a tensor file or folder to read a layer's weights from; those of the input, or else
        /// generated ones, when absent.
        package var layer: String?
        /// The name of the layer in a state dict with several.
        package var module: String?
        /// Where a layer's keys and values come from; when absent, from its queries if there are as many,
        /// else from one other tensor.
        package var source: LayerSource?
        /// How the input's query, key and value are laid out, and the output that is written.
        package var layout = TensorLayout.bhld

        /// The steps where none are given.
        package static let usualSteps = 16

        package var shape: AttentionShape {
            // A softmax has neither queries nor values, and data have one column.
            guard operation.hasColumns else {
                return AttentionShape(
                    batch: batch,
                    heads: heads,
                    keyValueHeads: heads,
                    queryLength: length,
                    keyLength: keyLength,
                    headDimension: 1,
                    valueDimension: 1
                )
            }
            let columns = embedding.map { max(1, $0 / heads) }
            // A step has a row, and adds a key to the cache.
            let steps = operation == .decodeSteps ? steps ?? Self.usualSteps : nil
            let (keys, isTooLarge) = keyLength.addingReportingOverflow(steps ?? 0)
            return AttentionShape(
                batch: batch,
                heads: heads,
                keyValueHeads: keyValueHeads,
                queryLength: steps ?? length,
                keyLength: isTooLarge ? .max : keys,
                headDimension: columns ?? headDimension,
                keyDimension: columns ?? keyDimension,
                valueDimension: columns ?? valueDimension
            )
        }

        static let fields = [
            PlanField("batch", .problem, \.problem.batch),
            PlanField("heads", .problem, \.problem.heads),
            PlanField("keyValueHeads", .problem, \.problem.keyValueHeads, flag: "--kv-heads"),
            PlanField("length", .problem, \.problem.length),
            PlanField("keyLength", .problem, \.problem.keyLength),
            PlanField("headDimension", .problem, \.problem.headDimension),
            PlanField(
                "keyDimension",
                .problem,
                \.problem.keyDimension,
                absent: "D",
                isWrittenAlways: false
            ),
            PlanField("valueDimension", .problem, \.problem.valueDimension),
            PlanField("mask", .problem, \.problem.mask),
            PlanField("maskedRows", .problem, \.problem.maskedRows),
            PlanField("offset", .problem, \.problem.offset, isWrittenAlways: false),
            PlanField("scoring", .problem, \.problem.scoring, isWrittenAlways: false),
            PlanField(
                "hidden",
                .problem,
                \.problem.hidden,
                absent: "D",
                isWrittenAlways: false
            ),
            PlanField("scoreScale", .problem, \.problem.scoreScale, absent: "its own"),
            PlanField("softCap", .problem, \.problem.softCap),
            PlanField("alibi", .problem, \.problem.alibi),
            PlanField("bias", .problem, \.problem.bias, isWrittenAlways: false),
            PlanField("sinks", .problem, \.problem.sinks, isWrittenAlways: false),
            PlanField("operation", .problem, \.problem.operation, isWrittenAlways: false),
            PlanField("embedding", .problem, \.problem.embedding, isWrittenAlways: false),
            PlanField("linformer", .problem, \.problem.linformer, isWrittenAlways: false),
            PlanField("pooling", .problem, \.problem.pooling, isWrittenAlways: false),
            PlanField("epochs", .problem, \.problem.epochs, absent: "5", isWrittenAlways: false),
            PlanField("rate", .problem, \.problem.rate, absent: "0.5", isWrittenAlways: false),
            PlanField("steps", .problem, \.problem.steps, absent: "16", isWrittenAlways: false),
            PlanField("source", .problem, \.problem.source, isWrittenAlways: false),
            PlanField("seed", .problem, \.problem.seed),
            PlanField("values", .problem, \.problem.values),
            PlanField("input", .problem, \.problem.input),
            PlanField("tensors", .problem, \.problem.tensors, isWrittenAlways: false),
            PlanField("layer", .problem, \.problem.layer, isWrittenAlways: false),
            PlanField("module", .problem, \.problem.module, isWrittenAlways: false),
            PlanField("layout", .problem, \.problem.layout, isWrittenAlways: false),
        ]
    }
}

extension ScoringName: PlanChoice {}
extension BiasName: PlanChoice {}
extension OperationName: PlanChoice {}
extension PoolingName: PlanChoice {}
extension LayerSource: PlanChoice {}
extension SinkSpecification: PlanValue {}

extension RunPlan.Problem {
    /// How a query and a key make a score.
    package var score: Score {
        // Nothing changes the scores of a softmax, or of kernel regression.
        guard operation.hasColumns else { return .usual(headDimension: 1) }
        let columns = shape.headDimension
        // Heads that share their projections are scaled by 1/√E.
        let scaled = operation == .multiHeadShared ? heads * columns : columns
        return Score(
            scoring.function(hidden: hidden ?? columns),
            scale: scoreScale ?? scoring.usualScale(headDimension: scaled)
        )
    }

    /// The problem that every process of the run agrees on.
    ///
    /// `input` is what the plan's files hold, as `inputMask` reads it. Lengths, boolean mask and bias
    /// count only when the mask says `input`.
    package func attentionProblem(input: Mask = .none) -> AttentionProblem {
        AttentionProblem(
            shape: shape,
            mask: Mask(
                // Rows are the last ones in steps, whatever the mask says.
                band: operation == .decodeSteps ? .causalBottomRight : mask.band,
                // For a block layout, `inputMask` read the pattern from its file.
                pattern: mask.pattern.keyPattern ?? input.pattern,
                lengths: mask.lengths == .none
                    ? (mask.usesInput ? input.lengths : .none) : .perBatch,
                visibility: mask.usesInput ? input.visibility : .none,
                bias: mask.usesInput && input.bias != .none ? input.bias : bias.pairs
            ),
            score: score,
            softCap: softCap,
            alibi: alibi?.slopes(heads: heads) ?? [],
            sinks: sinks?.numbers(heads: heads, seed: seed) ?? [],
            maskedRows: maskedRows,
            offset: offset,
            operation: operation.operation(
                linformer: linformer,
                source: source ?? (length == keyLength ? .itself : .memory),
                pooling: weighting
            )
        )
    }

    private var weighting: Pooling {
        let usual = Training()
        return Pooling(pooling) {
            Training(epochs: epochs ?? usual.epochs, rate: rate ?? usual.rate)
        }
    }

    /// What the plan's files say about the mask: the lengths, boolean mask and bias of its input, and
    /// the block layout its mask names.
    package func inputMask(_ external: ExternalTensors?) throws(ExperimentError) -> Mask {
        var input = external?.mask ?? .none
        if case .blocks(let path, let block) = mask.pattern {
            input.pattern = .blocks(try BlockLayoutFile.read(path, block: block))
        }
        return input
    }

    /// The valid lengths that the plan states, one per batch element.
    ///
    /// Nil when the plan states none: there are none, they are random, or the input holds them.
    package var statedLengths: [Int32]? {
        guard case .given(let values) = mask.lengths else { return nil }
        return values.map { Int32(clamping: $0) }
    }
}
