import Testing

/// Limits of the system that a shell sets with `ulimit`.
struct LimitTests {
    private static let once = "--trials 1 --warmup 0 --replicates 1"

    /// Runs `line` under the limits, and expects that nothing is left of it but `names`.
    private static func run(
        _ limits: String,
        _ line: String,
        leaving names: [String] = [],
        in folder: borrowing TemporaryFolder
    ) throws -> Ending {
        let ending = try Headwise.runShell("ulimit \(limits); headwise \(line)", in: folder)
        #expect(!ending.leftProcesses, ending.summary)
        #expect(try folder.names == names, ending.summary)
        return ending
    }

    @Test(arguments: [
        // The output is larger, and the record is not.
        (200, ["r.json"]),
        // Neither may grow as large as it is.
        (1, []),
    ])
    func `a file that may not grow is an error, and nothing of it is left`(
        _ kilobytes: Int,
        _ names: [String]
    ) throws {
        let folder = try TemporaryFolder()
        let ending = try Self.run(
            "-f \(kilobytes)",
            "run --workers 1 --output o.npy --record r.json --batch 2 --heads 8 --length 256 --quiet"
                + " \(Self.once)",
            leaving: names,
            in: folder
        )
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: ["cannot be written", "File too large", "ulimit -f"])
    }
}
