import Attention
import Files
import Statistics

/// What each operation takes, and what it refuses.
extension RunPlan.Problem {
    /// Refuses what has no effect on the operation, or what it cannot have.
    func validateOperation() throws(ExperimentError) {
        try requireEffects()
        switch operation {
        case .attention: try validateLinformer()
        case .maskedSoftmax: try validateSoftmax()
        case .multiHead, .multiHeadShared: try validateLayer()
        case .kernelRegression: try validateRegression()
        case .decodeSteps: try validateSteps()
        }
        guard layout != .bhld, operation == .maskedSoftmax || operation.isLayer else { return }
        throw ExperimentError(
            .usage,
            "--layout \(layout.rawValue)",
            "has no effect on --operation \(operation.rawValue)",
            expected: operation.isLayer ? "tensors [B,L,E]" : "scores [B,H,L,S]",
            remedy: "leave --layout out, and save the tensors so"
        )
    }

    /// A flag that some operations do not read.
    private struct OwnFlag {
        var flag: String
        /// Nil where it is not given.
        var text: String?
        var operations: [OperationName]
        /// Makes a problem as one in which it is not given.
        var clear: (inout RunPlan.Problem) -> Void
    }

    /// Changes the operation, and leaves out what the new one does not read: the problem may be of a
    /// record of another operation.
    package mutating func change(to operation: OperationName) {
        guard operation != self.operation else { return }
        self.operation = operation
        for own in ownFlags where !own.operations.contains(operation) { own.clear(&self) }
        guard operation != .attention else { return }
        // Of attention alone.
        let usual = Self()
        guard operation != .decodeSteps else { return changeToSteps() }
        keyValueHeads = heads
        scoring = usual.scoring
        hidden = usual.hidden
        keyDimension = usual.keyDimension
        if values.hasExactAnswer { values = usual.values }
        guard !operation.isLayer else { return }
        scoreScale = usual.scoreScale
        softCap = usual.softCap
        alibi = usual.alibi
        bias = usual.bias
        sinks = usual.sinks
        guard operation == .kernelRegression else { return }
        mask = usual.mask
        offset = usual.offset
        maskedRows = usual.maskedRows
    }

    /// Leaves out what steps do not read.
    private mutating func changeToSteps() {
        let usual = Self()
        scoring = usual.scoring
        hidden = usual.hidden
        keyDimension = usual.keyDimension
        bias = usual.bias
        offset = usual.offset
        maskedRows = usual.maskedRows
        mask = MaskSpecification(pattern: mask.pattern)
        if values.hasExactAnswer { values = usual.values }
    }

    private var ownFlags: [OwnFlag] {
        let usual = Self()
        let layers = OperationName.allCases.filter(\.isLayer)
        func changed(_ size: Int, _ usual: Int) -> String? {
            // Data have one column, which a file of them says.
            size == usual || (size == 1 && operation == .kernelRegression) ? nil : "\(size)"
        }
        func own(
            _ flag: String,
            _ text: String?,
            _ operations: [OperationName],
            _ clear: @escaping (inout Self) -> Void
        ) -> OwnFlag {
            OwnFlag(flag: flag, text: text, operations: operations, clear: clear)
        }
        let attending = [.attention, .decodeSteps] + layers
        let others = OperationName.allCases.filter { $0 != .decodeSteps }
        return [
            own("--embedding", embedding.map { "\($0)" }, layers) { $0.embedding = nil },
            own("--layer", layer, layers) { $0.layer = nil },
            own("--module", module, layers) { $0.module = nil },
            own("--source", source?.rawValue, layers) { $0.source = nil },
            own("--linformer", linformer.map { "\($0)" }, [.attention]) { $0.linformer = nil },
            own(
                "--pooling",
                pooling == usual.pooling ? nil : pooling.rawValue,
                [.kernelRegression]
            ) { $0.pooling = usual.pooling },
            own("--epochs", epochs.map { "\($0)" }, [.kernelRegression]) { $0.epochs = nil },
            own("--rate", rate.map { "\($0)" }, [.kernelRegression]) { $0.rate = nil },
            own("--steps", steps.map { "\($0)" }, [.decodeSteps]) { $0.steps = nil },
            own("--length", changed(length, usual.length), others) {
                let keys = $0.keyLength
                $0.length = usual.length
                $0.keyLength = keys
            },
            own("--head-dimension", changed(headDimension, usual.headDimension), attending) {
                $0.headDimension = usual.headDimension
            },
            own("--value-dimension", changed(valueDimension, usual.valueDimension), attending) {
                $0.valueDimension = usual.valueDimension
            },
            own("--hidden", hidden.map { "\($0)" }, attending) { $0.hidden = nil },
            own("--key-dimension", keyDimension.map { "\($0)" }, attending) {
                $0.keyDimension = nil
            },
        ]
    }

    /// Refuses a flag that only other operations read.
    func requireEffects() throws(ExperimentError) {
        let given = ownFlags.first { $0.text != nil && !$0.operations.contains(operation) }
        guard let given, let text = given.text else { return }
        let names = given.operations.map(\.rawValue)
        let isOne = names.count == 1
        throw ExperimentError(
            .usage,
            "\(given.flag) \(text)",
            "has no effect on --operation \(operation.rawValue)",
            expected: "--operation " + names.dropLast().joined(separator: ", ")
                + (isOne ? "" : " or ") + (names.last ?? ""),
            remedy: "leave \(given.flag) out, or give \(isOne ? "this operation" : "one of these")"
        )
    }

    /// Refuses the first flag that is given, for its reason.
    private func refuse(_ flags: [(flag: String, isGiven: Bool, reason: String)])
        throws(ExperimentError)
    {
        guard let given = flags.first(where: \.isGiven) else { return }
        // A file may say it, and no flag.
        let isOfFile =
            given.flag == "--mask" ? mask.usesInput : given.flag == "--kv-heads" && input != nil
        let found =
            isOfFile ? "the \(given.flag.dropFirst(2)) of --input \(input ?? "")" : given.flag
        throw ExperimentError(
            .usage,
            "--operation \(operation.rawValue)",
            "cannot be used with \(found): \(given.reason)",
            expected: operation == .decodeSteps && given.flag == "--mask"
                ? "decode-steps without --mask, or with a pattern such as window:256"
                : "\(operation.rawValue) without \(given.flag)",
            remedy: given.flag == "--mask" && isOfFile
                ? "give --mask none to leave it aside"
                : isOfFile ? "change the file" : "leave one of the two out"
        )
    }

    private func validateLinformer() throws(ExperimentError) {
        guard let linformer else { return }
        try require("--linformer", linformer, in: 1...keyLength, "the keys after the projection")
        let reason = "every projected key mixes all keys"
        let flags = [
            ("--mask", mask != .none), ("--bias", bias != .none), ("--alibi", alibi != nil),
            ("--offset", offset != 0),
        ]
        guard let flag = flags.first(where: \.1)?.0 else { return }
        if let input, mask.usesInput {
            throw ExperimentError(
                .usage,
                "--linformer \(linformer)",
                "cannot use the mask, lengths or bias of --input \(input): \(reason)",
                expected: "attention over all keys",
                remedy: "give --mask none to leave them aside, or leave --linformer out"
            )
        }
        throw ExperimentError(
            .usage,
            "--linformer \(linformer)",
            "cannot be used with \(flag): \(reason)",
            expected: "attention over all keys",
            remedy: "leave one of the two out"
        )
    }

    private func validateSoftmax() throws(ExperimentError) {
        let reason = "it takes scores as they are"
        try refuse([
            ("--kv-heads", keyValueHeads != heads, "it has no keys"),
            ("--scoring", scoring != .scaledDot, reason),
            ("--score-scale", scoreScale != nil, reason), ("--soft-cap", softCap != nil, reason),
            ("--alibi", alibi != nil, reason), ("--bias", bias != .none, reason),
            ("--sinks", hasSinks, reason),
            ("--values \(values.rawValue)", values.hasExactAnswer, "it has no values"),
        ])
    }

    private func validateRegression() throws(ExperimentError) {
        let reason = "its scores follow from --pooling alone"
        try refuse([
            ("--kv-heads", keyValueHeads != heads, "every slice has data of its own"),
            ("--scoring", scoring != .scaledDot, reason),
            ("--score-scale", scoreScale != nil, reason), ("--soft-cap", softCap != nil, reason),
            ("--alibi", alibi != nil, reason), ("--bias", bias != .none, reason),
            ("--sinks", hasSinks, reason), ("--mask", mask != .none, "it uses all data"),
            ("--offset", offset != 0, reason),
            ("--masked-rows", maskedRows != .zeros, "it uses all data"),
            (
                "--values \(values.rawValue)", values.hasExactAnswer,
                "its targets are a curve and noise"
            ),
        ])
        try validateTraining()
    }

    private func validateSteps() throws(ExperimentError) {
        let most = AttentionProblem.largestSteps
        if let steps { try require("--steps", steps, in: 1...most, "the steps after the cache") }
        let reason = "row t sees the cache and the keys of t steps"
        try refuse([
            (
                "--mask",
                mask.usesInput || mask.lengths != .none
                    || ![.none, .causalBottomRight].contains(mask.band),
                "\(reason), of which a mask can only hide some by a pattern"
            ),
            ("--offset", offset != 0, reason), ("--bias", bias != .none, reason),
            ("--scoring", scoring != .scaledDot, "its scores are scaled dot products"),
            (
                "--masked-rows", maskedRows != .zeros,
                "a mean of all values would be one of values that are not there yet"
            ),
            ("--values \(values.rawValue)", values.hasExactAnswer, reason),
        ])
    }

    private func validateTraining() throws(ExperimentError) {
        let trained = [
            ("--epochs \(epochs ?? 0)", epochs != nil), ("--rate \(rate ?? 0)", rate != nil),
        ]
        if pooling != .learned, let flag = trained.first(where: \.1)?.0 {
            throw ExperimentError(
                .usage,
                flag,
                "has no effect on --pooling \(pooling.rawValue), which learns nothing",
                expected: "--pooling learned",
                remedy: "leave it out, or give --pooling learned"
            )
        }
        guard pooling == .learned else { return }
        if let epochs {
            try require(
                "--epochs",
                epochs,
                in: 1...Training.largestEpochs,
                "the epochs of training"
            )
        }
        if let rate, !rate.isFinite {
            throw ExperimentError(
                .usage,
                "--rate \(rate)",
                "is not a finite number",
                expected: "a number such as 0.5",
                remedy: "give one, or leave it out for 0.5"
            )
        }
        guard keyLength > 1 else {
            throw ExperimentError(
                .usage,
                "--key-length \(keyLength)",
                "is too short for --pooling learned, which predicts each target from the others",
                expected: "at least 2",
                remedy: "give more data, or --pooling gaussian"
            )
        }
    }

    private func validateLayer() throws(ExperimentError) {
        try refuse([
            ("--kv-heads", keyValueHeads != heads, "every head has its own keys and values"),
            ("--key-dimension", keyDimension != nil, "a head has E / H columns"),
            (
                "--value-dimension", embedding == nil && valueDimension != headDimension,
                "a head has E / H columns"
            ),
            ("--scoring", scoring != .scaledDot, "its scores are scaled dot products"),
            (
                "--values \(values.rawValue)", values.hasExactAnswer,
                "its values are projected"
            ),
        ])
        try validateEmbedding()
        if let module, layer == nil, input == nil {
            throw ExperimentError(
                .usage,
                "--module \(module)",
                "names a layer of a file, but there is none",
                expected: "--layer with the file of the weights, or --input",
                remedy: "give --layer FILE, or leave --module out"
            )
        }
        guard source == .itself, length != keyLength else { return }
        throw ExperimentError(
            .usage,
            "--source itself",
            "takes keys and values from the rows, so --key-length \(keyLength) cannot be used",
            expected: "--key-length \(length), as --length says",
            remedy: "leave --key-length out, or give --source memory"
        )
    }

    private func validateEmbedding() throws(ExperimentError) {
        guard let embedding else { return }
        try require(
            "--embedding",
            embedding,
            in: 1...MultiHeadLayer.largestEmbedding,
            "the columns of one token's row"
        )
        guard embedding % heads == 0 else {
            throw ExperimentError(
                .usage,
                "--embedding \(embedding)",
                "is not divisible by --heads \(heads)",
                expected: "the same number of columns for every head",
                remedy: "use --heads \(embedding.divisorsInWords), or change --embedding"
            )
        }
        let (columns, largest) = (embedding / heads, AttentionProblem.largestDimension)
        guard columns <= largest else {
            throw ExperimentError(
                .usage,
                "--embedding \(embedding)",
                "has \(columns) columns for each of --heads \(heads)",
                expected: "at most \(largest) columns for a head",
                remedy: "give at least --heads \((embedding - 1) / largest + 1), or a smaller "
                    + "--embedding"
            )
        }
        // The default is what a plan has that says nothing.
        let usual = Self()
        for (flag, own, unsaid) in [
            ("--head-dimension", headDimension, usual.headDimension),
            ("--value-dimension", valueDimension, usual.valueDimension),
        ] where own != columns && own != unsaid {
            throw ExperimentError(
                .usage,
                "\(flag) \(own)",
                "differs from --embedding \(embedding) with --heads \(heads)",
                expected: "\(columns), which is E / H",
                remedy: "leave \(flag) or --embedding out"
            )
        }
    }
}
