import Attention
import Files

/// Finds the tensors of an attention problem in a file or a folder, by the names people give them.
struct TensorArchive {
    /// What each tensor may be called.
    static let names: [(role: Role, names: [String])] = [
        (.query, ["q", "query"]),
        (.key, ["k", "key"]),
        (.value, ["v", "value"]),
        (.mask, ["mask"]),
        (.lengths, ["lengths"]),
        (.queryWeights, ["w_q"]),
        (.keyWeights, ["w_k"]),
        (.hiddenWeights, ["w_v"]),
        (.scoreWeights, ["w"]),
        (.bias, ["bias"]),
        (.sinks, ["sinks"]),
        (.keyProjection, ["e"]),
        (.valueProjection, ["f"]),
        (.scores, ["scores"]),
    ]

    /// What projections call their results, which counts where there is no tensor of the other names.
    static let projected: [(role: Role, names: [String])] = [
        (.query, ["q_proj"]), (.key, ["k_proj"]), (.value, ["v_proj"]),
    ]

    package enum Role: Hashable {
        case query, key, value, mask, lengths
        case queryWeights, keyWeights, hiddenWeights, scoreWeights
        case bias, sinks
        case keyProjection, valueProjection
        case scores
    }

    /// The name of a parameter of scores in a file; nil for other tensors.
    static func name(of tensor: TensorName) -> String? {
        let role: Role? =
            switch tensor {
            case .queryWeights: .queryWeights
            case .keyWeights: .keyWeights
            case .hiddenWeights: .hiddenWeights
            case .scoreWeights: .scoreWeights
            case .keyProjection: .keyProjection
            case .valueProjection: .valueProjection
            default: nil
            }
        return role.flatMap { role in names.first { $0.role == role }?.names.first }
    }

    private let roles: Set<Role>
    /// What stands before the names.
    let prefix: String
    private(set) var tensors: [Role: StoredTensor] = [:]
    /// What else is there, for a sentence; sorted.
    private(set) var others: [String] = []

    init(
        reading path: String,
        prefix: String = "",
        as kind: InputKind = .attention
    ) throws(ExperimentError) {
        roles = kind.roles
        self.prefix = prefix
        let projected = kind == .attention ? Self.projected : []
        let wanted = (Self.names + projected).filter { [roles] in roles.contains($0.role) }
            .flatMap(\.names).map { prefix + $0 }
        let listing = try TensorListing(reading: path, flag: "--input", wanted: wanted)
        others = listing.others
        for tensor in listing.found {
            if let role = role(of: tensor, Self.names) {
                try take(tensor, as: role)
            } else if role(of: tensor, projected) == nil {
                others.append(tensor.name)
            }
        }
        for tensor in listing.found {
            guard let role = role(of: tensor, projected) else { continue }
            if tensors[role] == nil { tensors[role] = tensor } else { others.append(tensor.name) }
        }
        others.sort()
    }

    private func role(
        of tensor: StoredTensor,
        _ names: [(role: Role, names: [String])]
    ) -> Role? {
        let name = tensor.name.dropFirst(prefix.count)
        return names.first { $0.names.contains { $0 == name } && roles.contains($0.role) }?.role
    }

    private mutating func take(
        _ tensor: StoredTensor,
        as role: Role
    ) throws(ExperimentError) {
        if let other = tensors[role] {
            throw tensor.refusal(
                other.name == tensor.name
                    ? "appears twice" : "appears together with \(other.name), which means the same",
                expected: "one of the two",
                remedy: "remove or rename one of them"
            )
        }
        tensors[role] = tensor
    }

    /// Whether a prefix was given, and the others have such a tensor without it.
    func hasUnprefixed(_ role: Role) -> Bool {
        let names = (Self.names + Self.projected).filter { $0.role == role }.flatMap(\.names)
        return !prefix.isEmpty && others.contains(where: names.contains)
    }

    /// What stands before the name of such a tensor among the others; the first one in their order.
    func otherPrefix(of role: Role) -> String? {
        let names = (Self.names + Self.projected).filter { $0.role == role }.flatMap(\.names)
        for other in others {
            for name in names where other.hasSuffix(name) && other != name {
                let prefix = other.dropLast(name.count)
                if let last = prefix.last, "./_:".contains(last) { return String(prefix) }
            }
        }
        return nil
    }
}
