import Glibc
import TestSupport
import Testing

@testable import Measuring
@testable import Platform

/// Lines of a pipe, and programs other than headwise.
@Suite(.serialized) struct TrialsProcessTests {
    private static let patience: Int32 = 10_000

    private func outcomes(of text: String, limit: Int = 100) throws -> [LineReader.Outcome] {
        let (readEnd, writeEnd) = try System.pipe()
        defer { System.close(readEnd) }
        try System.write(Array(text.utf8), to: writeEnd)
        System.close(writeEnd)
        var reader = LineReader(descriptor: readEnd, largestLineBytes: limit)
        let interruption = try TestInterruption.shared
        var outcomes: [LineReader.Outcome] = []
        repeat {
            outcomes.append(try reader.next(interruption, withinMilliseconds: Self.patience))
        } while outcomes.last != .ended && outcomes.last != .tooLong && outcomes.count < 20
        return outcomes
    }

    private func line(_ text: String) -> LineReader.Outcome { .line(Array(text.utf8)) }

    @Test func `lines come one at a time, and half a line never`() throws {
        #expect(try outcomes(of: "") == [.ended])
        #expect(try outcomes(of: "\n") == [line(""), .ended])
        #expect(try outcomes(of: "a\nbc\n\nd") == [line("a"), line("bc"), line(""), .ended])
    }

    @Test func `a line that is too long is not read to its end`() throws {
        let long = String(repeating: "x", count: 101)
        #expect(try outcomes(of: long + "\n") == [line(long), .ended])
        #expect(try outcomes(of: long) == [.tooLong])
    }

    @Test func `waiting ends with the time limit`() throws {
        let (readEnd, writeEnd) = try System.pipe()
        defer {
            System.close(readEnd)
            System.close(writeEnd)
        }
        var reader = LineReader(descriptor: readEnd)
        let outcome = try reader.next(try TestInterruption.shared, withinMilliseconds: 1)
        #expect(outcome == .timedOut)
    }

    // MARK: Other programs

    /// The error of a comparison that runs a shell script instead of the program.
    private func failure(
        _ script: String,
        _ body: (TrialsProcess) throws -> Void
    ) throws -> RunError? {
        let folder = try TemporaryFolder()
        return try failure(ofProgram: folder.writeProgram("program", script), body)
    }

    private func failure(
        ofProgram path: String,
        _ body: (TrialsProcess) throws -> Void
    ) -> RunError? {
        let error = #expect(throws: RunError.self) {
            let process = try TrialsProcess(
                TrialsProcess.Launch(name: "B", program: path, planPath: "p.json"),
                interruption: try TestInterruption.shared
            )
            try body(process)
        }
        return error
    }

    private static let greeting =
        #"{"schema":"headwise.trials/1","version":"x","hostFingerprint":"0","instructionSet":"avx2","#
        + #""kernel":"k","points":[{"workers":1,"threads":1}]}"#

    private static let laterGreeting = greeting.replacing("trials/1", with: "trials/2")

    @Test(arguments: [
        "exit 0", "echo hello", "echo '{}'", "exec yes ''", "exec tr -d '\\n' </dev/zero",
        "echo '\(laterGreeting)'", #"echo '{"status":"done"}'"#,
    ])
    func `another program is refused with the schema that is expected`(script: String) throws {
        let error = try failure(script) { _ = try $0.waitForGreeting() }
        #expect(error?.kind == .environment)
        for part in ["headwise.trials/1", "--with"] {
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        }
        let namesLater = error?.description.contains("headwise.trials/2")
        #expect(namesLater == script.contains("trials/2"))
    }

    @Test func `silence, another text and a wrong answer are told apart`() throws {
        let folder = try TemporaryFolder()
        var texts: Set<String> = []
        for script in ["exit 0", "echo hello", #"echo '{"status":"done"}'"#] {
            let error = try failure(ofProgram: folder.writeProgram("program", script)) {
                _ = try $0.waitForGreeting()
            }
            texts.insert(error?.description ?? "")
        }
        #expect(texts.count == 3, "\(texts)")
    }

    @Test func `a missing program is refused by its path`() throws {
        let error = #expect(throws: RunError.self) {
            try TrialsProcess(
                TrialsProcess.Launch(name: "B", program: "/nowhere/x", planPath: "p.json"),
                interruption: try TestInterruption.shared
            )
        }
        #expect(error?.kind == .environment)
        #expect(error?.description.contains("/nowhere/x") == true)
    }

    @Test func `the reason and the exit code of a failure are passed on`() throws {
        let script = #"echo '{"status":"failed","exitCode":31,"reason":"all workers gone"}'"#
        let early = try failure(script) { _ = try $0.waitForGreeting() }
        #expect(early?.kind == .reported(exitCode: 31))
        #expect(early?.description == "B: all workers gone")
        let later = try failure("echo '\(Self.greeting)'; \(script)") { process in
            #expect(try process.waitForGreeting().instructionSet == "avx2")
            _ = try process.waitUntilReady()
        }
        #expect(later?.description == "B: all workers gone")
    }

    @Test(
        arguments: [
            (#"{"status":"done","point":0,"wallNanoseconds":5,"bitwiseEqual":false}"#, 10),
            (#"{"status":"done","point":1,"wallNanoseconds":5,"bitwiseEqual":true}"#, nil),
            (#"{"status":"done","point":0,"wallNanoseconds":0,"bitwiseEqual":true}"#, nil),
            (#"{"status":"done","point":0,"bitwiseEqual":true}"#, nil),
            (#"{"status":"ready"}"#, nil),
        ] as [(String, Int32?)]
    )
    func `an answer that is no sample is refused`(answer: String, code: Int32?) throws {
        let script = "echo '\(Self.greeting)'; read line; echo '\(answer)'"
        let error = try failure(script) { process in
            _ = try process.waitForGreeting()
            _ = try process.runTrial(ofPoint: 0)
        }
        #expect(error?.kind == code.map { .reported(exitCode: $0) } ?? .environment)
    }

    @Test(arguments: [("DISAGREES", 10), ("MISTRUSTED", 11)] as [(String, Int32)])
    func `an output that does not agree is refused`(status: String, code: Int32) throws {
        let answer = #"{"status":"verified","verification":"\#(status)","reason":"why"}"#
        let script = "echo '\(Self.greeting)'; read line; echo '\(answer)'"
        let error = try failure(script) { process in
            _ = try process.waitForGreeting()
            _ = try process.verify()
        }
        #expect(error?.kind == .reported(exitCode: code))
        #expect(error?.description.contains("why") == true)
    }

    @Test func `a process that ends during a trial is unfinished`() throws {
        let script = "echo '\(Self.greeting)'; read line; exit 3"
        let error = try failure(script) { process in
            _ = try process.waitForGreeting()
            _ = try process.runTrial(ofPoint: 0)
        }
        #expect(error?.kind == .unfinished)
        #expect(error?.description.contains("3") == true)
    }
}
