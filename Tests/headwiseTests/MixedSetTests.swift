import Attention
import Record
import TestSupport
import Testing
import Work

/// Workers with different instruction sets, as in a cluster of unequal machines.
@Suite(
    .enabled(
        if: InstructionSet.available.count > 1,
        "a processor with one instruction set mixes none"
    )
)
struct MixedSetTests {
    private static let two = InstructionSet.available.suffix(2).map(\.rawValue)
    private static let isa = two.joined(separator: ",")

    private static func run(
        _ flags: [String],
        record: String = "r.json",
        in folder: borrowing TemporaryFolder
    ) throws -> (Ending, RunRecord) {
        let ending = try Headwise.run(
            ["run", "--record", record, "--quiet", "--split", "rows", "--replicates", "1"]
                + smallProblem + ["--trials", "4", "--warmup", "0", "--verify", "full"] + flags,
            in: folder
        )
        return (ending, try RunRecord.read(folder.file(record)))
    }

    @Test(arguments: [
        ["--plane", "shared"], ["--plane", "inline", "--transport", "tcp"], ["--audit"],
        ["--schedule", "cost", "--mask", "causal"],
    ])
    func `every part has the bits of its worker's instruction set`(_ flags: [String]) throws {
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.run(["--isa", Self.isa] + flags, in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        let point = try #require(record.points.first)
        #expect(point.verification.status == .agrees)
        #expect(point.verification.bitwiseEqual == true)
        #expect(point.verification.proof == .computed)
        #expect(point.hosts?.map(\.instructionSet.rawValue) == Self.two)
        #expect(point.hosts?.allSatisfy { $0.host != nil } == true)
    }

    /// Otherwise the test above would show nothing.
    @Test func `the output is that of neither instruction set alone`() throws {
        let folder = try TemporaryFolder()
        func output(_ isa: String, _ name: String) throws -> [UInt8] {
            let flags = ["--schedule", "static", "--isa", isa, "--output", name]
            let (ending, _) = try Self.run(flags, record: "\(name).json", in: folder)
            #expect(ending.kind == .exited(0), ending.summary)
            return try folder.bytes(name)
        }
        let mixed = try output(Self.isa, "mixed.npy")
        for set in Self.two { #expect(try output(set, "\(set).npy") != mixed) }
    }

    @Test(arguments: isThorough ? ["corrupt", "spoil"] : ["corrupt"])
    func `a wrong bit is found, and whose it is`(_ fault: String) throws {
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.run(
            ["--isa", Self.isa, "--inject-fault", "1:\(fault):1"],
            in: folder
        )
        #expect(ending.kind == .exited(10), ending.summary)
        let point = try #require(record.points.first)
        #expect(point.verification.status == .disagrees)
        #expect(point.verification.reasons.contains { $0.contains("worker 1") })
    }

    @Test(arguments: ["shared", "inline"])
    func `what a lost worker left is right, too`(_ plane: String) throws {
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.run(
            ["--isa", Self.isa, "--plane", plane, "--inject-fault", "0:die:2"],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let point = try #require(record.points.first)
        #expect(point.verification.bitwiseEqual == true && point.replacements == 1)
    }

    @Test func `workers of another program use what they and this machine have`() throws {
        let folder = try TemporaryFolder()
        let launch = "env HEADWISE_RANK={rank} {worker}"
        let (ending, record) = try Self.run(["--isa", "own", "--launch", launch], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        let hosts = try #require(record.points.first?.hosts)
        #expect(hosts.map(\.worker) == [0, 1])
        #expect(hosts.allSatisfy { $0.instructionSet == .best })
    }
}
