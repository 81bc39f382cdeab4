import Files

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The tensors of a file or a folder that somebody wants, and the names of the others.
struct TensorListing {
    private(set) var found: [StoredTensor] = []
    /// Not of a folder, where other files are nobody's concern.
    private(set) var others: [String] = []

    /// Finds tensors by their whole names; `flag` is the one that named the path.
    init(
        reading path: String,
        flag: String,
        wanted: [String]
    ) throws(ExperimentError) {
        try self.init(reading: path, flag: flag) { wanted.contains($0) }
    }

    /// Finds tensors by a rule.
    init(
        reading path: String,
        flag: String,
        where isWanted: (String) -> Bool
    ) throws(ExperimentError) {
        switch try Self.kind(of: path, flag: flag) {
        case .folder:
            found = try Self.arrays(inFolder: path, where: isWanted)
        case .safetensors:
            let all = try SafetensorsFile.tensors(in: OpenFile(reading: path))
            found = all.filter { isWanted($0.name) }
            others = all.map(\.name).filter { !isWanted($0) }
        case .npz:
            (found, others) = try NpzFile.tensors(in: OpenFile(reading: path), where: isWanted)
        }
    }

    private enum Kind {
        case folder, safetensors, npz
    }

    private static func kind(of path: String, flag: String) throws(ExperimentError) -> Kind {
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
            "\(flag) \(path)",
            path.hasSuffix(".npy") ? "contains only one tensor" : "has an unknown file type",
            expected: "a .safetensors or .npz file, or a folder of .npy files"
                + (flag == "--layer" ? "" : " such as q.npy, k.npy and v.npy"),
            remedy: flag == "--layer"
                ? "save the layer's state_dict() with safetensors.torch.save_file"
                : "save the tensors with numpy.savez, or contiguous tensors with safetensors; or "
                    + "give a folder"
        )
    }

    private static func arrays(
        inFolder path: String,
        where isWanted: (String) -> Bool
    ) throws(ExperimentError) -> [StoredTensor] {
        var found: [StoredTensor] = []
        // Which of the names must be there is decided later.
        for file in try FileSystem.names(in: path) where file.hasSuffix(".npy") {
            let name = String(file.dropLast(".npy".count))
            guard isWanted(name) else { continue }
            let open = try OpenFile(reading: "\(path)/\(file)")
            found.append(try NpyFile.tensor(in: open, byteCount: open.byteCount, name: name))
        }
        return found
    }
}
