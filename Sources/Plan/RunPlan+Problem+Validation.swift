import Attention
import Files
import Statistics
import Work

extension RunPlan.Problem {
    /// Refuses an impossible problem, except for faults that only the whole problem and its input
    /// show.
    func validate() throws(ExperimentError) {
        try validateShape()
        try validateMask()
        try validateScores()
    }

    private func validateShape() throws(ExperimentError) {
        try require("--batch", batch, in: 1...Int.max, "the number of batch elements")
        try require("--heads", heads, in: 1...Int.max, "the number of query heads")
        try require("--kv-heads", keyValueHeads, in: 1...Int.max, "the number of key/value heads")
        try require("--length", length, in: 1...Int.max, "the number of query rows")
        try require("--key-length", keyLength, in: 1...Int.max, "the number of keys")
        try validateOperation()
        // A softmax has no columns, and data have one.
        guard operation.hasColumns else { return }
        let dimensions = 1...AttentionProblem.largestDimension
        try require("--head-dimension", headDimension, in: dimensions, "the columns of a query")
        try require("--value-dimension", valueDimension, in: dimensions, "the columns of a value")
        try validateScoring(dimensions)
        guard heads % keyValueHeads == 0 else {
            throw ExperimentError(
                .usage,
                "--heads \(heads)",
                "is not divisible by --kv-heads \(keyValueHeads)",
                expected: "the same number of query heads for every key/value head",
                remedy: "use --kv-heads \(heads.divisorsInWords), or change --heads"
            )
        }
    }

    private func validateScoring(_ dimensions: ClosedRange<Int>) throws(ExperimentError) {
        if let keyDimension {
            try require("--key-dimension", keyDimension, in: dimensions, "the columns of a key")
        }
        if let hidden {
            try require("--hidden", hidden, in: dimensions, "the hidden units")
            guard scoring == .additive else {
                throw ExperimentError(
                    .usage,
                    "--hidden \(hidden)",
                    "has no effect on --scoring \(scoring.rawValue)",
                    expected: "--scoring additive",
                    remedy: "leave --hidden out, or give --scoring additive"
                )
            }
        }
        guard score.function.takesOtherKeyDimension || shape.keyDimension == shape.headDimension
        else {
            throw ExperimentError(
                .usage,
                input == nil
                    ? "--key-dimension \(shape.keyDimension)" : "--scoring \(scoring.rawValue)",
                "needs keys of \(headDimension) columns, as many as queries have",
                expected: "--head-dimension \(headDimension) for both",
                remedy: "give --scoring bilinear or additive, which take other keys"
            )
        }
        if values.hasExactAnswer, score.function != .dot {
            throw ExperimentError(
                .usage,
                "--values \(values.rawValue)",
                "has no exact answer with --scoring \(scoring.rawValue)",
                expected: "scores that are scaled dot products only",
                remedy: "use --values uniform, or leave --scoring out"
            )
        }
    }

    private func validateMask() throws(ExperimentError) {
        if mask.usesInput, input == nil {
            throw ExperimentError(
                .usage,
                "--mask \(mask)",
                "uses the mask of an input, but there is no input",
                expected: "--input with a file that contains mask or lengths",
                remedy: "give --input FILE, or another --mask"
            )
        }
        try require(
            "--offset",
            offset,
            in: 0...AttentionProblem.largestOffset,
            "the keys before the first row"
        )
        guard offset == 0 || mask.band == .none || mask.band == .causal else {
            throw ExperimentError(
                .usage,
                "--offset \(offset)",
                "has no effect on --mask \(mask), which gives rows their positions",
                expected: "--mask causal, or a mask without a causal part",
                remedy: "leave --offset out, or give --mask causal"
            )
        }
        // A layout's blocks are counted from row 0.
        let isPatternPlaced =
            if case .blocks = mask.pattern { false } else { mask.pattern != .none }
        let isPlaced = isPatternPlaced || mask.band != .none || alibi != nil
        guard offset == 0 || isPlaced else {
            throw ExperimentError(
                .usage,
                "--offset \(offset)",
                "has no effect: nothing depends on where a row stands",
                expected: "--mask causal, a pattern such as window:256, or --alibi",
                remedy: "leave --offset out, or give one of these"
            )
        }
        guard mask.band != .causalByLength || mask.lengths != .none || mask.usesInput else {
            throw ExperimentError(
                .usage,
                "--mask \(mask)",
                "has no lengths",
                expected: "causal-lengths:512,1024,… with one length per batch element",
                remedy: "write the lengths, or causal-lengths+input for those of --input"
            )
        }
        guard case .given(let lengths) = mask.lengths else { return }
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
            remedy: "shorten it, or raise --key-length"
        )
    }

    private func validateScores() throws(ExperimentError) {
        let largest = AttentionProblem.largestFactor
        if let scoreScale, !(scoreScale.magnitude <= largest) {
            throw ExperimentError(
                .usage,
                "--score-scale \(scoreScale)",
                "is out of range",
                expected: "a number within ±\(largest), such as 0.125",
                remedy: "leave it out for the scoring function's own, 1/√D for scaled-dot"
            )
        }
        if let softCap, !(softCap > 0 && softCap <= largest) {
            throw ExperimentError(
                .usage,
                "--soft-cap \(softCap)",
                "is out of range",
                expected: "a number above 0, at most \(largest)",
                remedy: "leave it out, or give one such as 30"
            )
        }
        try validateSlopes()
        try validateSinks()
        let adjustments = [
            ("--soft-cap", softCap != nil), ("--alibi", alibi != nil), ("--bias", bias != .none),
            ("--sinks", hasSinks), ("--linformer", linformer != nil),
        ]
        if values.hasExactAnswer, let flag = adjustments.first(where: \.1)?.0 {
            throw ExperimentError(
                .usage,
                "--values \(values.rawValue)",
                "has no exact answer with \(flag)",
                expected: "scores that are scaled dot products only",
                remedy: "use --values uniform, or leave \(flag) out"
            )
        }
    }

    private func validateSlopes() throws(ExperimentError) {
        guard let alibi else { return }
        let slopes = alibi.slopes(heads: heads)
        guard slopes.count == heads else {
            throw ExperimentError(
                .usage,
                "--alibi \(alibi)",
                "has \(counted(slopes.count, "slope")) for --heads \(heads)",
                expected: "one slope per head, or standard",
                remedy: "give \(counted(heads, "slope")), or --alibi standard"
            )
        }
        let largest = AttentionProblem.largestSlope
        guard let wrong = slopes.first(where: { !($0 >= 0 && $0 <= largest) }) else { return }
        throw ExperimentError(
            .usage,
            "--alibi \(alibi)",
            "has the slope \(wrong)",
            expected: "slopes from 0 to \(largest)",
            remedy: "give smaller slopes, or --alibi standard"
        )
    }

    var hasSinks: Bool { sinks != nil && sinks != SinkSpecification.none }

    private func validateSinks() throws(ExperimentError) {
        if case .numbers(let numbers) = sinks, numbers.count != heads {
            throw ExperimentError(
                .usage,
                "--sinks \(SinkSpecification.numbers(numbers))",
                "has \(counted(numbers.count, "sink")) for --heads \(heads)",
                expected: "one sink per head, or random",
                remedy: "give \(counted(heads, "sink")), or --sinks random"
            )
        }
        if hasSinks, maskedRows == .uniform {
            throw ExperimentError(
                .usage,
                "--masked-rows uniform",
                "has no meaning with --sinks: the sink takes all weight of a row without keys",
                expected: "--masked-rows zeros",
                remedy: "leave --masked-rows or --sinks out"
            )
        }
    }

    /// Refuses a prefix of names when there is no input to which it applies.
    package func requireInputForTensors() throws(ExperimentError) {
        guard let tensors, input == nil else { return }
        throw ExperimentError(
            .usage,
            "--tensors \(tensors)",
            "has no effect without --input",
            expected: "--input with a file whose names begin so",
            remedy: "give --input FILE, or leave --tensors out"
        )
    }

    /// Refuses a layout when there is no input to which it applies.
    package func requireInputForLayout() throws(ExperimentError) {
        guard input == nil else { return }
        throw ExperimentError(
            .usage,
            "--layout \(layout.rawValue)",
            "has no effect without --input",
            expected: "--input with a file that contains q, k and v",
            remedy: "give --input FILE, or leave --layout out"
        )
    }
}
