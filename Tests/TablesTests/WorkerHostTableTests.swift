import Attention
import Testing

@testable import Record
@testable import Tables

/// Who computed what, with what.
struct WorkerHostTableTests {
    private static func host(
        _ worker: Int,
        from replicate: Int,
        _ host: String?,
        _ set: InstructionSet
    ) -> WorkerHost {
        WorkerHost(
            worker: worker,
            replicate: replicate,
            host: host,
            processor: "Imaginary",
            instructionSet: set
        )
    }

    @Test func `without hosts there is no table`() {
        #expect(WorkerHostTable.table([Samples.point(workers: 2, milliseconds: 40)]) == nil)
    }

    @Test func `a worker that moved has a row for each host, with the trials of each`() throws {
        var point = Samples.point(workers: 2, milliseconds: 42.1)
        for index in point.samples.indices {
            let replicate = index < 6 ? 0 : 1
            point.samples[index].replicate = replicate
            // 32 shards each at first.
            if replicate == 1 { point.samples[index].workers[0].shards = 48 }
        }
        point.hosts = [
            Self.host(0, from: 0, "node7", .avx512), Self.host(1, from: 0, nil, .avx2),
            Self.host(0, from: 1, "node8", .avx512),
        ]
        point.speeds = [1.5, 0.5]
        let table = try #require(WorkerHostTable.table([point])).rendered()
        let rows = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let first = ["0", "avx512", "32", "38.9", "ms", "1.50", "1", "node7", "Imaginary"]
        #expect(rows.contains(first), "\(table)")
        #expect(rows.contains { $0.starts(with: ["0", "avx512", "48"]) && $0.contains("node8") })
        #expect(rows.contains { $0.starts(with: ["1", "avx2", "32"]) && $0.contains("–") })
    }
    @Test func `two hosts of a worker in one replicate have no figures`() throws {
        var point = Samples.point(workers: 2, milliseconds: 42.1)
        point.hosts = [
            Self.host(0, from: 0, "node7", .avx512), Self.host(1, from: 0, "node7", .avx2),
            Self.host(1, from: 0, "node8", .baseline),
        ]
        let table = try #require(WorkerHostTable.table([point])).rendered()
        let rows = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.contains { $0.starts(with: ["0", "avx512", "32"]) }, "\(table)")
        #expect(rows.contains { $0.starts(with: ["1", "avx2", "–", "–"]) }, "\(table)")
        #expect(rows.contains { $0.starts(with: ["1", "baseline", "–", "–"]) }, "\(table)")
    }
}
