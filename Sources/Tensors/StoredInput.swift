import Attention
import Files

/// Finds the tensors of an attention problem among those of an archive, and refuses what is missing
/// or cannot be one.
struct StoredInput {
    let path: String
    let archive: TensorArchive
    let layout: TensorLayout
    let kind: InputKind
    var stated = StatedHeads()

    func required(_ role: TensorArchive.Role) throws(ExperimentError) -> StoredTensor {
        if let tensor = archive.tensors[role] { return tensor }
        let names = (TensorArchive.names.first { $0.role == role }?.names ?? [])
            .map { archive.prefix + $0 }
        let others = archive.others.prefix(8).joined(separator: ", ")
        let expected =
            switch kind {
            case .attention: "q, k and v (or query, key and value)"
            case .scores: "scores, [B,H,L,S]"
            case .layer: "query (or q), [B,L,E]; and perhaps key, or key and value"
            }
        let hint: String? =
            if archive.hasUnprefixed(role) {
                "leave --tensors out"
            } else if let prefix = archive.otherPrefix(of: role) {
                "give --tensors \(prefix) for those whose names begin so"
            } else if kind == .attention, archive.others.contains("scores") {
                "give --operation masked-softmax for the softmax of scores"
            } else if kind.isLayer, archive.others.contains(where: LayerNames.areWeights) {
                "give --layer \(path) without --input to generate the query, or add the tensor"
            } else {
                nil
            }
        throw ExperimentError(
            .usage,
            path,
            "has no tensor \(names.joined(separator: " or "))",
            expected: expected,
            remedy: hint
                ?? (others.isEmpty
                    ? "add the tensor" : "rename the right one of \(others), or add the tensor")
        )
    }

    /// The shapes of all tensors that are there, each by itself of a type and rank that are taken.
    func shapes() throws(ExperimentError) -> InputShapes {
        for tensor in try mainTensors() {
            try requireType(tensor, among: ElementType.floats, for: .numbers)
            switch kind {
            case .attention:
                try requireSizes(
                    tensor,
                    ranks: layout.ranks,
                    as: layout == .bld
                        ? layout.text() : "\(layout.text(rank: 4)) or \(layout.text(rank: 3))"
                )
            case .scores: try requireSizes(tensor, ranks: 3...4, as: "[B,H,L,S] or [B,L,S]")
            case .layer: try requireSizes(tensor, ranks: 2...3, as: "[B,L,E] or [L,E]")
            }
        }
        if let lengths = archive.tensors[.lengths] {
            try requireType(lengths, among: ElementType.integers, for: .lengths)
            try requireSizes(lengths, ranks: 1...2, as: "[B] or [B,L]")
        }
        if let mask = archive.tensors[.mask] {
            try requireSizes(mask, ranks: 1...4, as: "[B,H,L,S], or a part of it such as [L,S]")
            guard try mask.hasFlags() else { throw try TypeRefusal(mask).error(for: .flags) }
        }
        if let bias = archive.tensors[.bias] {
            try requireType(bias, among: ElementType.floats, for: .numbers)
            try requireSizes(bias, ranks: 1...4, as: "[B,H,L,S], or a part of it such as [L,S]")
        }
        if let sinks = archive.tensors[.sinks] {
            try requireType(sinks, among: ElementType.floats, for: .numbers)
        }
        return InputShapes(
            kind: kind,
            query: try required(kind.mainRole).shape,
            key: archive.tensors[.key]?.shape,
            value: archive.tensors[.value]?.shape,
            mask: archive.tensors[.mask]?.shape,
            bias: archive.tensors[.bias]?.shape,
            lengths: archive.tensors[.lengths]?.shape,
            takesOtherKeys: archive.tensors[.keyWeights] != nil
                || archive.tensors[.scoreWeights]?.shape.count == 2,
            stated: stated
        )
    }

    /// The tensors that say which sizes there are.
    func mainTensors() throws(ExperimentError) -> [StoredTensor] {
        switch kind {
        case .attention: return [try required(.query), try required(.key), try required(.value)]
        case .scores:
            for role in [TensorArchive.Role.bias, .sinks] {
                guard let tensor = archive.tensors[role] else { continue }
                throw tensor.refusal(
                    "is for attention, and a softmax takes its scores as they are",
                    expected: "scores, and perhaps mask and lengths",
                    remedy: role == .bias
                        ? "add it to the scores, or leave it out of the file"
                        : "leave it out of the file"
                )
            }
            return [try required(.scores)]
        case .layer:
            let query = try required(.query)
            let key = archive.tensors[.key]
            if let value = archive.tensors[.value], key == nil {
                throw value.refusal(
                    "is there without a key",
                    expected: "query alone, query and key, or query, key and value",
                    remedy: "save the tensor of the keys as key"
                )
            }
            return [query, key, archive.tensors[.value]].compactMap { $0 }
        }
    }

    /// The refusal of a tensor that does not go with the others.
    func refusal(
        _ misfit: ShapeMisfit,
        of shapes: InputShapes
    ) throws(ExperimentError) -> ExperimentError {
        let other = shapes.otherReading(than: layout)?.shape
        let remedy = other.map { other in
            kind.isLayer
                ? InputKind.turnedRows
                : "give --layout \(layout.other) if q is "
                    + "\(layout.other.text(rank: shapes.query.count)), \(other.headsOfRows)"
        }
        return try required(misfit.role).mismatch(
            misfit.expected,
            remedy ?? misfit.remedy ?? "write tensors whose shapes match"
        )
    }

    private func requireType(
        _ tensor: StoredTensor,
        among types: [ElementType],
        for purpose: TypeRefusal.Purpose
    ) throws(ExperimentError) {
        if let type = tensor.elementType, types.contains(type) { return }
        throw try TypeRefusal(tensor).error(for: purpose)
    }

    private func requireSizes(
        _ tensor: StoredTensor,
        ranks: ClosedRange<Int>,
        as expected: String
    ) throws(ExperimentError) {
        guard ranks.contains(tensor.shape.count) else {
            let remedy =
                switch (tensor.shape.count, ranks.lowerBound) {
                case (0, 1): "save numpy.reshape(\(tensor.name), 1)"
                // The axis of the one head.
                case (2, 3):
                    "save \(tensor.name)[\(layout == .bhld ? "" : ":, ")None]"
                // Heads that stand before the rows.
                case (4, 2):
                    "save numpy.moveaxis(\(tensor.name), 1, 2).reshape(B, L, -1) if it is [B,H,L,D]"
                default: "reshape it and write the file again"
                }
            throw tensor.mismatch(expected, remedy)
        }
        guard tensor.shape.allSatisfy({ $0 >= 1 }) else {
            throw tensor.mismatch("1 or more along every axis", "write tensors that are not empty")
        }
    }
}

extension StoredTensor {
    fileprivate func mismatch(_ expected: String, _ remedy: String) -> ExperimentError {
        refusal("has the shape \(shape)", expected: expected, remedy: remedy)
    }
}
