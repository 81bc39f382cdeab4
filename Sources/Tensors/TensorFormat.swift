import Files

/// The two kinds of file that tensors are written to.
enum TensorFormat {
    case npy, safetensors

    /// What the ending of `path`, which the user named by `flag`, says.
    init(path: String, flag: String) throws(ExperimentError) {
        guard !path.isEmpty else { throw .namesNothing(flag) }
        if path.hasSuffix(".npy") {
            self = .npy
        } else if path.hasSuffix(".safetensors") {
            self = .safetensors
        } else {
            throw ExperimentError(
                .usage,
                "\(flag) \(path)",
                "has an unknown file type",
                expected: "a name that ends in .npy or .safetensors",
                remedy: "use one of these endings"
            )
        }
    }

    /// The header of a file with this one tensor of Floats.
    func header(name: String, shape: [Int]) -> [UInt8] {
        switch self {
        case .npy: NpyFile.header(shape: shape)
        case .safetensors:
            SafetensorsFile.header([.init(name: name, type: .float32, shape: shape)])
        }
    }
}
