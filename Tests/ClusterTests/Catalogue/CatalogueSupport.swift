import Attention
import Foundation

@testable import Cluster

/// What the tests of the catalogue share.
enum CatalogueSupport {
    /// `HEADWISE_BINARY`, or what the package's release build made.
    static var executable: String {
        if let path = ProcessInfo.processInfo.environment["HEADWISE_BINARY"] { return path }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return package.appendingPathComponent(".build/release/headwise").path
    }

    // One for all tests: its thread stays as long as the process.
    private static let shared = Result { try Interruption() }

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
                executable: executable,
                faults: faults
            ),
            interruption: try shared.get()
        )
    }

    /// Runs the program; what it printed and its exit code.
    static func run(_ arguments: [String]) throws -> (output: String, code: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (String(decoding: bytes, as: UTF8.self), process.terminationStatus)
    }
}
