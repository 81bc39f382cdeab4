import FoundationEssentials
import TestSupport
import Testing

/// Why a test is skipped.
let requiresNumPy = "python3 cannot import numpy"

/// Python with NumPy: makes tensors and computes attention independently.
enum Python {
    private static let stated = ProcessInfo.processInfo.environment["HEADWISE_PYTHON"]
    private static let path = stated ?? "python3"

    /// Whether Python has NumPy.
    ///
    /// With HEADWISE_PYTHON a missing NumPy is a failure, not a reason to skip.
    static let hasNumPy = stated != nil || canImport("numpy")
    static let isPresent = stated != nil || canImport("json")
    static let hasTorch = canImport("torch")
    static let hasTerminals = stated != nil || canImport("pty")

    /// The modules among `modules` that are installed; importing them would take time.
    static func installed(among modules: [String]) -> Set<String> {
        let program = """
            import importlib.util, sys
            print(*(x for x in sys.argv[1:] if importlib.util.find_spec(x)))
            """
        // No folder or no Python means no module.
        guard let folder = try? TemporaryFolder(),
            let ending = try? run(program, modules, in: folder), ending.kind == .exited(0)
        else { return [] }
        return Set(ending.output.split(whereSeparator: \.isWhitespace).map(String.init))
    }

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

    /// Runs one of the package's scripts.
    static func runScript(
        _ name: String,
        _ arguments: [String],
        within limit: Duration,
        in folder: borrowing TemporaryFolder
    ) throws -> Ending {
        try RunningProgram(
            path,
            ["\(PackageFolder.path)/scripts/\(name)"] + arguments,
            environment: Headwise.settings(folder, [:]),
            folder: folder.path
        ).finish(within: limit)
    }
}
