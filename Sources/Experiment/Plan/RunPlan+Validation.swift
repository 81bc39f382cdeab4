import Attention

extension RunPlan {
    /// More processes or threads than this are a slip of the finger.
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
        try validateShape()
        if layout != .bhld { try requireInputForLayout() }
        try validateMask()
        try validateNumbers()
        try validateCluster()
        try validateMemory(availableMemoryBytes, input: input)
        try validateProblem(input: input)
    }

    /// The same of a problem that one process computes without a cluster.
    package func validateSingleProcess(availableMemoryBytes: Int?) throws(ExperimentError) {
        try validateShape()
        try validateMask()
        try validateMemory(availableMemoryBytes, input: .none)
        try validateProblem(input: .none)
    }

    /// What only the whole problem shows: patterns that do not fit its lengths, values it cannot
    /// have.
    private func validateProblem(input: Mask) throws(ExperimentError) {
        do throws(AttentionError) {
            try largest.problem(input: input).validate()
        } catch .patternImpossible(let found, let expected) {
            throw ExperimentError(
                .usage,
                "--mask \(mask)",
                "has \(found)",
                expected: expected,
                remedy: "change the pattern, or the lengths it has to fit"
            )
        } catch {
            throw ExperimentError(
                .usage,
                "the problem",
                "is impossible",
                expected: "one that can be computed",
                remedy: "\(error)"
            )
        }
    }

    /// Refuses a layout without an input that it could order.
    package func requireInputForLayout() throws(ExperimentError) {
        guard input == nil else { return }
        throw ExperimentError(
            .usage,
            "--layout \(layout.rawValue)",
            "has no effect without tensors of an input",
            expected: "--input with a file that holds q, k and v",
            remedy: "give --input FILE or leave --layout out"
        )
    }

    /// A sentence when the points ask for more compute threads than there are cores, which measures
    /// the system's scheduler more than the cluster.
    package func oversubscription(coreCount: Int) -> String? {
        guard let most = workers.max(), most * threads > coreCount else { return nil }
        return "\(counted(most, "worker")) of \(counted(threads, "thread")) share "
            + "\(counted(coreCount, "core")), so no speedup beyond \(coreCount) can be had"
    }

    private func validateName() throws(ExperimentError) {
        guard let name else { return }
        let isAllowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isAllowed, (1...64).contains(name.utf8.count), !name.hasPrefix(".") else {
            throw ExperimentError(
                .usage,
                "the name “\(name)”",
                "cannot be part of a file's name",
                expected: "1 to 64 letters, digits, dots, dashes and underscores, no dot first",
                remedy: "choose such a name"
            )
        }
    }

    private func validateShape() throws(ExperimentError) {
        try require("--batch", batch, in: 1...Int.max, "the number of batch elements")
        try require("--heads", heads, in: 1...Int.max, "the number of query heads")
        try require("--kv-heads", keyValueHeads, in: 1...Int.max, "the number of key heads")
        try require("--length", length, in: 1...Int.max, "the number of query rows")
        try require("--key-length", keyLength, in: 1...Int.max, "the number of keys")
        let dimensions = 1...AttentionProblem.largestDimension
        try require("--head-dimension", headDimension, in: dimensions, "the width of a query")
        try require("--value-dimension", valueDimension, in: dimensions, "the width of a value")
        guard heads % keyValueHeads == 0 else {
            throw ExperimentError(
                .usage,
                "--heads \(heads)",
                "is not divisible by --kv-heads \(keyValueHeads)",
                expected: "every key head to serve the same number of query heads",
                remedy: "use --kv-heads \(Self.divisors(of: heads)), or change --heads"
            )
        }
    }

    private func validateMask() throws(ExperimentError) {
        if mask.usesInput, input == nil {
            throw ExperimentError(
                .usage,
                "--mask \(mask)",
                "takes the mask from an input, and there is none",
                expected: "--input with a file that holds mask or lengths",
                remedy: "give --input FILE or another --mask"
            )
        }
        try validateScores()
        guard case .given(let lengths) = mask.lengths else { return }
        guard mode == .strong else {
            throw ExperimentError(
                .usage,
                "--mask \(mask)",
                "gives one length per batch element, and with --mode weak the batch grows",
                expected: "a mask that fits any batch",
                remedy: "use lengths:random or --mode strong"
            )
        }
        guard lengths.count == batch else {
            throw ExperimentError(
                .usage,
                "--mask \(mask)",
                "has \(counted(lengths.count, "length")) for --batch \(batch)",
                expected: "one length per batch element",
                remedy: "give \(counted(batch, "length")), or --batch \(lengths.count)"
            )
        }
        guard let tooLong = lengths.first(where: { $0 > keyLength || $0 < 0 }) else { return }
        throw ExperimentError(
            .usage,
            "--mask \(mask)",
            "has the length \(tooLong) for --key-length \(keyLength)",
            expected: "lengths from 0 to \(keyLength)",
            remedy: "shorten it or raise --key-length"
        )
    }

    private func validateScores() throws(ExperimentError) {
        if let softCap, !(softCap > 0 && softCap.isFinite) {
            throw ExperimentError(
                .usage,
                "--soft-cap \(softCap)",
                "caps nothing",
                expected: "a finite number above 0",
                remedy: "leave it out, or give one such as 30"
            )
        }
        if let alibi, alibi.slopes(heads: heads).count != heads {
            throw ExperimentError(
                .usage,
                "--alibi \(alibi)",
                "has \(counted(alibi.slopes(heads: heads).count, "slope")) for --heads \(heads)",
                expected: "one slope per head, or standard",
                remedy: "give \(counted(heads, "slope")), or --alibi standard"
            )
        }
        let isExact = values == "exact-permutation" || values == "exact-mean"
        if isExact, softCap != nil || alibi != nil {
            throw ExperimentError(
                .usage,
                "--values \(values)",
                "has no exact answer under \(softCap != nil ? "--soft-cap" : "--alibi")",
                expected: "scores that are products only",
                remedy:
                    "use --values uniform, or leave \(softCap != nil ? "--soft-cap" : "--alibi") out"
            )
        }
    }

    private func validateNumbers() throws(ExperimentError) {
        if let scoreScale, !scoreScale.isFinite {
            throw ExperimentError(
                .usage,
                "--score-scale \(scoreScale)",
                "is not a finite number",
                expected: "a factor such as 0.125",
                remedy: "leave it out to get 1/√D"
            )
        }
        guard Self.valueKinds.contains(values) else {
            throw .unknownValue("--values", values, known: Self.valueKinds)
        }
        guard Self.verificationModes.contains(verify) else {
            throw .unknownValue("--verify", verify, known: Self.verificationModes)
        }
        if let instructionSet, !instructionSet.isAvailable {
            throw ExperimentError(
                .environment,
                "--isa \(instructionSet.rawValue)",
                "is not what this processor runs",
                expected: InstructionSet.available.map(\.rawValue).joined(separator: ", "),
                remedy: "use one of these, or leave --isa out to get the best"
            )
        }
    }

    private func validateCluster() throws(ExperimentError) {
        let list = workers.map(String.init).joined(separator: ",")
        guard !workers.isEmpty, Set(workers).count == workers.count else {
            throw ExperimentError(
                .usage,
                "--workers \(list)",
                workers.isEmpty ? "is empty" : "names a count twice",
                expected: "different worker counts",
                remedy: "write for example --workers 1,2,4"
            )
        }
        for count in workers {
            try require(
                "--workers",
                count,
                in: 1...Self.largestWorkerCount,
                "a number of worker processes"
            )
        }
        guard kind == .scale || workers.count == 1 else {
            throw ExperimentError(
                .usage,
                "--workers \(list)",
                "names \(workers.count) counts for a single run",
                expected: "one worker count",
                remedy: "give one, or use headwise scale"
            )
        }
        try require(
            "--threads",
            threads,
            in: 1...Self.largestWorkerCount,
            "a number of threads per worker"
        )
        try require(
            "--credit",
            credit,
            in: 1...Self.largestCredit,
            "a number of shards that a worker may hold"
        )
        try validateSampling()
    }

    private func validateSampling() throws(ExperimentError) {
        if let trials {
            try require(
                "--trials",
                trials,
                in: 1...Self.largestTrialCount,
                "a number of measured repetitions"
            )
        }
        if let warmup {
            try require(
                "--warmup",
                warmup,
                in: 0...Self.largestTrialCount,
                "a number of unmeasured repetitions"
            )
        }
        try validateMode()
        try require(
            "--replicates",
            replicates,
            in: 1...Self.largestReplicateCount,
            "a number of restarts"
        )
        guard targetInterval > 0, targetInterval <= 1 else {
            throw ExperimentError(
                .usage,
                "--target-interval \(targetInterval * 100)",
                "is out of range",
                expected: "percent of the median, more than 0 and at most 100",
                remedy: "write for example --target-interval 1"
            )
        }
        guard budgetSeconds > 0, budgetSeconds <= 1e6 else {
            throw ExperimentError(
                .usage,
                "--budget \(budgetSeconds)",
                "is out of range",
                expected: "seconds, more than 0 and at most 1000000",
                remedy: "write for example --budget 10"
            )
        }
    }

    private func validateMode() throws(ExperimentError) {
        if mode == .weak, kind != .scale {
            throw ExperimentError(
                .usage,
                "--mode weak",
                "compares worker counts, and this is a single run",
                expected: "a sweep",
                remedy: "use headwise scale"
            )
        }
        guard let input else { return }
        let flag = mode == .weak ? "--mode weak" : "--audit"
        guard mode == .weak || audit else { return }
        throw ExperimentError(
            .usage,
            flag,
            "needs tensors that can be made anew, and --input \(input) is what it is",
            expected: "generated values",
            remedy: "leave out \(flag) or --input"
        )
    }

    private func require(
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

    /// The first divisors of a number, for people to choose from.
    private static func divisors(of number: Int) -> String {
        let found = (1...min(number, 4096)).filter { number % $0 == 0 }.prefix(12)
        return found.map(String.init).joined(separator: ", ")
    }
}
