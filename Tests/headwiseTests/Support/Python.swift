import FoundationEssentials
import TestSupport
import Testing

/// Python with NumPy: somebody else who makes tensors and knows what attention is.
enum Python {
    private static let stated = ProcessInfo.processInfo.environment["HEADWISE_PYTHON"]
    private static let path = stated ?? "python3"

    /// Whether NumPy can be had.
    ///
    /// Where HEADWISE_PYTHON promises it, a missing one is a failure and no reason to skip.
    static let hasNumPy = stated != nil || canImport("numpy")
    static let hasTorch = canImport("torch")
    static let hasTerminals = stated != nil || canImport("pty")

    private static func canImport(_ module: String) -> Bool {
        // No folder or no Python means no module.
        guard let folder = try? TemporaryFolder() else { return false }
        return (try? run("import \(module)", in: folder))?.kind == .exited(0)
    }

    static func run(
        _ program: String,
        _ arguments: [String] = [],
        in folder: borrowing TemporaryFolder
    ) throws -> Ending {
        try RunningProgram(
            path,
            ["-c", program] + arguments,
            environment: Headwise.settings(folder, [:]),
            folder: folder.path
        ).finish()
    }
}
