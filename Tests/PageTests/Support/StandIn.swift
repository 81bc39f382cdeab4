import FoundationEssentials
import Processes
import Testing

@testable import Page

/// A folder that goes away with this value.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "headwise-page-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // What is left behind lies in the system's folder for such things.
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }

    /// An executable called gnuplot that does what `body`, a shell script, says.
    ///
    /// Another process writes it: one that this process had open for writing while another test
    /// starts a program could not be started.
    func standIn(_ body: String) throws {
        let outcome = try PipedProcess.run(
            "/bin/bash",
            ["-c", "cat >'\(path)/gnuplot' && chmod +x '\(path)/gnuplot'"],
            input: Array("#!/bin/bash\n\(body)\n".utf8),
            milliseconds: 60_000
        )
        try #require(outcome.ending == .ended(.exited(code: 0)))
    }
}

/// Whether the real one is here; scripts/test installs it.
let hasGnuplot = PipedProcess.find("gnuplot", path: PipedProcess.environmentPath) != nil

/// A gnuplot that is nowhere.
let noGnuplot = Gnuplot(path: "/nowhere")
