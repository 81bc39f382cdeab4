import Plan
import Record
import TestSupport
import Testing
import Work

struct PlaneChoiceTests {
    private static let run =
        "run --workers 2 --plane auto --heads 2 --length 64 --trials 1 --warmup 0 --replicates 1 "
        + "--budget 5"

    @Test(arguments: ["ipc", "tcp"])
    func `auto takes the cheaper plane, and its record says why`(transport: String) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            Self.run.split(separator: " ").map(String.init) + [
                "--transport", transport, "--record", "r.json",
            ],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let read = try RunRecord.read(folder.file("r.json"))
        let decision = try #require(read.planeDecision)
        #expect(read.plan.plane == .named(decision.plane))
        #expect(read.points.map(\.plane) == [decision.plane])
        #expect(Set(decision.costs.map(\.plane)) == [.inline, .copied])
        #expect(decision.costs.allSatisfy { $0.nanoseconds(bytes: 1 << 20) > 0 })
        #expect(decision.obstacle == nil && decision.nanoseconds > 0)
        let outputs: OutputRoute = decision.plane == .inline ? .messages : .shared
        #expect(read.points.map(\.outputs) == [outputs])
    }

    @Test func `without shared memory auto sends inputs, and says so`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.runShell(
            "ulimit -f 100000; headwise \(Self.run) --record r.json",
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let read = try RunRecord.read(folder.file("r.json"))
        let decision = try #require(read.planeDecision)
        #expect(decision.plane == .inline && decision.costs.isEmpty)
        #expect(decision.obstacle?.contains("ulimit") == true)
        #expect(read.plan.plane == .named(.inline))
        #expect(read.verdict?.status != .invalid)
    }
}
