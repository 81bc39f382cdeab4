import FoundationEssentials
import TestSupport
import Testing

/// The table of other libraries' conventions, against a NumPy model of every row.
struct ConventionsTests {
    @Test(.enabled(if: Python.hasNumPy, "\(requiresNumPy)"))
    func `the flags of every row give the row's model`() throws {
        let folder = try TemporaryFolder()
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let ending = try Python.run(
            """
            import os, subprocess, sys
            os.environ["HEADWISE_BINARY"] = sys.argv[2]
            sys.exit(subprocess.run([sys.executable, sys.argv[1], "--models"]).returncode)
            """,
            [root.path() + "scripts/conventions", Headwise.path],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.output.split(separator: "\n").count > 100)
        #expect(ending.output.contains(" MATCHES"))
        #expect(!ending.output.contains(" DIFFERS"))
    }
}
