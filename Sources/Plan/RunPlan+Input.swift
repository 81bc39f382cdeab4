import Attention
import Files
import Statistics
import Tensors
import Work

extension RunPlan {
    /// The flags whose values come from an input file when they are not given.
    package static let inputFlags: Set<String> = [
        "--batch", "--heads", "--kv-heads", "--length", "--key-length", "--head-dimension",
        "--key-dimension", "--value-dimension", "--mask", "--embedding", "--source", "--steps",
    ]

    /// The plan with what its files decide; see below for `stated`.
    package func adopting(
        _ files: InputFiles,
        stated: Set<String>
    ) throws(ExperimentError) -> RunPlan {
        var plan = self
        if let tensors = files.tensors { plan = try plan.adopting(tensors, stated: stated) }
        if let layer = files.layer {
            try plan.adopt(layer, stated: stated, hasInput: files.tensors != nil)
        }
        return plan
    }

    /// The plan with the sizes and the mask of an input file.
    ///
    /// `stated` holds the flags that the user gave (all of `inputFlags` when the plan comes from a
    /// file). They must agree with the input wherever the input has a value. A stated mask is kept:
    /// `--mask causal` ignores the file's own mask, and `unusedMask` reports that; `--mask
    /// causal+input` joins the two. Flags that generate tensors are refused where they are stated
    /// and nothing is generated.
    package func adopting(
        _ tensors: ExternalTensors,
        stated: Set<String>
    ) throws(ExperimentError) -> RunPlan {
        try requireNothingGenerated(tensors, stated)
        var plan = self
        let shape = tensors.shape
        plan.batch = shape.batch
        plan.heads = shape.heads
        plan.keyValueHeads = shape.keyValueHeads
        try plan.adoptLengths(of: tensors)
        plan.layout = tensors.layout
        if problem.operation == .kernelRegression { try requireData(in: tensors) }
        if tensors.kind == .attention {
            plan.headDimension = shape.headDimension
            plan.keyDimension =
                shape.keyDimension == shape.headDimension ? nil : shape.keyDimension
            plan.valueDimension = shape.valueDimension
        }
        // What is stated, also where the operation has no such size.
        var statedShape = problem.shape
        statedShape.keyValueHeads = problem.keyValueHeads
        for (own, found) in zip(sizes(statedShape), sizes(shape))
        where stated.contains(own.flag) && own.size != found.size && isSize(own.flag, of: tensors) {
            let isOtherLayout = tensors.otherShape.map { agrees(with: $0, stated) } ?? false
            throw ExperimentError(
                .usage,
                "\(own.flag) \(own.size)",
                "differs from --input \(tensors.path)",
                expected: "\(found.size)",
                remedy: isOtherLayout
                    ? tensors.otherLayoutRemedy
                    : "leave \(own.flag) out: the file sets it"
            )
        }
        try plan.adoptRows(of: tensors, stated: stated)
        if !stated.contains("--mask") {
            plan.mask = MaskSpecification(usesInput: tensors.mask != .none)
        }
        try plan.requireMask(of: tensors)
        try plan.requireHiddenScores(of: tensors)
        try plan.adoptParameters(of: tensors)
        try plan.adoptSinks(of: tensors)
        return plan
    }

    /// Sets rows and keys from the input; in steps, the keys are those before the first one.
    private mutating func adoptLengths(of tensors: ExternalTensors) throws(ExperimentError) {
        let (rows, keys) = (tensors.shape.queryLength, tensors.shape.keyLength)
        guard problem.operation == .decodeSteps else {
            problem.length = rows
            problem.keyLength = keys
            return
        }
        guard keys > rows, rows <= AttentionProblem.largestSteps else {
            throw ExperimentError(
                .usage,
                "--operation decode-steps",
                "adds one of the keys with each row, but --input \(tensors.path) has "
                    + "\(counted(rows, "row")) and \(counted(keys, "key"))",
                expected: "more keys than rows, and at most \(AttentionProblem.largestSteps) rows",
                remedy: "save fewer rows of q, or the keys of the cache before those of the rows"
            )
        }
        problem.steps = rows
        problem.keyLength = keys - rows
    }

    /// Refuses tensors of several columns as the data of kernel regression.
    private func requireData(in tensors: ExternalTensors) throws(ExperimentError) {
        let shape = tensors.shape
        let sizes = [
            ("q", shape.headDimension), ("k", shape.keyDimension), ("v", shape.valueDimension),
        ]
        guard let wrong = sizes.first(where: { $0.1 != 1 }) else { return }
        throw ExperimentError(
            .usage,
            "--operation kernel-regression",
            "needs tensors whose last size is 1, but that of \(wrong.0) in --input \(tensors.path) is \(wrong.1)",
            expected: "q [B,H,L,1], and k and v [B,H,S,1]",
            remedy: "save each column of the data as a head"
        )
    }

    /// Sets the hidden units from the input; throws when a parameter is missing or has another shape.
    private mutating func adoptParameters(of tensors: ExternalTensors) throws(ExperimentError) {
        // The weights of a layer are in an `ExternalLayer`.
        guard tensors.kind == .attention else { return }
        if problem.scoring == .additive, let found = tensors.tensors[.queryWeights]?.shape.first {
            let hidden = problem.hidden ?? found
            guard hidden == found else {
                throw ExperimentError(
                    .usage,
                    "--hidden \(hidden)",
                    "differs from --input \(tensors.path)",
                    expected: "\(found)",
                    remedy: "leave --hidden out: the file sets it"
                )
            }
            problem.hidden = hidden
        }
        let attention = problem.attentionProblem()
        for tensor in TensorName.parameters {
            guard let sizes = attention.parameterShape(of: tensor) else { continue }
            let isProjection = tensor == .keyProjection || tensor == .valueProjection
            try tensors.requireParameter(
                tensor,
                shape: sizes,
                by: isProjection
                    ? "--linformer \(sizes[0])" : "--scoring \(problem.scoring.rawValue)"
            )
        }
    }

    /// Takes the input's sinks, unless the plan says `none`.
    private mutating func adoptSinks(of tensors: ExternalTensors) throws(ExperimentError) {
        guard problem.sinks != SinkSpecification.none, let found = try tensors.sinks() else {
            return
        }
        let adopted = SinkSpecification.numbers(found)
        if let stated = problem.sinks, stated != adopted {
            throw ExperimentError(
                .usage,
                "--sinks \(stated)",
                "differs from the sinks of --input \(tensors.path)",
                expected: "\(adopted)",
                remedy: "leave --sinks out: the file sets them; or give --sinks none"
            )
        }
        problem.sinks = adopted
    }

    /// What in the input may mean something else than this plan, which adopted it, assumes.
    ///
    /// Stated sizes that differ in the other layout leave no doubt about the layout.
    package func doubts(
        about tensors: ExternalTensors,
        stated: Set<String>
    ) -> [MeasurementWarning] {
        let isConfirmed = tensors.otherShape.map { !agrees(with: $0, stated) } ?? true
        return [
            isConfirmed ? nil : tensors.layoutDoubt,
            problem.mask.usesInput ? tensors.maskDoubt : nil,
        ].compactMap { $0 }
    }

    /// The sizes of a shape by the flags that state them.
    private func sizes(_ shape: AttentionShape) -> [(flag: String, size: Int)] {
        let isInSteps = problem.operation == .decodeSteps
        // Each step adds a key.
        let keys = shape.keyLength - (isInSteps ? shape.queryLength : 0)
        return [
            ("--batch", shape.batch), ("--heads", shape.heads),
            ("--kv-heads", shape.keyValueHeads),
            (isInSteps ? "--steps" : "--length", shape.queryLength),
            ("--key-length", keys), ("--head-dimension", shape.headDimension),
            ("--key-dimension", shape.keyDimension),
            ("--value-dimension", shape.valueDimension),
        ]
    }

    /// Whether a flag states a size of the input's tensors: those of a layer have E columns, and scores
    /// have none.
    private func isSize(_ flag: String, of tensors: ExternalTensors) -> Bool {
        tensors.kind == .attention || !flag.hasSuffix("-dimension")
    }

    /// Whether every stated size equals that of `shape`.
    private func agrees(with shape: AttentionShape, _ stated: Set<String>) -> Bool {
        zip(sizes(problem.shape), sizes(shape))
            .allSatisfy { !stated.contains($0.flag) || $0.size == $1.size }
    }

    /// The parts of the input file's mask that this plan ignores, as a sentence; nil when none.
    package func unusedMask(of tensors: ExternalTensors) -> String? {
        let mask = problem.mask
        guard !mask.usesInput, tensors.mask != .none else { return nil }
        let names = tensors.maskNames
        let list =
            (names.count > 2 ? names[0] + ", " : "")
            + names.suffix(2).joined(separator: " and ")
        let joined = joinedMask(with: tensors)
        let effect =
            mask == .none
            ? "does" : joined.lengths == mask.lengths ? "uses both" : "uses the file's lengths"
        return "\(tensors.path) also contains \(list), which --mask \(mask) does not use; "
            + "--mask \(joined) \(effect)"
    }

    /// This plan's mask and that of the input.
    private func joinedMask(with tensors: ExternalTensors) -> MaskSpecification {
        var joined = problem.mask
        joined.usesInput = true
        // Lengths are stored in one place only.
        if tensors.mask.lengths != .none { joined.lengths = .none }
        return joined
    }

    /// Refuses to leave scores of −∞ aside, as the mask of an input can be: they have no other number.
    private func requireHiddenScores(of tensors: ExternalTensors) throws(ExperimentError) {
        guard tensors.scoresHide, !problem.mask.usesInput else { return }
        throw ExperimentError(
            .usage,
            "--mask \(problem.mask)",
            "leaves out that scores of -inf in --input \(tensors.path) hide keys",
            expected: "a mask with input",
            remedy: "give --mask \(joinedMask(with: tensors))"
        )
    }

    private func requireNothingGenerated(
        _ tensors: ExternalTensors,
        _ stated: Set<String>
    ) throws(ExperimentError) {
        // The seed draws lengths, and the rows that are compared where these are not all.
        let drawsFromSeed =
            problem.mask.lengths == .random
            || sampling.verify.drawsRows(
                of: tensors.shape,
                problem.score.function
            )
        let flags = [
            ("--values", problem.values.rawValue, false),
            ("--seed", "\(problem.seed)", drawsFromSeed || problem.sinks == .random),
            ("--bias", problem.bias.rawValue, false),
        ]
        for (flag, text, isUsed) in flags where stated.contains(flag) && !isUsed {
            throw ExperimentError(
                .usage,
                "\(flag) \(text)",
                "has no effect on the tensors of --input \(tensors.path)",
                expected: "generated tensors",
                remedy: "leave \(flag) or --input out"
            )
        }
    }

    private func requireMask(of tensors: ExternalTensors) throws(ExperimentError) {
        let mask = problem.mask
        guard mask.usesInput else { return }
        // Scores hide keys by −∞, so that those of a softmax always are a mask.
        guard tensors.mask != .none || problem.operation == .maskedSoftmax else {
            throw ExperimentError(
                .usage,
                "--mask \(mask)",
                "uses the mask of --input \(tensors.path), which has none",
                expected: "a tensor named mask, lengths or bias in the file",
                remedy: "add one to the file, or leave input out of --mask"
            )
        }
        guard mask.lengths == .none || tensors.mask.lengths == .none else {
            throw ExperimentError(
                .usage,
                "--mask \(mask)",
                "gives lengths, but --input \(tensors.path) has lengths, too",
                expected: "lengths from one place",
                remedy: "leave lengths or input out of --mask"
            )
        }
    }
}
