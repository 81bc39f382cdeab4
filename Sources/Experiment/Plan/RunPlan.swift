import Attention

/// Everything that defines an experiment: what goes in, where its record comes out.
///
/// Two runs of equal plans on one machine differ in nothing but time, so a record contains its
/// plan and can be run again. As JSON (schema `headwise.plan/1`) every key may be left out and
/// then has the default of `init`; a key that does not exist is refused.
package struct RunPlan: Equatable, Sendable {
    package static let schema = "headwise.plan/1"

    /// Whether one worker count is run or a sweep over several.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case run, scale
    }

    /// Along what the coordinator cuts the problem.
    package enum Split: String, Codable, Sendable, CaseIterable {
        case auto, batch, head, rows
    }

    /// Whether shards are handed out as workers ask, or dealt beforehand.
    package enum Schedule: String, Codable, Sendable, CaseIterable {
        case dynamic
        case `static`
    }

    /// Where tensors travel: in ZeroMQ messages, or not at all because workers make them.
    package enum Plane: String, Codable, Sendable, CaseIterable {
        case inline, resident
    }

    /// How outputs reach the coordinator: in memory it shares with the worker, or as messages.
    package enum Outputs: String, Codable, Sendable, CaseIterable {
        /// Shared memory where inputs are resident and workers connect by ipc: what a cluster on one
        /// machine does at best. Messages elsewhere: what it would do over a network.
        case auto
        case shared, messages
    }

    /// What grows with the workers in a sweep: nothing, or the batch.
    package enum Mode: String, Codable, Sendable, CaseIterable {
        case strong, weak
    }

    package enum Transport: String, Codable, Sendable, CaseIterable {
        case ipc, tcp
    }

    package var kind: Kind
    /// What the record's file is called after; the kind when absent.
    package var name: String?

    package var batch: Int
    package var heads: Int
    package var keyValueHeads: Int
    package var length: Int
    package var keyLength: Int
    package var headDimension: Int
    package var valueDimension: Int
    package var mask: MaskSpecification
    package var maskedRows: MaskedRows
    /// The factor on q·k; `1/√D` when absent.
    package var scoreScale: Float?
    /// Scores become c·tanh(score / c) when there is a cap.
    package var softCap: Float?
    /// The slopes by which distance lowers a score, when it does.
    package var alibi: AlibiSpecification?

    package var seed: UInt64
    /// One of `valueKinds`; without meaning when there is an input.
    package var values: String
    /// Path of a tensor file or folder to read q, k and v from.
    package var input: String?
    /// How the input's query, key and value are laid out, and the output that is written.
    package var layout: TensorLayout
    /// Path of a tensor file to write the output to.
    package var output: String?
    /// Path of a tensor file to write the attention weights to.
    package var weights: String?

    /// The worker counts, one point each.
    package var workers: [Int]
    /// Compute threads of each worker.
    package var threads: Int
    package var split: Split
    package var schedule: Schedule
    package var plane: Plane
    package var transport: Transport
    package var outputs: Outputs
    /// How many shards a worker may hold at a time.
    package var credit: Int
    /// Whether the problem stays or grows with the workers; a batch of `batch` per worker.
    package var mode: Mode
    /// Measured repetitions of a point, over all replicates; when absent, as many as its interval
    /// needs or the budget allows.
    package var trials: Int?
    /// Repetitions before them in each replicate, not measured; when absent, until steady.
    package var warmup: Int?
    /// The half-width of the median's interval to reach, as a fraction of the median.
    package var targetInterval: Double
    /// Seconds that warming up and sampling may take together.
    package var budgetSeconds: Double
    /// How often the worker processes are started afresh: samples of one process are not
    /// independent.
    package var replicates: Int
    /// Whether every trial has a seed of its own, so that a stale output cannot pass.
    package var audit: Bool
    /// Whether a machine on which most trials are disturbed fails the run.
    package var requireQuiet: Bool
    /// The instruction set to force; the best of the machine when absent.
    package var instructionSet: InstructionSet?
    /// One of `verificationModes`.
    package var verify: String

    /// A plan; the defaults here are those of the command line and of JSON.
    package init(
        kind: Kind = .run,
        name: String? = nil,
        batch: Int = 8,
        heads: Int = 8,
        keyValueHeads: Int? = nil,
        length: Int = 1024,
        keyLength: Int? = nil,
        headDimension: Int = 64,
        valueDimension: Int? = nil,
        mask: MaskSpecification = .none,
        maskedRows: MaskedRows = .zeros,
        scoreScale: Float? = nil,
        softCap: Float? = nil,
        alibi: AlibiSpecification? = nil,
        seed: UInt64 = 1,
        values: String = "uniform",
        input: String? = nil,
        layout: TensorLayout = .bhld,
        output: String? = nil,
        weights: String? = nil,
        workers: [Int] = [2],
        threads: Int = 1,
        split: Split = .auto,
        schedule: Schedule = .dynamic,
        plane: Plane = .resident,
        transport: Transport = .ipc,
        outputs: Outputs = .auto,
        credit: Int = 2,
        mode: Mode = .strong,
        trials: Int? = nil,
        warmup: Int? = nil,
        targetInterval: Double = 0.01,
        budgetSeconds: Double = 15,
        replicates: Int = 3,
        audit: Bool = false,
        requireQuiet: Bool = false,
        instructionSet: InstructionSet? = nil,
        verify: String = "sampled"
    ) {
        self.kind = kind
        self.name = name
        self.batch = batch
        self.heads = heads
        self.keyValueHeads = keyValueHeads ?? heads
        self.length = length
        self.keyLength = keyLength ?? length
        self.headDimension = headDimension
        self.valueDimension = valueDimension ?? headDimension
        self.mask = mask
        self.maskedRows = maskedRows
        self.scoreScale = scoreScale
        self.softCap = softCap
        self.alibi = alibi
        self.seed = seed
        self.values = values
        self.input = input
        self.layout = layout
        self.output = output
        self.weights = weights
        self.workers = workers
        self.threads = threads
        self.split = split
        self.schedule = schedule
        self.plane = plane
        self.transport = transport
        self.outputs = outputs
        self.credit = credit
        self.mode = mode
        self.trials = trials
        self.warmup = warmup
        self.targetInterval = targetInterval
        self.budgetSeconds = budgetSeconds
        self.replicates = replicates
        self.audit = audit
        self.requireQuiet = requireQuiet
        self.instructionSet = instructionSet
        self.verify = verify
    }

    package static let valueKinds = [
        "uniform", "large", "constant", "exact-permutation", "exact-mean",
    ]
    package static let verificationModes = ["full", "sampled", "none"]

    /// The worker counts of a sweep on a machine of so many cores: powers of two, and all of them.
    package static func sweep(coreCount: Int) -> [Int] {
        var counts: [Int] = []
        var count = 1
        while count < coreCount {
            counts.append(count)
            count *= 2
        }
        return counts + [max(coreCount, 1)]
    }
}

extension RunPlan {
    /// How outputs travel, never `auto`, on a system that lets processes share memory or not.
    package func outputRoute(canShare: Bool) -> Outputs {
        guard outputs == .auto else { return outputs }
        return canShare && plane == .resident && transport == .ipc ? .shared : .messages
    }

    package var shape: AttentionShape {
        AttentionShape(
            batch: batch,
            heads: heads,
            keyValueHeads: keyValueHeads,
            queryLength: length,
            keyLength: keyLength,
            headDimension: headDimension,
            valueDimension: valueDimension
        )
    }

    /// The plan of the problem that so many workers compute: in weak scaling, `batch` for each.
    package func forPoint(workers count: Int) -> RunPlan {
        guard mode == .weak else { return self }
        var plan = self
        plan.mode = .strong
        plan.batch = batch.multipliedReportingOverflow(by: count).partialValue
        return plan
    }

    /// The plan of the largest problem among the points; those of the others are its first batch
    /// elements.
    package var largest: RunPlan { forPoint(workers: workers.max() ?? 1) }

    /// The base cases: threads of one process, and the worker count whose problem they compute.
    ///
    /// One thread with the problem of one worker first; then as many threads as the workers of every
    /// count have together. None of a plan without workers.
    package var baseCases: [(threads: Int, workers: Int)] {
        guard !workers.isEmpty else { return [] }
        var wanted = [(threads: 1, workers: 1)]
        for count in workers {
            let isKnown = wanted.contains { base in
                base.threads == count * threads && (mode == .strong || base.workers == count)
            }
            if !isKnown { wanted.append((count * threads, count)) }
        }
        return wanted
    }

    /// The problem that every process of the run agrees on.
    ///
    /// `input` is what the plan's files hold, as `inputMask` reads it. Lengths and boolean mask count
    /// only when the mask says `input`.
    package func problem(input: Mask = .none) -> AttentionProblem {
        AttentionProblem(
            shape: shape,
            mask: Mask(
                band: mask.band,
                // A block layout is in the file that `inputMask` read.
                pattern: mask.pattern.keyPattern ?? input.pattern,
                lengths: mask.lengths == .none
                    ? (mask.usesInput ? input.lengths : .none) : .perBatch,
                visibility: mask.usesInput ? input.visibility : .none
            ),
            scoreScale: scoreScale,
            softCap: softCap,
            alibi: alibi?.slopes(heads: heads) ?? [],
            maskedRows: maskedRows
        )
    }

    /// What the plan's files say about the mask: the lengths and the boolean mask of its input, and
    /// the block layout its mask names.
    package func inputMask(_ external: ExternalTensors?) throws(ExperimentError) -> Mask {
        var input = external?.mask ?? .none
        if case .blocks(let path, let block) = mask.pattern {
            input.pattern = .blocks(try BlockLayoutFile.read(path, block: block))
        }
        return input
    }

    /// The valid lengths that the plan states, one per batch element; nil when it states none
    /// (there are none, they are random, or the input holds them).
    package var statedLengths: [Int32]? {
        guard case .given(let values) = mask.lengths else { return nil }
        return values.map { Int32(clamping: $0) }
    }
}
