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
            #expect(!error.expected.isEmpty && !error.remedy.isEmpty)
            return error.description.replacing(path, with: "plan.json")
        }
    }

    @Test(
        arguments: [
            (#""heads": "4""#, ["heads", "4"]),
            (#""heads": [4]"#, ["heads"]),
            (#""heads": 4.5"#, ["heads", "4.5"]),
            (#""heads": 1e300"#, ["heads", "1e300"]),
            (#""workers": 2"#, ["workers", "2"]),
            (#""workers": {"a": 1}"#, ["workers"]),
            ("\"workers\": [1,\n\n null]", ["workers[1]", "line 3"]),
            (#""audit": "yes""#, ["audit", "yes"]),
            (#""mask": 4"#, ["mask", "4"]),
            (#""plane": ["inline"]"#, ["plane"]),
            (#""softCap": true"#, ["softCap"]),
            (#""seed": "1""#, ["seed", "1"]),
            (#""seed": -1"#, ["seed", "-1"]),
            // The first of two, and none that may be what it is.
            (#""softCap": 0.5, "heads": -2, "length": 4.5, "credit": 0.5"#, ["length", "4.5"]),
            // A key is looked for with its escapes undone.
            (#""h\u0065ads": "4""#, ["heads", "4"]),
            (#""workers": [1], "workers": [2]"#, ["workers"]),
            (#""h\u0065ads": 1, "heads": 2"#, ["heads"]),
            (#""schema": "headwise.plan/1""#, ["schema"]),
        ] as [(String, [String])]
    )
    func `a plan's value of another kind is refused by its key`(
        member: String,
        names: [String]
    ) throws {
        let found = try sentence("{\"schema\": \"headwise.plan/1\", \(member)}")
        #expect(found.hasPrefix("plan.json"), "\(found)")
        for name in names { #expect(found.contains(name), "\(found)") }
    }

    @Test(
        arguments: [
            ("[]", []),
            ("4", ["4"]),
            ("null", []),
            ("\"a plan\"", ["a plan"]),
            (#"{"schema": 4}"#, ["schema", "4"]),
            (#"{"heads": 4}"#, ["schema"]),
            ("{\"schema\": \"headwise.plan/1\", ", []),
            (#"{"schema": "headwise.plan/1" "heads": 4}"#, []),
            (#"{"schema": "headwise.plan/1", "heads": NaN}"#, []),
            (#"{"schema": "headwise.plan/1", "heads": 2, }"#, []),
            (
                "{\"schema\": \"headwise.plan/1\",\n\"name\": \",]\", \"workers\": [1,\n]}",
                ["line 2"]
            ),
            ("{\0}\0", ["UTF-8"]),
            (#"{"schema": "headwise.run/1", "plan": {"heads": 1, "heads": 1}}"#, ["plan.heads"]),
        ] as [(String, [String])]
    )
    func `a file of another kind is refused by its name`(text: String, names: [String]) throws {
        let found = try sentence(text)
        #expect(found.hasPrefix("plan.json"), "\(found)")
        for name in names { #expect(found.contains(name), "\(found)") }
    }

    @Test func `a key that stands in a record twice is refused with its line`() throws {
        let folder = try TemporaryFolder()
        let text = try JSONText.encode(try sampleRecord())
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let place = try #require(lines.firstIndex { $0.contains("\"wallNanoseconds\"") })
        var doubled = lines
        doubled.insert(#"        "wallNanoseconds" : 1,"#, at: place)
        let path = try folder.write("r.json", doubled.joined(separator: "\n"))
        let names = [path, "points[0].samples[0].wallNanoseconds", "line \(place + 2)"]
        let reads: [() throws -> Void] = [
            { _ = try StoredRecord.read(path) }, { _ = try RunRecord.read(path) },
            { _ = try RunPlan.read(path) }, { _ = try CompareInput.read(path) },
        ]
        for read in reads { expectRefusal(.usage, naming: names, by: read) }
    }

    @Test(arguments: [
        (#""status" : "VALID""#, #""status" : "GOOD""#, "GOOD"),
        (#""status" : "VALID""#, #""status" : 7"#, "7"),
        (#""workers" : ["#, #""workers" : [[1],"#, "workers"),
        (#""bitwiseEqual" : true"#, #""bitwiseEqual" : 1"#, "bitwiseEqual"),
        (
            #""gigaflopsPerSecond" : 212.5"#, #""gigaflopsPerSecond" : "fast""#,
            "fast"
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
