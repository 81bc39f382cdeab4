import Attention
import Files
import Tensors
import Work

/// What the files of a layer decide.
extension RunPlan {
    /// Takes E and the columns of the heads from the weights, unless the input says them, and holds the
    /// shapes of all weights against the problem.
    mutating func adopt(
        _ layer: ExternalLayer,
        stated: Set<String>,
        hasInput: Bool
    ) throws(ExperimentError) {
        if !hasInput {
            let (e, heads) = (layer.embedding, problem.heads)
            guard e % heads == 0 else {
                throw ExperimentError(
                    .usage,
                    "--heads \(heads)",
                    "does not divide the \(e) columns of the layer of \(layer.path)",
                    expected: "the heads that the layer was made with",
                    remedy: "give one of \(e.divisorsInWords)"
                )
            }
            try requireEmbedding(e, of: "--layer \(layer.path)", stated)
            problem.adoptColumns(e / heads)
        } else if let e = problem.embedding, e != layer.embedding {
            throw ExperimentError(
                .usage,
                layer.path,
                "has the weights of a layer of \(layer.embedding) columns, but query has \(e)",
                expected: "query [B,L,\(layer.embedding)]",
                remedy: "give the inputs of this layer, or the layer of these inputs"
            )
        }
        try layer.require(problem.attentionProblem())
    }

    /// Takes E and the source of the keys from the input.
    mutating func adoptRows(
        of tensors: ExternalTensors,
        stated: Set<String>
    ) throws(ExperimentError) {
        guard let source = tensors.source else { return }
        let path = "--input \(tensors.path)"
        if let own = problem.source, own != source, stated.contains("--source") {
            throw ExperimentError(
                .usage,
                "--source \(own.rawValue)",
                "differs from \(path), which has \(source.tensors)",
                expected: source.rawValue,
                remedy: "leave --source out: the file sets it"
            )
        }
        try requireEmbedding(
            tensors.shape.heads * tensors.shape.headDimension,
            of: path,
            stated
        )
        problem.source = source
        problem.adoptColumns(tensors.shape.headDimension)
    }

    /// Refuses columns that the user stated and the files do not have.
    private func requireEmbedding(
        _ e: Int,
        of path: String,
        _ stated: Set<String>
    ) throws(ExperimentError) {
        let columns = e / problem.heads
        let shape = problem.shape
        let flags: [(flag: String, own: Int?, found: Int)] = [
            ("--embedding", problem.embedding, e),
            ("--head-dimension", shape.headDimension, columns),
            ("--key-dimension", shape.keyDimension, columns),
            ("--value-dimension", shape.valueDimension, columns),
        ]
        for (flag, own, found) in flags where stated.contains(flag) {
            guard let own, own != found else { continue }
            throw ExperimentError(
                .usage,
                "\(flag) \(own)",
                "differs from \(path)",
                expected: "\(found)",
                remedy: "leave \(flag) out: the file sets it"
            )
        }
    }
}

extension RunPlan.Problem {
    func validateSource() throws(ExperimentError) {
        guard source == .itself, length != keyLength else { return }
        throw ExperimentError(
            .usage,
            "--source itself",
            "takes keys and values from the rows, so --key-length \(keyLength) cannot be used",
            expected: "--key-length \(length), as --length says",
            remedy: "leave --key-length out, or give --source memory"
        )
    }

    /// Refuses what only a layer, or only attention, has.
    func validateOperation() throws(ExperimentError) {
        let flags = [
            ("--layer", layer), ("--module", module), ("--source", source?.rawValue),
        ]
        if !operation.isLayer, let (flag, text) = flags.first(where: { $0.1 != nil }) {
            throw ExperimentError(
                .usage,
                "\(flag) \(text ?? "")",
                "has no effect on --operation \(operation.rawValue)",
                expected: "--operation multi-head or multi-head-shared",
                remedy: "leave \(flag) out, or give one of these"
            )
        }
        if let module, layer == nil, input == nil {
            throw ExperimentError(
                .usage,
                "--module \(module)",
                "names a layer of a file, but there is none",
                expected: "--layer with the file of the weights, or --input",
                remedy: "give --layer FILE, or leave --module out"
            )
        }
        if layout != .bhld, operation == .maskedSoftmax || operation.isLayer {
            throw ExperimentError(
                .usage,
                "--layout \(layout.rawValue)",
                "has no effect on --operation \(operation.rawValue)",
                expected: operation.isLayer ? "tensors [B,L,E]" : "scores [B,H,L,S]",
                remedy: "leave --layout out, and save the tensors so"
            )
        }
    }

    /// Makes every head as wide.
    fileprivate mutating func adoptColumns(_ columns: Int) {
        headDimension = columns
        keyDimension = nil
        embedding = heads * columns
    }
}

extension LayerSource {
    /// The tensors that a file has for it.
    fileprivate var tensors: String {
        switch self {
        case .itself: "a query alone"
        case .memory: "query and key"
        case .separate: "query, key and value"
        }
    }
}
