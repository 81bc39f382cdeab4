import TestSupport
import Testing

@testable import Experiment

/// What is said of JSON that is no plan or record: where, what was found, what was expected.
struct JSONFaultTests {
    private func sentence(_ text: String) throws -> String {
        let folder = try TemporaryFolder()
        let path = try folder.write("plan.json", text)
        do throws(ExperimentError) {
            _ = try RunPlan.read(path)
            return "was not refused"
        } catch {
            #expect(error.failure == .usage)
            return error.description.replacing(path, with: "plan.json")
        }
    }

    @Test(arguments: [
        (#""heads": "4""#, "the key “heads” is the text “4”: expected a whole number;"),
        (#""heads": [4]"#, "the key “heads” is a list: expected a whole number;"),
        (#""heads": 4.5"#, "the key “heads” is 4.5: expected a whole number;"),
        (#""heads": 1e300"#, "the key “heads” is 1e300: expected a number in its range;"),
        (#""workers": 2"#, "the key “workers” is 2: expected a list;"),
        (#""workers": {"a": 1}"#, "the key “workers” is an object: expected a list;"),
        (
            "\"workers\": [1,\n\n null]",
            "the key “workers[1]” in line 3 is null: expected a whole number;"
        ),
        (#""audit": "yes""#, "the key “audit” is the text “yes”: expected true or false;"),
        (#""mask": 4"#, "the key “mask” is 4: expected text;"),
        (#""plane": ["inline"]"#, "the key “plane” is a list: expected text;"),
        (#""softCap": true"#, "the key “softCap” is true: expected a number;"),
        (#""seed": "1""#, "the key “seed” is the text “1”: expected a whole number of 0 or more;"),
        (#""seed": -1"#, "the key “seed” is -1: expected 0 or more;"),
        // The first of two, and none that may be what it is.
        (
            #""softCap": 0.5, "heads": -2, "length": 4.5, "credit": 0.5"#,
            "the key “length” is 4.5: expected a whole number;"
        ),
        // A key is looked for with its escapes undone.
        (#""h\u0065ads": "4""#, "the key “heads” is the text “4”: expected a whole number;"),
        (#""workers": [1], "workers": [2]"#, "the key “workers” stands there a second time:"),
        (#""h\u0065ads": 1, "heads": 2"#, "the key “heads” stands there a second time:"),
        (#""schema": "headwise.plan/1""#, "the key “schema” stands there a second time:"),
    ])
    func `a plan's value of another kind is refused in words`(member: String, words: String) throws
    {
        let found = try sentence("{\"schema\": \"headwise.plan/1\", \(member)}")
        #expect(found.hasPrefix("plan.json: \(words)"), "\(found)")
    }

    @Test(arguments: [
        ("[]", "plan.json is a list: expected an object;"),
        ("4", "plan.json is 4: expected an object;"),
        ("null", "plan.json is null: expected an object;"),
        ("\"a plan\"", "plan.json is the text “a plan”: expected an object;"),
        (#"{"schema": 4}"#, "plan.json: the key “schema” is 4: expected text;"),
        (#"{"heads": 4}"#, "plan.json: the key “schema” is missing: expected every key"),
        (
            "{\"schema\": \"headwise.plan/1\", ",
            "plan.json is not valid JSON: expected a whole plan"
        ),
        (#"{"schema": "headwise.plan/1" "heads": 4}"#, "plan.json is not valid JSON:"),
        (#"{"schema": "headwise.plan/1", "heads": NaN}"#, "plan.json is not valid JSON:"),
        (
            #"{"schema": "headwise.plan/1", "heads": 2, }"#,
            "plan.json has a comma that nothing follows: expected valid JSON; remove it"
        ),
        (
            "{\"schema\": \"headwise.plan/1\",\n\"name\": \",]\", \"workers\": [1,\n]}",
            "plan.json has a comma in line 2 that nothing follows:"
        ),
        ("{\0}\0", "plan.json is not JSON in UTF-8: expected a plan or record"),
        (
            #"{"schema": "headwise.run/1", "plan": {"heads": 1, "heads": 1}}"#,
            "plan.json: the key “plan.heads” stands there a second time: expected every key once;"
        ),
    ])
    func `a file of another kind is refused in words`(text: String, words: String) throws {
        let found = try sentence(text)
        #expect(found.hasPrefix(words), "\(found)")
    }

    @Test func `a key that stands in a record twice is refused with its line`() throws {
        let folder = try TemporaryFolder()
        let text = try JSONText.encode(try sampleRecord())
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let place = try #require(lines.firstIndex { $0.contains("\"wallNanoseconds\"") })
        var doubled = lines
        doubled.insert(#"        "wallNanoseconds" : 1,"#, at: place)
        let path = try folder.write("r.json", doubled.joined(separator: "\n"))
        let words =
            "\(path): the key “points[0].samples[0].wallNanoseconds” stands there a second time in "
            + "line \(place + 2): expected every key once; remove the one that is not meant"
        let reads: [() throws -> Void] = [
            { _ = try StoredRecord.read(path) }, { _ = try RunRecord.read(path) },
            { _ = try RunPlan.read(path) }, { _ = try CompareInput.read(path) },
        ]
        for read in reads { expectRefusal(.usage, naming: words, by: read) }
    }

    @Test(arguments: [
        (#""status" : "VALID""#, #""status" : "GOOD""#, "is the text “GOOD”: expected a word"),
        (#""status" : "VALID""#, #""status" : 7"#, "is 7: expected text"),
        (#""workers" : ["#, #""workers" : [[1],"#, "is a list: expected a"),
        (#""bitwiseEqual" : true"#, #""bitwiseEqual" : 1"#, "is 1: expected true or false"),
        (
            #""gigaflopsPerSecond" : 212.5"#, #""gigaflopsPerSecond" : "fast""#,
            "is the text “fast”: expected a number"
        ),
    ])
    func `no word of a sentence about a record is a programmer's`(
        sound: String,
        damaged: String,
        words: String
    ) throws {
        let folder = try TemporaryFolder()
        let text = try JSONText.encode(try sampleRecord())
        let changed = text.replacing(sound, with: damaged, maxReplacements: 1)
        try #require(changed != text)
        let path = try folder.write("r.json", changed)
        do throws(ExperimentError) {
            _ = try StoredRecord.read(path)
            Issue.record("was not refused")
        } catch {
            let found = error.description
            #expect(found.contains(words) && found.hasPrefix("\(path)"), "\(found)")
            for word in [
                "Int", "Double", "String", "Dictionary", "Array", "Any", "decode", "Cannot",
            ] {
                #expect(!found.replacing(path, with: "").contains(word), "\(found)")
            }
        }
    }
}
