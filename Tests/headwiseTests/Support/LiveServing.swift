import Files
import Record
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// `headwise-live` as a user starts it, on any free port.
///
/// A class, because its end must come exactly once.
final class LiveServing {
    let program: RunningProgram
    let port: UInt16

    static func start(
        _ arguments: [String],
        in folder: borrowing TemporaryFolder
    ) throws -> RunningProgram {
        let path = PackageFolder.liveProgram
        try #require(access(path, X_OK) == 0, "there is no program at \(path): build the package")
        return try RunningProgram(
            path,
            arguments,
            environment: Headwise.settings(folder, [:]),
            folder: folder.path
        )
    }

    /// With the usual priority, unless told otherwise: other tests keep all processors busy.
    init(
        _ path: String,
        in folder: borrowing TemporaryFolder,
        flags: [String] = ["--usual-priority"]
    ) throws {
        program = try Self.start([path, "--port", "0"] + flags, in: folder)
        let program = program
        try #require(
            program.wait(atMost: .seconds(60)) { program.outputSoFar.contains("\n") },
            program.finish(within: .zero).summary
        )
        let address = try #require(
            program.outputSoFar.split(separator: " ").first { $0.hasPrefix("http://127.0.0.1:") }
        )
        port = try #require(UInt16(address.dropLast().split(separator: ":").last ?? ""))
    }

    /// The answer to one request.
    func ask(
        _ path: String,
        method: String = "GET",
        host: String = "127.0.0.1"
    ) throws -> String {
        try LoopbackClient(port: port, path, method: method, host: host).answer()
    }

    /// Ends it as Ctrl-C does.
    func interrupt() -> Ending {
        program.send(SIGINT)
        return program.finish(within: patience)
    }
}

extension TemporaryFolder {
    /// Puts a record in place as runs do: as a whole, as a new file.
    func put(_ record: RunRecord, as name: String) throws {
        let partial = try write("\(name).partial", try JSONText.encode(record))
        try #require(rename(partial, file(name)) == 0)
    }
}

extension RunRecord {
    /// A real record of a sweep.
    static func finishedSweep() throws -> RunRecord {
        try RunRecord.read(PackageFolder.record("scale-8x8x1024x64"))
    }

    /// The same while it is measured, with the first `pointCount` points.
    static func growingSweep(_ pointCount: Int) throws -> RunRecord {
        var record = try finishedSweep()
        record.points = Array(record.points.prefix(pointCount))
        record.analysis = nil
        record.verdict = nil
        record.exitCode = nil
        return record
    }
}
