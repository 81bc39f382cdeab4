import Attention
import Foundation
import TestSupport
import Testing

@testable import Conformance
@testable import Files
@testable import Record

/// Real clusters: the workers are processes of the program under test.
@Suite(.serialized)
struct CatalogueRunTests {
    @Test func `every case has the same bits on every cluster`() throws {
        let seed: UInt64 = isThorough ? .random(in: 1...1_000_000) : 4
        var catalogue = try CatalogueSupport.catalogue(
            workers: isThorough ? [1, 2, 3] : [2],
            randomCases: isThorough ? 1000 : 10,
            seed: seed
        )
        try catalogue.run { _ in }
        #expect(catalogue.isComplete)
        #expect(catalogue.failures == [], "seed \(seed)")
        #expect(catalogue.notes == [])
        #expect(
            catalogue.rows.count == (try CatalogueCorners.all().count) + (isThorough ? 1000 : 10)
        )
        for row in catalogue.rows {
            #expect(row.verification.status.isGood, "\(row)")
            #expect(row.verification.bitwiseEqual == true)
            #expect(row.verification.rowsChecked == row.verification.rowsTotal)
            #expect(row.clusterComparisons > 0)
        }
        let exact = catalogue.rows.filter { $0.feature.hasPrefix("exact") }
        #expect(exact.count > 10)
        #expect(exact.allSatisfy { $0.verification.status == .exact })
    }

    @Test func `a corrupt worker is caught, and its case is shrunk`() throws {
        var catalogue = try CatalogueSupport.catalogue(workers: [2], faults: [0: "corrupt:1"])
        let large = try CatalogueSpecification(
            "batch=4 heads=6 length=90 head-dimension=17 mask=causal workers=2 threads=1 credit=2 "
                + "transport=ipc inputs=generated split=head schedule=static"
        )
        try catalogue.run(large) { _ in }
        #expect(catalogue.rows.map(\.verification.status) == [.disagrees])
        #expect(catalogue.rows[0].verification.bitwiseEqual == false)
        let failure = try #require(catalogue.failures.first)
        #expect(failure.reasons.first?.contains("1 element") == true)
        let shrunk = try CatalogueSpecification(try #require(failure.shrunkSpecification))
        #expect(shrunk.entry.shape.queryLength == 1 && shrunk.entry.shape.batch == 1)
        #expect(shrunk.entry.mask == .none)
        #expect(shrunk.restriction.workers == 1)
        #expect(failure.command.hasSuffix("--inject-fault 0:corrupt:1"))
    }

    @Test func `a case that fails once and not again stays a failure, with a note`() throws {
        // The first clusters reach shard 9; the clusters of the repetition do not.
        var catalogue = try CatalogueSupport.catalogue(workers: [1], faults: [0: "corrupt:9"])
        let open = try CatalogueSpecification("length=40 head-dimension=8 workers=1 threads=1")
        try catalogue.run(open) { _ in }
        let failure = try #require(catalogue.failures.first)
        #expect(failure.shrunkSpecification == nil)
        #expect(catalogue.notes.count == 1)
        #expect(catalogue.notes.first?.contains(failure.name) == true, "\(catalogue.notes)")
    }

    @Test func `a worker that dies is noted and changes no bit`() throws {
        var catalogue = try CatalogueSupport.catalogue(workers: [2], faults: [1: "die:3"])
        let open = try CatalogueSpecification(
            "batch=4 heads=4 length=70 head-dimension=16 workers=2 threads=1 transport=ipc"
        )
        try catalogue.run(open) { _ in }
        #expect(catalogue.failures == [])
        #expect(catalogue.rows.map(\.verification.bitwiseEqual) == [true])
        // The worker, and the signal that killed it.
        let isNoted = catalogue.notes.contains { $0.contains("worker 1") && $0.contains("9") }
        #expect(isNoted, "\(catalogue.notes)")
    }

    @Test func `an impossible case is refused before a worker starts`() throws {
        var catalogue = try CatalogueSupport.catalogue(workers: [1])
        let impossible = try CatalogueSpecification("length=3 head-dimension=4 values=exact-mean")
        #expect(throws: ExperimentError.self) { try catalogue.run(impossible) { _ in } }
        #expect(catalogue.rows == [])
    }

    // MARK: The command

    @Test func `a failing command exits 10, and so does the line it prints`() throws {
        let (output, code) = try CatalogueSupport.run([
            "verify", "--case", "heads=2 length=20 head-dimension=8 workers=1 isa=baseline",
            "--inject-fault", "0:corrupt:1",
        ])
        #expect(code == 10)
        #expect(output.contains("DISAGREES"))
        let line = try #require(
            output.split(separator: "\n").first { $0.contains("headwise verify --case") }
        )
        let quoted = line.split(separator: "\"")
        try #require(quoted.count == 3)
        let fault = quoted[2].split(separator: " ").map(String.init)
        let repeated = try CatalogueSupport.run(["verify", "--case", String(quoted[1])] + fault)
        #expect(repeated.code == 10)
        // Without the fault the same case is right.
        #expect(try CatalogueSupport.run(["verify", "--case", String(quoted[1])]).code == 0)
    }

    @Test func `the record on standard output can be read and counts what was done`() throws {
        let (output, code) = try CatalogueSupport.run([
            "verify", "--case", "length=20 head-dimension=8 workers=1 isa=baseline", "--format",
            "json",
        ])
        #expect(code == 0)
        let record = try JSONText.decode(
            VerifyRecord.self,
            from: Array(output.utf8),
            source: "output"
        )
        #expect(record.schema.rawValue == "headwise.verify/1")
        #expect(record.isComplete && record.exitCode == 0)
        #expect(record.rows.count == 1)
        #expect(record.counts.statuses == ["AGREES": 1])
        #expect(record.counts.clusterComparisons == record.rows[0].clusterComparisons)
        #expect(try JSONText.encode(record) == output)
    }

    @Test(arguments: [
        (["--cases=-1"], "--cases"), (["--workers", "0"], "--workers"), (["--isa", "x"], "--isa"),
        (["--case", "length=0"], "length=0"), (["--inject-fault", "0:x:1"], "--inject-fault"),
        (["--format", "xml"], "--format"), (["--seed", "-1"], "--seed"),
    ])
    func `a bad flag ends the command with 64 and nothing on standard output`(
        arguments: [String],
        word: String
    ) throws {
        let (output, code) = try CatalogueSupport.run(["verify"] + arguments)
        #expect(code == 64, "\(word)")
        #expect(output == "")
    }
}
