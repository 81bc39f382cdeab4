import Attention
import Files
import Statistics
import Tensors

/// The files that a plan takes its tensors from: found and checked, to be read later.
package struct InputFiles: Equatable, Sendable {
    /// The tensors of `--input`.
    package let tensors: ExternalTensors?
    /// The weights of a layer, of `--layer` or else of `--input`.
    package let layer: ExternalLayer?

    /// Opens the files of a plan; `stated` are the flags that the user gave, as for `adopting`.
    package init(_ plan: RunPlan, stated: Set<String>) throws(ExperimentError) {
        let problem = plan.problem
        let operation = problem.operation
        // A file that is not read for this operation is no reason to look for its tensors.
        try problem.requireEffects()
        if operation.isLayer, let path = problem.layer ?? problem.input {
            guard stated.contains("--heads") else {
                throw ExperimentError(
                    .usage,
                    "--operation \(operation.rawValue)",
                    "needs the number of heads, which \(path) does not hold",
                    expected: "--heads with the number that the layer was made with",
                    remedy: "give --heads, such as --heads 8"
                )
            }
            try require("--heads", problem.heads, in: 1...Int.max, "the number of query heads")
        }
        tensors = try problem.input.map { path throws(ExperimentError) in
            try ExternalTensors(
                reading: path,
                prefix: problem.tensors ?? "",
                layout: problem.layout,
                as: problem.inputKind,
                stated: StatedHeads(
                    heads: stated.contains("--heads") ? problem.heads : nil,
                    keyValueHeads: stated.contains("--kv-heads") ? problem.keyValueHeads : nil
                )
            )
        }
        guard operation.isLayer, let path = problem.layer ?? problem.input else {
            layer = nil
            return
        }
        layer = try ExternalLayer(
            reading: path,
            flag: problem.layer == nil ? "--input" : "--layer",
            module: problem.module,
            as: operation == .multiHead ? .fused : .shared
        )
    }

    /// Whether no tensor is the generator's alone.
    package var areThere: Bool { tensors != nil || layer != nil }

    /// What in the input may mean something else than the plan assumes; `stated` as above.
    package func doubts(_ plan: RunPlan, stated: Set<String>) -> [MeasurementWarning] {
        tensors.map { plan.doubts(about: $0, stated: stated) } ?? []
    }

    /// What a user should know about the files, a sentence each; `stated` as above.
    package func notes(_ plan: RunPlan, stated: Set<String>) -> [String] {
        var notes: [String] = []
        let used = Set(layer?.names ?? [])
        if let tensors {
            // The weights of the same file are used.
            let isSame = tensors.path == layer?.path
            let names =
                tensors.ignoredNames.filter { !isSame || !used.contains($0) }
                + tensors.unusedNames(in: plan.problem.attentionProblem())
            if let note = Self.unused(names, in: tensors.path) { notes.append(note) }
            notes += tensors.typeNotes
        }
        if let layer {
            if layer.path != tensors?.path,
                let note = Self.unused(layer.ignoredNames, in: layer.path)
            {
                notes.append(note)
            }
            notes += layer.typeNotes
            if !layer.missingBiases.isEmpty {
                let names = layer.missingBiases.joined(separator: " and no ")
                notes.append(
                    "\(layer.path) has no \(names), so the layer has "
                        + (layer.missingBiases.count == 1 ? "zeros there" : "no biases")
                )
            }
        }
        if let tensors, let sentence = plan.unusedMask(of: tensors) { notes.append(sentence) }
        if let sentence = plan.problem.unseenKeys { notes.append(sentence) }
        return notes + doubts(plan, stated: stated).map { "\($0.sentence); \($0.remedy)" }
    }

    private static func unused(_ names: [String], in path: String) -> String? {
        guard !names.isEmpty else { return nil }
        return "\(path) also holds \(names.listed(12)), which "
            + "\(names.count == 1 ? "is" : "are") not used"
    }
}

extension RunPlan.Problem {
    /// That a causal mask is counted from the first key where rows are fewer, as in decoding, a sentence;
    /// nil where every key has its row.
    var unseenKeys: String? {
        guard mask.band == .causal, offset == 0, length < keyLength else { return nil }
        let (rows, seen) =
            length == 1
            ? ("the one row sees", "the first") : ("the \(length) rows see", "the first \(length)")
        return
            "--mask \(mask): \(rows) only \(seen) of \(keyLength) keys; if the rows are the last "
            + "ones, as in decoding, give causal-bottom-right"
    }

    /// What the main tensors of the input are.
    package var inputKind: InputKind {
        switch operation {
        case .maskedSoftmax: .scores
        case .multiHead, .multiHeadShared: .layer(heads: heads)
        case .attention: .attention
        case .kernelRegression, .decodeSteps: .attention
        }
    }
}
