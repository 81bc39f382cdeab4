import TestSupport
import Testing

@testable import Experiment

/// What is wrong with a plan that lies in a file is named by the file.
struct PlanFileTests {
    /// The refusal of a plan that was read and then changed by flags.
    private func refusal(
        _ keys: String,
        flags: (inout RunPlan) -> Void = { _ in }
    ) throws -> ExperimentError {
        let folder = try TemporaryFolder()
        let text = #"{"schema": "headwise.plan/1", \#(keys)}"#
        let file = try PlanFile(reading: folder.write("p.json", text))
        var plan = file.plan
        flags(&plan)
        let error = try #require(throws: ExperimentError.self) {
            try plan.validate(availableMemoryBytes: 1 << 30)
        }
        return file.naming(error, in: plan)
    }

    @Test(arguments: [
        (#""batch": -1"#, "key “batch” (--batch -1) is out of range: expected 1 or more"),
        (#""keyValueHeads": 0"#, "key “keyValueHeads” (--kv-heads 0) is out of range"),
        (#""targetInterval": 2"#, "key “targetInterval” (--target-interval 200.0) is out of"),
        (#""budgetSeconds": 0"#, "key “budgetSeconds” (--budget 0.0) is out of range"),
        (#""heads": 6, "keyValueHeads": 4"#, "key “heads” (--heads 6) is not divisible"),
        (
            #""batch": 1000000000000"#,
            "keys “batch”, “heads”, “length”, “keyLength” (--batch 1000000000000 --heads 8"
        ),
    ])
    func `a key that cannot be is named with its file`(keys: String, sentence: String) throws {
        let error = try refusal(keys)
        #expect(error.description.contains("/p.json: the plan's \(sentence)"), "\(error)")
    }

    @Test func `what no flag can say is named with its file, too`() throws {
        let error = try refusal(#""name": "a/b""#)
        #expect(error.description.contains("/p.json: the name “a/b” cannot"), "\(error)")
    }

    @Test func `what a flag says is named by the flag`() throws {
        let error = try refusal(#""heads": 3"#) { $0.batch = -1 }
        #expect(error.description.hasPrefix("--batch -1 is out of range"), "\(error)")
    }

    @Test func `the flags of keys are those that the command line has`() {
        let flags = RunPlan.fields.map(\.flag)
        #expect(Set(flags).count == flags.count)
        #expect(Set(flags).isSuperset(of: RunPlan.inputFlags))
    }
}
