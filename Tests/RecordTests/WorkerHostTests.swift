import Attention
import Files
import TestSupport
import Testing

@testable import Record

struct WorkerHostTests {
    private static func host(
        _ worker: Int = 0,
        replicate: Int = 0,
        host: String? = "node7",
        processor: String? = nil
    ) -> WorkerHost {
        WorkerHost(
            worker: worker,
            replicate: replicate,
            host: host,
            processor: processor,
            instructionSet: .avx2
        )
    }

    @Test func `who computed with what is kept in the record`() throws {
        var record = try sampleRecord()
        record.points[0].hosts = [
            Self.host(), Self.host(replicate: 2, host: nil, processor: "Xeon"),
        ]
        let text = try JSONText.encode(record)
        let read = try JSONText.decode(RunRecord.self, from: Array(text.utf8), source: "r.json")
        #expect(read == record)
        try record.validate(source: "r.json")
    }

    @Test func `a worker is not in more places than it is replaced`() throws {
        var record = try sampleRecord()
        record.points[0].hosts = (0..<5).map { Self.host(host: "node\($0)") }
        expectRefusal(.usage, naming: ["r.json", "points[0].hosts[4].worker"]) {
            try record.validate(source: "r.json")
        }
    }

    @Test(arguments: ["avx2,avx512", "avx2", "own"])
    func `a worker computes with what the plan gives it`(choice: String) throws {
        var record = try sampleRecord()
        record.plan.instructionSet = try InstructionSetChoice(choice)
        record.points[1].hosts = [Self.host(0), Self.host(1)]
        guard choice == "avx2,avx512" else { return try record.validate(source: "r.json") }
        expectRefusal(.usage, naming: ["r.json", "points[1].hosts[1].instructionSet", "avx512"]) {
            try record.validate(source: "r.json")
        }
    }

    @Test(arguments: [
        (host(-1), "worker"), (host(1 << 20), "worker"), (host(replicate: -1), "replicate"),
        (host(host: ""), "host"),
        (host(processor: String(repeating: "x", count: 257)), "processor"),
    ])
    func `what no worker says is refused`(_ host: WorkerHost, _ key: String) throws {
        var record = try sampleRecord()
        record.points[0].hosts = [host]
        expectRefusal(.usage, naming: ["r.json", "points[0].hosts[0].\(key)"]) {
            try record.validate(source: "r.json")
        }
    }
}
