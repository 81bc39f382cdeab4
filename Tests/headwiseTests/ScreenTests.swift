import Platform
import TestSupport
import Testing

/// Tables on standard output: with colours and progress on a terminal, plain elsewhere.
struct ScreenTests {
    private static let run = ["run", "--record", "r.json"] + smallProblem + fewTrials

    @Test(arguments: [["host"], run, ["scale", "--workers", "1,2"] + run.dropFirst()])
    func `a file gets neither colours nor progress`(
        _ arguments: [String]
    ) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(arguments, in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(!ending.outputBytes.contains(0x1b), ending.summary)
        #expect(!ending.errorBytes.contains { $0 == 0x1b || $0 == 0x0d }, ending.summary)
    }

    @Test func `a table begins with the base case and ends with a sentence`() throws {
        let folder = try TemporaryFolder()
        // One worker only: more workers than cores would add a note.
        let ending = try Headwise.run(Self.run + ["--workers", "1"], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        let first = try #require(ending.output.split(separator: "\n").first)
        for word in ["1 process", "1 thread"] { #expect(first.contains(word), ending.summary) }
        #expect(ending.output.hasSuffix(".\n"), ending.summary)
        #expect(ending.errors == "record: r.json\n", ending.summary)
    }

    @Test func `--quiet prints the result only`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(Self.run + ["--quiet", "--threads", "64"], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errorBytes.isEmpty, ending.summary)
        #expect(!ending.outputBytes.isEmpty)
    }

    @Test func `a terminal shows progress and colours unless the user declines`() throws {
        for (environment, isColored, hasProgress) in [
            ([:], true, true), (["NO_COLOR": "1"], false, true), (["TERM": "dumb"], false, false),
        ] {
            let folder = try TemporaryFolder()
            // `script` runs a command on a terminal of its own.
            let ending = try Headwise.runShell(
                "script -qec 'headwise \(Self.run.joined(separator: " "))' /dev/null",
                in: folder,
                environment: environment
            )
            #expect(ending.kind == .exited(0), ending.summary)
            // Emphasis ends with the reset code; progress erases its line.
            #expect(ending.output.contains("\u{1B}[0m") == isColored, ending.summary)
            #expect(ending.output.contains("\u{1B}[K") == hasProgress, ending.summary)
        }
    }

    @Test func `a closed pipe is no error`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.runShell(
            "headwise host --format json | head -c 1 >/dev/null",
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
    }

    @Test func `an output that cannot be written is an error`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.runShell(
            "headwise \(Self.run.joined(separator: " ")) --quiet >/dev/full",
            in: folder
        )
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: ["No space left"])
        // The record is complete.
        #expect(try JSONValue(file: folder.file("r.json"))["exitCode"] == .number(0))
    }

    @Test(arguments: ["60", "80", "120"])
    func `a table fits the terminal`(columns: String) throws {
        let folder = try TemporaryFolder()
        for arguments in [["scale", "--workers", "1,2"] + Self.run.dropFirst(), ["host"]] {
            let ending = try Headwise.run(arguments, in: folder, environment: ["COLUMNS": columns])
            #expect(ending.kind == .exited(0), ending.summary)
            let longest = ending.output.split(separator: "\n").map(\.count).max() ?? 0
            #expect(longest <= Int(columns) ?? 0, ending.summary)
            #expect(arguments == ["host"] || ending.output.contains("speed"), ending.summary)
        }
    }

    @Test func `control characters of a name never reach the terminal`() throws {
        let folder = try TemporaryFolder()
        try folder.write("a\u{1B}[31m.json", "{")
        for name in ["a\u{1B}[31m.json", "none\u{1B}[31m.json", "\u{9B}1m\u{202E}.json"] {
            let ending = try Headwise.run(["report", name, "-o", "p.html"], in: folder)
            #expect(ending.code == 64 || ending.code == 40, ending.summary)
            #expect(ending.errors.contains("\\u{"), ending.summary)
            let obeyed = ending.errors.unicodeScalars.filter { scalar in
                (scalar.properties.generalCategory == .control && scalar != "\n")
                    || scalar.properties.isBidiControl
            }
            #expect(obeyed.isEmpty, ending.summary)
        }
    }

    @Test func `a wide terminal gets a wider table`() throws {
        for (columns, hasMore) in [("80", false), ("140", true)] {
            let folder = try TemporaryFolder()
            let ending = try Headwise.run(Self.run, in: folder, environment: ["COLUMNS": columns])
            #expect(ending.kind == .exited(0), ending.summary)
            #expect(ending.output.contains("p99") == hasMore, ending.summary)
        }
    }
}
