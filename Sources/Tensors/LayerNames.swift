import Attention

/// What a module of some library calls the weights of a layer, in its state dict.
struct LayerNames: Hashable, Sendable {
    let variant: LayerVariant
    /// The order of the rows of fused projections.
    var order = ProjectionOrder.byProjection
    /// Without the name of the module in front.
    let names: [TensorName: String]

    static let all = [
        // torch.nn.MultiheadAttention.
        LayerNames(
            variant: .fused,
            names: [
                .projectionWeights: "in_proj_weight", .projectionBias: "in_proj_bias",
                .outputWeights: "out_proj.weight", .outputBias: "out_proj.bias",
            ]
        ),
        // The module that teaching texts write, which cuts the result of one linear layer by heads.
        LayerNames(
            variant: .fused,
            order: .byHead,
            names: [
                .projectionWeights: "qkv_proj.weight", .projectionBias: "qkv_proj.bias",
                .outputWeights: "o_proj.weight", .outputBias: "o_proj.bias",
            ]
        ),
        // The one that splits the embedding first.
        LayerNames(
            variant: .shared,
            names: [
                .sharedQueryWeights: "queries.weight", .sharedKeyWeights: "keys.weight",
                .sharedValueWeights: "values.weight", .outputWeights: "fc_out.weight",
                .outputBias: "fc_out.bias",
            ]
        ),
    ]

    /// Tensors of such modules that change what they compute, and are not supported: the name, what it
    /// means, and what to do.
    static let refused: [(name: String, meaning: String, remedy: String)] =
        [("bias_k", "key"), ("bias_v", "value")].map {
            (
                $0.0, "a \($0.1) beside those of the input (add_bias_kv=True)",
                "make the layer with add_bias_kv=False"
            )
        }
        + ["q_proj_weight", "k_proj_weight", "v_proj_weight"].map {
            (
                $0, "of a layer whose keys or values have other columns than E (kdim, vdim)",
                "make the layer without kdim and vdim"
            )
        }
        + ["q_proj.weight", "k_proj.weight", "v_proj.weight"].map {
            (
                $0, "a projection by itself",
                "save numpy.concatenate of the weights of q, k and v as in_proj_weight, of the biases "
                    + "as in_proj_bias, and the output projection as out_proj.weight and out_proj.bias"
            )
        }
        + ["queries.bias", "keys.bias", "values.bias"].map {
            (
                $0, "a bias of shared projections, which have none here",
                "make the projections with bias=False"
            )
        }

    static let biases: [TensorName] = [.projectionBias, .outputBias]

    /// The names of what must be there, in the order of the tensors.
    var required: [String] {
        names.keys.filter { !Self.biases.contains($0) }.sorted { $0.rawValue < $1.rawValue }
            .compactMap { names[$0] }
    }

    /// Whether a name, with that of a module in front or without, is one of weights.
    static func areWeights(_ name: String) -> Bool {
        all.contains { $0.names.values.contains { name == $0 || name.hasSuffix(".\($0)") } }
    }

    /// `in_proj_weight and out_proj.weight`.
    var requiredText: String {
        required.dropLast().joined(separator: ", ") + " and " + (required.last ?? "")
    }
}
