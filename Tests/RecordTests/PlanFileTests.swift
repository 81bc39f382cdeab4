import TestSupport
import Testing

@testable import Files
@testable import Plan
@testable import Record

/// Errors in a plan that was read from a file name the file and the key.
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

    @Test(
        arguments: [
            (#""batch": -1"#, ["“batch”", "--batch -1"]),
            (#""keyValueHeads": 0"#, ["“keyValueHeads”", "--kv-heads 0"]),
            (#""targetInterval": 2"#, ["“targetInterval”", "--target-interval 200.0"]),
            (#""budgetSeconds": 0"#, ["“budgetSeconds”", "--budget 0.0"]),
            (#""heads": 6, "keyValueHeads": 4"#, ["“heads”", "--heads 6"]),
            (
                #""batch": 1000000000000"#,
                [
                    "“batch”", "“heads”", "“length”", "“keyLength”", "--batch 1000000000000",
                    "--heads 8",
                ]
            ),
        ] as [(String, [String])]
    )
    func `an impossible value is named by file, key and flag`(
        keys: String,
        names: [String]
    ) throws {
        let error = try refusal(keys)
        for name in ["/p.json"] + names { #expect(error.subject.contains(name), "\(error)") }
    }

    @Test func `a seed that JSON tools round is text, and refused as a number`() throws {
        let folder = try TemporaryFolder()
        func read(_ seed: String) throws -> RunPlan {
            let text = #"{"schema": "headwise.plan/1", "seed": \#(seed)}"#
            return try PlanFile(reading: folder.write("p.json", text)).plan
        }
        let exact: UInt64 = 1 << 53
        #expect(try read("\(exact)").seed == exact)
        #expect(try read("\"7\"").seed == 7)
        for seed in [exact + 1, .max] {
            #expect(try read("\"\(seed)\"").seed == seed)
            expectRefusal(.usage, naming: "p.json", "“seed”", "\"\(seed)\"") {
                _ = try read("\(seed)")
            }
            let written = try JSONText.encode(RunPlan { $0.seed = seed })
            #expect(written.contains("\"seed\" : \"\(seed)\""))
        }
        #expect(try JSONText.encode(RunPlan { $0.seed = exact }).contains("\"seed\" : \(exact)"))
        expectRefusal(.usage, naming: "p.json", "“seed”") { _ = try read("\"-1\"") }
        expectRefusal(.usage, naming: "p.json", "“seed”") { _ = try read("\"1.0\"") }
    }

    @Test func `a record's plan may have such a number, as older builds wrote`() throws {
        struct Holder: Decodable {
            var plan: RunPlan
        }
        let text = #"{"plan": {"schema": "headwise.plan/1", "seed": 9007199254740995}}"#
        let read = try JSONText.decode(Holder.self, from: Array(text.utf8), source: "r.json")
        #expect(read.plan.seed == 9_007_199_254_740_995)
    }

    @Test func `a name, which no flag sets, is named by its file`() throws {
        let error = try refusal(#""name": "a/b""#)
        for name in ["/p.json", "“a/b”"] { #expect(error.subject.contains(name), "\(error)") }
    }

    @Test func `a value that a flag sets is named by the flag`() throws {
        let error = try refusal(#""heads": 3"#) { $0.batch = -1 }
        #expect(error.subject == "--batch -1")
    }

    @Test func `every flag of a key is a flag of the command line`() {
        let flags = RunPlan.fields.map(\.flag)
        #expect(Set(flags).count == flags.count)
        #expect(Set(flags).isSuperset(of: RunPlan.inputFlags))
    }
}
