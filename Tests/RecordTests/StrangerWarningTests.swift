import Files
import Statistics
import Testing
import Work

@testable import Record

struct StrangerWarningTests {
    @Test func `a run that nobody disturbed has no warning`() throws {
        #expect(try sampleRecord().strangerWarnings.isEmpty)
    }

    @Test func `a warning counts what came, and names the point`() throws {
        var record = try sampleRecord()
        record.points[1].strangers = Strangers(
            refused: 31,
            wrongTokens: 17,
            unanswered: 1203,
            messages: ["magic": 5, "headerSize": 8]
        )
        let warning = try #require(record.strangerWarnings.first)
        #expect(record.strangerWarnings.count == 1)
        #expect(warning.kind == .strangers)
        #expect(warning.subject == "2 workers")
        for part in ["31 ", "17 ", "1203 ", "13 ", "magic 5", "headerSize 8"] {
            #expect(warning.sentence.contains(part), "\(warning.sentence)")
        }
        record.points[0].strangers = Strangers(refused: 2)
        let both = try #require(record.strangerWarnings.first)
        #expect(record.strangerWarnings.count == 1)
        #expect(both.subject == nil)
        #expect(both.sentence.contains("33 "), "\(both.sentence)")
    }

    @Test(arguments: [
        (Strangers(refused: 1), ["1 connection "]), (Strangers(unanswered: 1), ["1 attempt "]),
        (Strangers(messages: ["kind": 1]), ["1 message ", "kind 1"]),
    ])
    func `one is one`(strangers: Strangers, parts: [String]) throws {
        let words = try #require(strangers.inWords)
        for part in parts { #expect(words.contains(part), "\(words)") }
    }

    @Test(arguments: [
        (Strangers(), true), (Strangers(refused: 3, wrongTokens: 3), true),
        (Strangers(refused: 3, wrongTokens: 4), false), (Strangers(refused: -1), false),
        (Strangers(refused: .max, wrongTokens: 0), false), (Strangers(unanswered: .max), false),
        (Strangers(messages: ["run": -2]), false),
    ])
    func `what another program counts may be impossible`(strangers: Strangers, isPlausible: Bool) {
        #expect(strangers.isPlausible == isPlausible)
    }

    @Test func `strangers are kept in the record`() throws {
        var record = try sampleRecord()
        record.points[0].strangers = Strangers(refused: 3, wrongTokens: 1, messages: ["run": 2])
        let text = try JSONText.encode(record)
        for part in [#""refused" : 3"#, #""wrongTokens" : 1"#, #""run" : 2"#] {
            #expect(text.contains(part), "\(part)")
        }
        try record.validate(source: "r.json")
    }
}
