import Attention
import TestSupport

@testable import Conformance
@testable import Platform

/// What the tests of the catalogue share.
enum CatalogueSupport {
    static func catalogue(
        workers: [Int],
        randomCases: Int = 0,
        seed: UInt64 = 1,
        faults: [Int: String] = [:]
    ) throws -> Catalogue {
        Catalogue(
            CatalogueOptions(
                instructionSets: [.best],
                workers: workers,
                randomCases: randomCases,
                seed: seed,
                executable: PackageFolder.program,
                faults: faults
            ),
            interruption: try TestInterruption.shared
        )
    }

    /// Runs the program; what it printed and its exit code.
    static func run(_ arguments: [String]) throws -> (output: String, code: Int32) {
        let outcome = try PipedProcess.run(
            PackageFolder.program,
            arguments,
            input: [],
            milliseconds: 600_000
        )
        guard case .ended(.exited(let code)) = outcome.ending else {
            throw RunError(.unfinished, "\(outcome.ending)")
        }
        return (String(decoding: outcome.output, as: UTF8.self), code)
    }
}
