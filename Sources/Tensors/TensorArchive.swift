import Attention
import Files

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

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
    ]

    package enum Role: Hashable {
        case query, key, value, mask, lengths
        case queryWeights, keyWeights, hiddenWeights, scoreWeights
        case bias, sinks
        case keyProjection, valueProjection
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

    private(set) var tensors: [Role: StoredTensor] = [:]
    /// What else is there, for a sentence; sorted.
    private(set) var others: [String] = []

    init(reading path: String) throws(ExperimentError) {
        let found: [StoredTensor]
        switch try Self.kind(of: path) {
        case .folder:
            found = try Self.arrays(inFolder: path)
        case .safetensors:
            found = try SafetensorsFile.tensors(in: OpenFile(reading: path))
        case .npz:
            let wanted = Set(Self.names.flatMap(\.names))
            let listing = try NpzFile.tensors(in: OpenFile(reading: path), named: wanted)
            found = listing.found
            others = listing.others
        }
        for tensor in found { try take(tensor) }
        others.sort()
    }

    private mutating func take(_ tensor: StoredTensor) throws(ExperimentError) {
        guard let role = Self.names.first(where: { $0.names.contains(tensor.name) })?.role else {
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

    private enum Kind {
        case folder, safetensors, npz
    }

    private static func kind(of path: String) throws(ExperimentError) -> Kind {
        guard !path.isEmpty else { throw .emptyPath }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw .system(path, "cannot be opened", expected: "a tensor file or a folder of them")
        }
        if status.st_mode & S_IFMT == S_IFDIR { return .folder }
        if path.hasSuffix(".safetensors") { return .safetensors }
        if path.hasSuffix(".npz") { return .npz }
        throw ExperimentError(
            .usage,
            "--input \(path)",
            path.hasSuffix(".npy") ? "contains only one tensor" : "has an unknown file type",
            expected: "a .safetensors or .npz file, or a folder of q.npy, k.npy and v.npy",
            remedy:
                "save the tensors with numpy.savez, or contiguous tensors with safetensors; or "
                + "give a folder"
        )
    }

    private static func arrays(inFolder path: String) throws(ExperimentError) -> [StoredTensor] {
        var found: [StoredTensor] = []
        for name in names.flatMap(\.names) {
            let file = "\(path)/\(name).npy"
            // Only what is there is opened: which of the names must be there is decided later.
            guard FileSystem.exists(file) else { continue }
            let open = try OpenFile(reading: file)
            found.append(try NpyFile.tensor(in: open, byteCount: open.byteCount, name: name))
        }
        return found
    }
}
