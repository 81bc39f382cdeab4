import Attention
import Host
import Plan
import Record
import Statistics
import TestSupport
import Testing

/// A record of a sweep with every part filled in.
func sampleRecord(points: Int = 2) throws -> RunRecord {
    let plan = RunPlan {
        $0.kind = .scale
        $0.name = "sample"
        $0.workers = Array(1...max(points, 1))
        $0.outputs = .shared
    }
    var record = RunRecord(
        plan: plan,
        host: HostDescription.current(libzmqVersion: "4.3.5", commit: "abc"),
        started: UTCTime(secondsSince1970: 1_763_688_240).text,
        commandLine: ["headwise", "scale", "--workers", "1,2"]
    )
    for threads in 1...max(points, 1) {
        let samples: [UInt64] = [80, 82, 81].map { $0 * 1_000_000 / UInt64(threads) }
        record.baseCases.append(
            BaseCase(
                threads: threads,
                samplesNanoseconds: samples,
                summary: try #require(SampleSummary(nanoseconds: samples)),
                gigaflopsPerSecond: 212.5 * Double(threads),
                fractionOfPeak: 0.875
            )
        )
    }
    record.points = try (0..<points).map { try samplePoint(workers: $0 + 1) }
    record.verdict = Verdict(reasons: [], sentence: "Two workers were worth 1.86 of one.")
    record.exitCode = 0
    return record
}

func samplePoint(workers: Int) throws -> RunPoint {
    let samples = (0..<3).map { trial in
        TrialSample(
            trial: trial + 1,
            wallNanoseconds: UInt64(90_000_000 / workers + trial),
            workers: (0..<workers).map { worker in
                WorkerSample(
                    worker: worker,
                    computeNanoseconds: 80_000_000 / UInt64(workers),
                    queueNanoseconds: 1,
                    transferNanoseconds: 2,
                    mergeNanoseconds: 3,
                    idleNanoseconds: 4,
                    shards: 8,
                    bytesIn: 64,
                    bytesOut: 2_097_152
                )
            }
        )
    }
    // The base case's median over that of the samples.
    let speedup = 81_000_000 / Double(90_000_000 / workers + 1)
    return RunPoint(
        workers: workers,
        threads: 1,
        split: .head,
        plane: .resident,
        transport: .ipc,
        shards: 16,
        samples: samples,
        summary: PointSummary(
            wall: try #require(SampleSummary(nanoseconds: samples.map(\.wallNanoseconds))),
            speedup: speedup,
            efficiency: speedup / Double(workers),
            speedupOverThreads: 0.95,
            gigaflopsPerSecond: 212.5 * speedup
        ),
        bytesSent: 1024,
        bytesReceived: 6_291_456,
        attempts: 49,
        duplicates: 1,
        faults: [Fault(worker: 0, shard: 3, reason: "killed by signal 9", trial: 1)],
        verification: VerificationSummary(
            status: .agrees,
            bitwiseEqual: true,
            maxAbsoluteError: 4.5e-7,
            rmsError: 3e-8,
            rowsChecked: 256,
            rowsTotal: 65_536
        ),
        verdict: Verdict(reasons: [], sentence: "One worker was worth 0.9 of one.")
    )
}
