import ArgumentParser
import Examples
import Files
import Platform
import Record
import Report
import Tables
import Work

struct ExampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "example",
        abstract: "Run a worked example on real workers; without a name, list them.",
        discussion: """
            An example writes its inputs to a new folder, runs commands that you can repeat, and \
            ends with what to look at. Examples:
              headwise example
              headwise example translation
            """
    )

    @Argument(
        help: ArgumentHelp("The example to run.", valueName: "name"),
        completion: .list(Example.all.map(\.name))
    )
    var name: String?

    @Option(
        help: ArgumentHelp(
            "The new folder for its files. Default: results/<UTC time>-example-<name>.",
            valueName: "folder"
        ),
        completion: .directory
    )
    var to: String?

    func run() throws {
        guard let name else {
            if let to {
                throw ExperimentError(
                    .usage,
                    "--to \(to)",
                    "has no effect without the name of an example",
                    expected: "a name before it",
                    remedy: "'headwise example' lists the names"
                )
            }
            let width = Example.all.map(\.name.count).max() ?? 0
            for example in Example.all {
                let spaces = String(repeating: " ", count: width - example.name.count + 2)
                Output.print("\(example.name)\(spaces)\(example.summary)")
            }
            return
        }
        let example = try Example.named(name)
        ParentReport.begin()
        let interruption = try Interruption()
        let folder = try makeFolder(name)
        var run = ExampleRun(
            folder: folder,
            command: { words, isShown in
                try Self.command(words, isShown: isShown, interruption)
            },
            print: { Output.print($0) },
            gnuplot: Gnuplot(interruption: interruption.descriptor),
            check: interruption.checkForCause
        )
        do {
            try example.run(&run)
        } catch let error as RunError where error.isInterruption {
            throw InterruptedCommand(
                cause: error,
                outcome: FileSystem.removeIfEmpty(folder)
                    ? "nothing was written"
                    : "what was written so far is in \(folder); give another folder with --to to "
                        + "run the example again"
            )
        }
    }

    private func makeFolder(_ name: String) throws(ExperimentError) -> String {
        if let to {
            guard !to.isEmpty else { throw .namesNothing("--to") }
            guard try FileSystem.makeFolder(to, for: "the example") else {
                throw .exists(
                    "--to \(to)",
                    expected: "a new folder",
                    remedy: "choose another path, or leave --to out"
                )
            }
            return to
        }
        let stamp = "results/\(UTCTime.now.fileStamp)-example-\(name)"
        for attempt in 1...100 {
            let path = attempt == 1 ? stamp : "\(stamp)-\(attempt)"
            _ = try FileSystem.makeFolder("results", for: "examples")
            if try FileSystem.makeFolder(path, for: "the example") { return path }
        }
        throw .exists(stamp, expected: "a free name for a folder", remedy: "give one with --to")
    }

    /// Runs this program with other words; it writes where this process writes.
    private static func command(
        _ words: [String],
        isShown: Bool,
        _ interruption: Interruption
    ) throws {
        var process = try RunError.environment { () throws(SystemError) in
            try SpawnedProcess(
                executable: "/proc/self/exe",
                // Its record says how a reader can repeat it.
                named: "headwise",
                arguments: words,
                descriptors: isShown ? [1: 1] : [:]
            )
        }
        while !process.ends(withinMilliseconds: 50) {
            guard interruption.signal == nil else {
                // It ends its workers in order, and keeps what it measured.
                process.terminate()
                _ = process.ends(withinMilliseconds: 10_000)
                try interruption.check()
                return
            }
        }
        guard case .exited(let code) = process.reap() else {
            throw RunError(.environment, "headwise \(words.first ?? "") was killed by a signal")
        }
        try interruption.check()
        if code != 0 { throw ExitStatusRequest(code: code) }
    }
}
