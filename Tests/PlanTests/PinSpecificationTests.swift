import Files
import TestSupport
import Testing

@testable import Plan

struct PinSpecificationTests {
    @Test(arguments: [
        ("auto", PinSpecification.auto, "auto"), ("none", .none, "none"),
        ("0", .processors([0]), "0"), ("0,2,4-7", .processors([0, 2, 4, 5, 6, 7]), "0,2,4-7"),
        // In the order in which threads take them.
        ("3,1,2,0", .processors([3, 1, 2, 0]), "3,1-2,0"), ("5-5,04", .processors([5, 4]), "5,4"),
        ("1023", .processors([1023]), "1023"),
    ])
    func `a text is read, and written in one way`(
        text: String,
        pin: PinSpecification,
        written: String
    ) throws {
        #expect(try PinSpecification(text) == pin)
        #expect("\(pin)" == written)
        #expect(try PinSpecification(written) == pin)
        let plan = RunPlan { $0.pin = pin }
        let json = try JSONText.encode(plan)
        #expect(json.contains("\"pin\"") == (pin != .auto))
        #expect(try JSONText.decode(RunPlan.self, from: Array(json.utf8), source: "p.json") == plan)
    }

    @Test(arguments: [
        "", "some", "Auto", "0,", ",1", "0,,1", "1.5", "-1", "0--1", "1-", "1-2-3", "0 ,1", "1024",
        "0-1024", "0-999999999999", "auto,1", "0,1,0", "2-4,3", "7-4",
    ])
    func `any other text is refused`(text: String) {
        expectRefusal(.usage, naming: ["--pin \(text)", "auto", "none", "1023"]) {
            _ = try PinSpecification(text)
        }
    }

    @Test func `a plan without the key chooses by itself`() throws {
        let text = #"{"schema": "headwise.plan/1"}"#
        let plan = try JSONText.decode(RunPlan.self, from: Array(text.utf8), source: "p.json")
        #expect(plan.pin == .auto)
        #expect(plan.digest == RunPlan().digest)
        #expect(RunPlan { $0.pin = .none }.digest != plan.digest)
    }

    @Test func `no more threads run at once than there are chosen processors`() {
        var plan = RunPlan { $0.workers = [1, 4] }
        plan.threads = 2
        #expect(plan.mostThreads == 8)
        #expect(plan.usableCPUs(of: 6) == 6)
        plan.pin = .none
        #expect(plan.usableCPUs(of: 6) == 6)
        plan.pin = .processors([1, 5, 3])
        #expect(plan.usableCPUs(of: 6) == 3)
        #expect(plan.usableCPUs(of: 1.5) == 1.5)
    }
}
