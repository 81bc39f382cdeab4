import Plan
import Record
import TestSupport
import Testing

@testable import Files

/// Refusals of JSON that is no plan or record: where, what was found, what was expected.
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
            (#""seed": "one""#, ["seed", "one"]),
            (#""seed": -1"#, ["seed", "-1"]),
            // The first wrong value is named.
            (#""softCap": 0.5, "heads": -2, "length": 4.5, "credit": 0.5"#, ["length", "4.5"]),
            // Escapes in a key are undone.
            (#""h\u0065ads": "4""#, ["heads", "4"]),
            (#""workers": [1], "workers": [2]"#, ["workers"]),
            (#""h\u0065ads": 1, "heads": 2"#, ["heads"]),
            (#""schema": "headwise.plan/1""#, ["schema"]),
        ] as [(String, [String])]
    )
    func `a value of the wrong kind is refused by its key`(
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
    func `a file that is no plan is refused by its name`(text: String, names: [String]) throws {
        let found = try sentence(text)
        #expect(found.hasPrefix("plan.json"), "\(found)")
        for name in names { #expect(found.contains(name), "\(found)") }
    }
}
