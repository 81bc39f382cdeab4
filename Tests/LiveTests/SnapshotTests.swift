import Files
import Record
import Report
import TestSupport
import Testing

@testable import Live

/// What the page shows of a record.
struct SnapshotTests {
    private static func snapshot(_ record: RunRecord) -> Snapshot {
        Snapshot(record, name: "r.json")
    }

    @Test func `a run that is being measured shows its progress and no verdict`() throws {
        let record = try sampleRun(rounds: 4)
        let snapshot = Self.snapshot(record)
        #expect(snapshot.state == .measuring)
        #expect(snapshot.standing == nil)
        #expect(snapshot.name == "r")
        #expect(snapshot.trials.allSatisfy { $0.count == 4 && $0.trials == [0, 1, 2, 3] })
        #expect(snapshot.trials.count == record.baseCases.count + record.points.count)
        let later = Self.snapshot(try sampleRun(rounds: 12))
        let progress = try #require(snapshot.progress)
        #expect(progress.fraction > 0)
        #expect(progress.fraction < (try #require(later.progress).fraction))
        #expect(snapshot.sentence != later.sentence)
    }

    @Test func `a finished run shows its verdict and no progress`() throws {
        let record = try sampleRun()
        let snapshot = Self.snapshot(record)
        #expect(snapshot.state == .finished)
        #expect(snapshot.standing == record.standing)
        #expect(snapshot.sentence == record.sentence)
        #expect(snapshot.progress == nil)
        #expect(snapshot.speedups.map(\.workers) == record.points.map(\.workers))
        for (shown, point) in zip(snapshot.speedups, record.points) {
            let speedup = try #require(point.summary?.speedup)
            #expect(abs(shown.value / speedup - 1) < 1e-3)
            #expect(shown.threads == point.workers * point.threads)
        }
    }

    @Test func `every worker shows where its time went and what it computed last`() throws {
        let record = try sampleRun(rounds: 3)
        for (cluster, point) in zip(Self.snapshot(record).clusters, record.points) {
            #expect(cluster.workers.map(\.worker) == Array(0..<point.workers))
            let last = try #require(point.samples.last)
            for (shown, sample) in zip(cluster.workers, last.workers) {
                #expect(abs(shown.shares.reduce(0, +) - 1) < 0.01)
                #expect(abs(shown.lastShares.reduce(0, +) - 1) < 0.01)
                #expect(shown.lastShards == sample.shards)
            }
            #expect(cluster.workers.reduce(0) { $0 + $1.lastShards } == point.shards)
        }
    }

    @Test func `faults are shown newest first, and the rest is counted`() throws {
        var record = try sampleRun(rounds: 3)
        record.points[1].faults = (0..<70).map {
            Fault(worker: $0 % 2, shard: $0, reason: "lost\u{1b}[31m", trial: $0)
        }
        let snapshot = Self.snapshot(record)
        #expect(snapshot.faultCount == 70)
        #expect(snapshot.faults.count == 50)
        #expect(snapshot.faults[0].place.contains("shard 69"))
        #expect(snapshot.faults.allSatisfy { !$0.reason.contains("\u{1b}") })
    }

    @Test func `a cluster with a wrong output is not good, even before the end`() throws {
        var record = try sampleRun(rounds: 3)
        record.points[1].verification.status = .disagrees
        let clusters = Self.snapshot(record).clusters
        #expect(clusters[0].isGood)
        #expect(!clusters[1].isGood)
        #expect(clusters[1].facts.contains("DISAGREES"))
    }

    @Test func `a check that is not finished is no status yet`() throws {
        var record = try sampleRun(rounds: 3)
        record.points[0].verification.status = .unchecked
        #expect(!Self.snapshot(record).clusters[0].facts.contains("UNCHECKED"))
        record.exitCode = 130
        #expect(Self.snapshot(record).clusters[0].facts.contains("UNCHECKED"))
    }

    @Test(arguments: [
        "scale-8x8x1024x64", "scale-layer", "scale-regression", "kernel-suite",
        "kernel-operations", "compare-builds",
    ])
    func `records of every kind have a page of finite numbers`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let text = try OpenFile.contents(of: PackageFolder.record(name), limit: 1 << 30)
        try folder.put(text, as: "r.json")
        let source = LiveSource(try FollowedPlace(folder.file("r.json")))
        source.look()
        #expect(source.refusal == nil)
        let record = try StoredRecord.read(folder.file("r.json")).record
        for series in Snapshot(record, name: "r.json").trials {
            let (least, most) = (series.milliseconds.min() ?? 0, series.milliseconds.max() ?? 0)
            #expect(series.medianMilliseconds >= least * 0.999)
            #expect(series.medianMilliseconds <= most * 1.001)
        }
        let sent = try #require(source.snapshot(of: "r.json"))
        #expect(!sent.isEmpty && sent.count < 150_000)
        #expect(!sent.contains(UInt8(ascii: "\n")))
    }
}
