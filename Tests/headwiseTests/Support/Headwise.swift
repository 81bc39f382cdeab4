import FoundationEssentials
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// The program under test: the real binary, run as a user runs it.
enum Headwise {
    static let path = PackageFolder.program

    /// Starts the program in `folder`, which is its TMPDIR too.
    static func start(
        _ arguments: [String],
        in folder: borrowing TemporaryFolder,
        environment: [String: String] = [:],
        inherited: Int32? = nil
    ) throws -> RunningProgram {
        try #require(
            access(path, X_OK) == 0,
            "there is no program at \(path): run 'swift build -c release' or set HEADWISE_BINARY"
        )
        return try RunningProgram(
            path,
            arguments,
            environment: settings(folder, environment),
            folder: folder.path,
            inherited: inherited
        )
    }

    /// Runs a line of shell in which `headwise` is the program.
    static func runShell(
        _ line: String,
        in folder: borrowing TemporaryFolder,
        environment: [String: String] = [:]
    ) throws -> Ending {
        try RunningProgram(
            "bash",
            [
                "-c",
                "set -o pipefail; headwise() { '\(path)' \"$@\"; }; export -f headwise; \(line)",
            ],
            environment: settings(folder, environment),
            folder: folder.path
        ).finish()
    }

    static func settings(
        _ folder: borrowing TemporaryFolder,
        _ environment: [String: String]
    ) -> [String: String] {
        var settings = ProcessInfo.processInfo.environment
        settings["TMPDIR"] = folder.path
        settings["TERM"] = "xterm"
        settings["SHELL"] = "/bin/bash"
        settings["NO_COLOR"] = nil
        return settings.merging(environment) { $1 }
    }

    /// Runs the program to its end; checks that it leaves no process or socket.
    static func run(
        _ arguments: [String],
        in folder: borrowing TemporaryFolder,
        environment: [String: String] = [:],
        inherited: Int32? = nil
    ) throws -> Ending {
        let ending = try start(
            arguments,
            in: folder,
            environment: environment,
            inherited: inherited
        ).finish()
        #expect(!ending.leftProcesses, ending.summary)
        #expect(try folder.socketFolders.isEmpty, ending.summary)
        return ending
    }
}

/// A problem of several shards that two workers compute in milliseconds.
let smallProblem = ["--batch", "2", "--heads", "2", "--length", "128", "--head-dimension", "32"]

/// As few rounds of it as possible.
let fewTrials = ["--trials", "2", "--warmup", "0"]
