import Glibc
import TestSupport
import Testing

@testable import Platform

/// `scripts/strangers`, which connects to a port in hostile ways.
enum StrangersScript {
    /// Whether this machine has the Python that runs it.
    static let isPresent = {
        // No process means no Python.
        guard var process = try? start(["python3", "-c", "import json, socket"]) else {
            return false
        }
        return process.ends(withinMilliseconds: 20_000)
            && process.reap() == Platform.ExitStatus.exited(code: 0)
    }()

    static func run(_ arguments: [String], within limit: Duration) throws {
        var process = try start([PackageFolder.path + "/scripts/strangers"] + arguments)
        let seconds = Int32(limit.components.seconds)
        let hasEnded = process.ends(withinMilliseconds: seconds * 1000)
        try #require(hasEnded, "it did not end")
        let status = process.reap()
        #expect(status == Platform.ExitStatus.exited(code: 0))
    }

    private static func start(_ words: [String]) throws -> SpawnedProcess {
        try SpawnedProcess(executable: "/usr/bin/env", arguments: words)
    }
}
