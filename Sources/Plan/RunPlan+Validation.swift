import Attention
import Files
import Statistics
import Work

extension RunPlan {
    /// The most workers or threads; a larger number is a typing error.
    package static let largestWorkerCount = 1024
    package static let largestTrialCount = 1_000_000
    package static let largestReplicateCount = 1000
    package static let largestCredit = 1024

    /// Refuses what cannot be run, before anything is started.
    ///
    /// `availableMemoryBytes` is what this machine can still give, nil when unknown; `input` is the
    /// lengths and the mask that the input file holds.
    package func validate(
        availableMemoryBytes: Int?,
        input: Mask = .none
    ) throws(ExperimentError) {
        try validateName()
        try problem.validate()
        if problem.layout != .bhld { try problem.requireInputForLayout() }
        try problem.requireInputForTensors()
        try validateWeakScaling()
        try arrangement.validate(isSweep: kind == .scale)
        try validateInstructionSets()
        try requireCuts()
        try sampling.validate()
        try requireWarmup()
        try requireWeights()
        try validateCompute()
        try validateMemory(availableMemoryBytes, input: input)
        try validateWhole(input: input)
    }

    /// Does the same for a problem that one process computes without a cluster.
    package func validateSingleProcess(availableMemoryBytes: Int?) throws(ExperimentError) {
        try problem.validate()
        try validateMemory(availableMemoryBytes, input: .none)
        try validateWhole(input: .none)
    }

    /// Refuses to measure trials that find out how fast the workers are.
    private func requireWarmup() throws(ExperimentError) {
        let least = arrangement.leastWarmups
        guard arrangement.schedule == .weighted, let warmup = sampling.warmup, warmup < least
        else { return }
        throw ExperimentError(
            .usage,
            "--warmup \(warmup)",
            "is too few for --schedule weighted, which cuts by the speeds of the first trials",
            expected: "\(least) or more",
            remedy: "write --warmup \(least), or leave --warmup out"
        )
    }

    /// Refuses weights of what has none of its own.
    private func requireWeights() throws(ExperimentError) {
        guard let path = sampling.weights, problem.operation != .attention,
            problem.operation != .kernelRegression
        else { return }
        throw ExperimentError(
            .usage,
            "--weights \(path)",
            "cannot be used with --operation \(problem.operation.rawValue)",
            expected: "--operation attention or kernel-regression",
            remedy: problem.operation == .maskedSoftmax
                ? "give --output, which has the weights" : "leave --weights out"
        )
    }

    /// Refuses to cut keys or rows of what has none that can be cut.
    private func requireCuts() throws(ExperimentError) {
        if arrangement.split == .rows, problem.operation == .decodeSteps {
            throw ExperimentError(
                .usage,
                "--split rows",
                "cannot be used with --operation decode-steps, whose steps have one row each",
                expected: "--split head, keys, batch or auto",
                remedy: "use one of these"
            )
        }
        let operations: [OperationName]
        switch arrangement.split {
        case .keys: operations = [.attention, .decodeSteps]
        case .ring: operations = [.attention]
        case .auto, .batch, .head, .rows: return
        }
        guard operations.contains(problem.operation) else {
            throw ExperimentError(
                .usage,
                "--split \(arrangement.split.rawValue)",
                "cannot be used with --operation \(problem.operation.rawValue), whose keys it does "
                    + "not cut",
                expected: "--operation "
                    + operations.map(\.rawValue).joined(separator: " or "),
                remedy: "use another --split, or auto"
            )
        }
        try requireRing()
    }

    /// Refuses what has no keys for a ring, and schedules that would say who computes what in it.
    private func requireRing() throws(ExperimentError) {
        guard arrangement.split == .ring else { return }
        guard problem.linformer == nil else {
            throw ExperimentError(
                .usage,
                "--split ring",
                "cannot be used with --linformer, which projects all keys first",
                expected: "attention over the keys themselves",
                remedy: "use --split keys or rows, or auto"
            )
        }
        let schedule = arrangement.schedule
        guard !arrangement.split.schedules.contains(schedule) else { return }
        throw ExperimentError(
            .usage,
            "--schedule \(schedule.rawValue)",
            "cannot be used with --split ring, where each worker computes over its own keys",
            expected: "static, which says so, or dynamic, the default, which means the same there",
            remedy: "leave --schedule out"
        )
    }

    /// A note when `--split keys` or `ring` leaves workers without keys, or cuts none.
    package var fewSpans: String? {
        let split = arrangement.split
        guard split == .keys || split == .ring, let workers = arrangement.workers.max() else {
            return nil
        }
        let problem = forPoint(workers: workers).problem.attentionProblem()
        let spans = problem.cut(by: .keys, workerCount: workers).spanCount
        // In a ring, a worker has its keys of all heads.
        let groups = split == .ring ? 1 : problem.shape.sliceCount / problem.slicesTogether
        let keys = counted(problem.attended.shape.keyLength, "key")
        let ring = problem.cut(by: .ring, workerCount: workers)
        let visited = Set(ring.rowsByArcs.flatMap { Array($0.arcs) }).count
        if split == .ring, visited < min(spans, workers) {
            return "rows see keys of only \(visited) of \(counted(ring.arcCount, "arc")), so only "
                + "\(visited) of \(counted(workers, "worker")) compute"
        }
        if groups * spans < workers {
            let noun = problem.slicesTogether == 1 ? "slices" : "groups of heads"
            let slices = groups == 1 ? "" : " in each of \(groups) \(noun)"
            return "\(keys) are \(counted(spans, "span"))\(slices), so only \(groups * spans) of "
                + "\(counted(workers, "worker")) compute them"
        }
        guard spans == 1 else { return nil }
        return "\(keys) are 1 span, so --split \(split.rawValue) cuts no keys"
            + (split == .keys ? ", and folds all the same" : "")
    }

    /// Refuses faults that only the whole problem shows: patterns that do not fit its lengths,
    /// impossible values.
    private func validateWhole(input: Mask) throws(ExperimentError) {
        do throws(AttentionError) {
            try largest.problem.attentionProblem(input: input).validate()
        } catch .patternImpossible(let found, let expected) {
            throw ExperimentError(
                .usage,
                "--mask \(problem.mask)",
                "has \(found)",
                expected: expected,
                remedy: "correct the pattern, or choose sizes that it fits"
            )
        } catch {
            throw ExperimentError(
                .usage,
                "the problem",
                "cannot be computed",
                expected: "a possible problem",
                remedy: "\(error)"
            )
        }
    }

    /// A warning when the points ask for more compute threads than there are cores.
    ///
    /// Such a run measures the system's scheduler more than the cluster. `coreCount` is a fraction
    /// where a limit grants a part of a core's time.
    package func oversubscription(coreCount: Double) -> String? {
        // Nobody computes, or who knows where.
        guard arrangement.compute == .kernel, arrangement.launch.isLocal else { return nil }
        let threads = arrangement.threads
        guard let most = arrangement.workers.max(), Double(most * threads) > coreCount else {
            return nil
        }
        let workers = "\(counted(most, "worker")) with \(counted(threads, "thread")) each share "
        let whole = Int(coreCount)
        if Double(whole) == coreCount {
            return "\(workers)\(counted(whole, "core")), so the speedup cannot exceed \(whole)"
        }
        let limit = (coreCount * 100).rounded() / 100
        return "\(workers)\(limit) CPUs of time, the limit of the control group"
            + (coreCount < 1
                ? ", which stops even one thread" : ", so the speedup cannot exceed \(limit)")
    }

    private func validateName() throws(ExperimentError) {
        guard let name else { return }
        guard Self.isFileName(name) else {
            throw ExperimentError(
                .usage,
                "the name “\(name)”",
                "cannot be part of a file's name",
                expected: "1 to 64 letters, digits, dots, dashes and underscores, not a dot first",
                remedy: "choose another name"
            )
        }
    }

    /// Whether a name is valid as a part of a file's name on every system.
    package static func isFileName(_ name: String) -> Bool {
        let isAllowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isAllowed && (1...64).contains(name.utf8.count) && !name.hasPrefix(".")
    }

    private func validateWeakScaling() throws(ExperimentError) {
        let isWeak = arrangement.mode == .weak
        if isWeak, case .given = problem.mask.lengths {
            throw ExperimentError(
                .usage,
                "--mask \(problem.mask)",
                "gives one length per batch element, but --mode weak enlarges the batch",
                expected: "a mask that fits any batch",
                remedy: "use lengths:random or --mode strong"
            )
        }
        if isWeak, kind != .scale {
            throw ExperimentError(
                .usage,
                "--mode weak",
                "compares worker counts, but this is a single run",
                expected: "a sweep",
                remedy: "use headwise scale"
            )
        }
        let files = [("--input", problem.input), ("--layer", problem.layer)]
        // More batch elements need no other weights.
        guard let (file, path) = files.first(where: { $0.1 != nil }),
            isWeak && file == "--input" || sampling.audit
        else { return }
        let flag = isWeak && file == "--input" ? "--mode weak" : "--audit"
        throw ExperimentError(
            .usage,
            flag,
            "needs tensors that can be generated again, but \(file) \(path ?? "") is fixed",
            expected: "generated values",
            remedy: "leave \(flag) or \(file) out"
        )
    }
}

/// Refuses a number outside its range.
package func require(
    _ flag: String,
    _ value: Int,
    in range: ClosedRange<Int>,
    _ meaning: String
) throws(ExperimentError) {
    guard !range.contains(value) else { return }
    let bounds =
        range.upperBound == Int.max
        ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
    throw ExperimentError(
        .usage,
        "\(flag) \(value)",
        "is out of range",
        expected: bounds,
        remedy: "choose \(meaning) in that range"
    )
}
