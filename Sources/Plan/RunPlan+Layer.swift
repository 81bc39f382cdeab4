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
