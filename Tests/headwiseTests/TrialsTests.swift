import TestSupport
import Testing

/// The protocol of one side of a comparison.
struct TrialsTests {
    /// The answers of `headwise trials` to these requests.
    private static func answers(
        _ requests: [String],
        plan: String = CompareTests.onTwo,
        flags: String = "",
        in folder: borrowing TemporaryFolder
    ) throws -> (Ending, [JSONValue]) {
        try folder.write("p.json", plan)
        try folder.write("requests", requests.map { $0 + "\n" }.joined())
        let ending = try Headwise.runShell(
            "headwise trials --plan p.json \(flags) < requests",
            in: folder
        )
        #expect(!ending.leftProcesses, ending.summary)
        #expect(try folder.socketFolders.isEmpty)
        return (
            ending,
            try ending.output.split(separator: "\n").map { try JSONValue(Array($0.utf8)) }
        )
    }

    @Test func `every request has an answer`() throws {
        let folder = try TemporaryFolder()
        let (ending, answers) = try Self.answers(
            [#"{"point":1}"#, #"{"verify":true}"#, #"{"point":0}"#],
            plan: CompareTests.plan + #""workers":[1,2]}"#,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errors.isEmpty)
        try #require(answers.count == 5, ending.summary)
        let greeting = answers[0]
        #expect(greeting["schema"] == .text("headwise.trials/1"))
        #expect(greeting["version"] == .text("headwise 0.1.0"))
        #expect(greeting["hostFingerprint"]?.text?.count == 16)
        #expect(greeting["instructionSet"]?.text?.isEmpty == false)
        // Query rows, keys and span of a block.
        let sizes = greeting["kernel"]?.text?.split { !$0.isNumber } ?? []
        #expect(sizes.count == 3 && !sizes.contains("0"))
        #expect(greeting["points"]?.list?.map { $0["workers"]?.number } == [1, 2])
        #expect(answers[1]["status"] == .text("ready"))
        #expect(answers[1]["outputChecksum"]?.text?.isEmpty == false)
        for (answer, point) in [(answers[2], 1.0), (answers[4], 0.0)] {
            #expect(answer["status"] == .text("done"))
            #expect(answer["point"]?.number == point)
            #expect(answer["bitwiseEqual"]?.boolean == true)
            #expect(answer["wallNanoseconds"]?.number.map { $0 > 0 } == true)
        }
        #expect(answers[3]["status"] == .text("verified"))
        #expect(answers[3]["verification"] == .text("AGREES"))
    }

    @Test func `no request means no trial`() throws {
        let folder = try TemporaryFolder()
        let (ending, answers) = try Self.answers([], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(answers.count == 2)
    }

    @Test(arguments: [
        "", "{}", "point 0", #"{"point":1}"#, #"{"point":-1}"#, #"{"point":0.5}"#,
        #"{"point":0,"verify":true}"#, #"{"verify":false}"#, "[0]",
    ])
    func `a wrong request ends the program`(_ request: String) throws {
        let folder = try TemporaryFolder()
        let (ending, answers) = try Self.answers([request, #"{"point":0}"#], in: folder)
        #expect(ending.kind == .exited(64), ending.summary)
        let last = try #require(answers.last)
        #expect(answers.count == 3)
        #expect(last["status"] == .text("failed"))
        #expect(last["exitCode"]?.number == 64)
        #expect(last["reason"]?.text?.isEmpty == false)
    }

    @Test func `the answer to an impossible plan is its refusal`() throws {
        let folder = try TemporaryFolder()
        let (ending, answers) = try Self.answers(
            [],
            plan: CompareTests.plan + #""workers":[0]}"#,
            in: folder
        )
        #expect(ending.kind == .exited(64), ending.summary)
        #expect(answers.map { $0["status"] } == [.text("failed")])
        #expect(answers.first?["reason"]?.text?.contains("--workers 0") == true)
    }

    @Test func `an answer reports wrong bits, and a lost worker ends the program`() throws {
        let folder = try TemporaryFolder()
        let request = #"{"point":0}"#
        let (_, wrong) = try Self.answers(
            [request],
            flags: "--inject-fault 1:corrupt:1",
            in: folder
        )
        #expect(wrong.last?["bitwiseEqual"]?.boolean == false)
        let (ending, lost) = try Self.answers(
            [request, request],
            flags: "--inject-fault 0:die:1",
            in: folder
        )
        #expect(ending.kind == .exited(31), ending.summary)
        #expect(lost.last?["exitCode"]?.number == 31)
        #expect(lost.last?["reason"]?.text?.contains("signal 9") == true)
    }
}
