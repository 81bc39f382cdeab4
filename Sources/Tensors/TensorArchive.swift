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
    private(set) var tensors: [Role: StoredTensor] = [:]
    /// What else is there, for a sentence; sorted.
    private(set) var others: [String] = []

    init(
        reading path: String,
        as kind: InputKind = .attention
    ) throws(ExperimentError) {
        roles = kind.roles
        let wanted = Self.names.filter { [roles] in roles.contains($0.role) }.flatMap(\.names)
        let listing = try TensorListing(reading: path, flag: "--input", wanted: wanted)
        others = listing.others
        for tensor in listing.found { try take(tensor) }
        others.sort()
    }

    private mutating func take(_ tensor: StoredTensor) throws(ExperimentError) {
        guard let role = Self.names.first(where: { $0.names.contains(tensor.name) })?.role,
            roles.contains(role)
        else {
            others.append(tensor.name)
            return
        }
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
}
