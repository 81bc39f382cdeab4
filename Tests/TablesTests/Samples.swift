import Attention
import TestSupport

@testable import Host
@testable import Plan
@testable import Record
@testable import Statistics
@testable import Tables

/// Records like those of real runs, made by arithmetic.
enum Samples {
    static let host: HostDescription = {
        var host = HostDescription.current(libzmqVersion: "4.3.4", commit: "0123456789abcdef")
        host.hostName = "node7"
        host.processorModel = "Imaginary 9000"
        host.instructionSets = ["baseline", "avx2", "avx512"]
        host.allowedCPUs = [0, 1]
        host.cpusOnline = 2
        host.coresOnline = 2
        host.loadAverage = [0.02, 0.1, 0.2]
        return host
    }()

    static func summary(_ nanoseconds: [UInt64]) -> SampleSummary {
        guard let summary = SampleSummary(nanoseconds: nanoseconds) else {
            preconditionFailure("a sample record has samples")
        }
        return summary
    }

    /// Times around a middle, 0.2 % apart.
    static func times(_ middle: Double, count: Int) -> [UInt64] {
        (0..<count).map { UInt64(middle * (1 + 0.002 * Double($0 - count / 2))) }
    }

    static func base(threads: Int, milliseconds: Double) -> BaseCase {
        let samples = times(milliseconds * 1e6, count: 12)
        return BaseCase(
            threads: threads,
            samplesNanoseconds: samples,
            summary: summary(samples),
            gigaflopsPerSecond: 17_180 / milliseconds,
            fractionOfPeak: threads == 1 ? 17_180 / milliseconds / 250 : nil
        )
    }

    /// The five shares of a worker's time.
    struct Shares {
        var compute = 0.93
        var queue = 0.01
        var transfer = 0.05
        var merge = 0.005
        var idle = 0.005
    }

    static func point(
        workers: Int,
        milliseconds: Double,
        shares: Shares = Shares(),
        single: Double = 78.1,
        trials: Int = 12,
        status: VerificationStatus = .agrees,
        isEqual: Bool? = true,
        faults: [Fault] = []
    ) -> RunPoint {
        let walls = times(milliseconds * 1e6, count: trials)
        let samples = walls.enumerated().map { trial, wall in
            TrialSample(
                trial: trial + 1,
                wallNanoseconds: wall,
                workers: (0..<workers).map { worker in
                    WorkerSample(
                        worker: worker,
                        computeNanoseconds: UInt64(Double(wall) * shares.compute),
                        queueNanoseconds: UInt64(Double(wall) * shares.queue),
                        transferNanoseconds: UInt64(Double(wall) * shares.transfer),
                        mergeNanoseconds: UInt64(Double(wall) * shares.merge),
                        idleNanoseconds: UInt64(Double(wall) * shares.idle),
                        shards: 64 / workers,
                        bytesIn: UInt64(8_192 / workers),
                        bytesOut: UInt64(16_781_312 / workers)
                    )
                }
            )
        }
        return RunPoint(
            workers: workers,
            threads: 1,
            split: .head,
            plane: .resident,
            transport: .ipc,
            outputs: .shared,
            shards: 64,
            samples: samples,
            summary: trials == 0
                ? nil
                : PointSummary(
                    wall: summary(walls),
                    speedup: single / milliseconds,
                    efficiency: single / milliseconds / Double(workers),
                    speedupOverThreads: single / milliseconds / Double(workers) / 0.98,
                    gigaflopsPerSecond: 17_180 / milliseconds
                ),
            bytesSent: UInt64(8_192 * trials),
            bytesReceived: UInt64(16_781_312 * trials),
            attempts: 64 * trials + faults.count,
            duplicates: 0,
            faults: faults,
            verification: VerificationSummary(
                status: status,
                bitwiseEqual: isEqual,
                mismatchedElements: isEqual == false ? 64 : nil,
                maxAbsoluteError: 5.43e-7,
                rmsError: 3.1e-8,
                boundMaxAbsolute: 1.2e-6,
                rowsChecked: 256,
                rowsTotal: 65_536,
                reasons: status == .disagrees ? ["64 elements differ from one process."] : []
            ),
            verdict: Verdict(reasons: [], sentence: "")
        )
    }

    static func record(
        _ points: [RunPoint],
        baseCases: [BaseCase] = [
            base(threads: 1, milliseconds: 78.1), base(threads: 2, milliseconds: 39.9),
        ]
    ) -> RunRecord {
        RunRecord(
            plan: RunPlan {
                $0.kind = points.count == 1 ? .run : .scale
                $0.workers = points.map(\.workers)
            },
            host: host,
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise"],
            baseCases: baseCases,
            points: points,
            exitCode: 0
        )
    }

    static func kernelRow(_ length: Int, mask: MaskSpecification, fraction: Double) -> KernelRow {
        let samples = times(Double(length) * 1.2e4, count: 9)
        var row = KernelRow(
            instructionSet: .avx512,
            threads: 1,
            shape: AttentionShape(
                batch: 1,
                heads: 8,
                keyValueHeads: 8,
                queryLength: length,
                keyLength: length,
                headDimension: 128,
                valueDimension: 128
            ),
            mask: mask,
            samplesNanoseconds: samples,
            summary: summary(samples),
            gigaflopsPerSecond: 250 * fraction,
            fractionOfPeak: fraction,
            peakGigaflopsPerSecond: 250,
            maxAbsoluteError: 5.4e-7
        )
        row.roof = KernelRoof(
            boundBy: .fma,
            fraction: fraction,
            fractionAtBest: fraction + 0.02,
            tensorBytes: 4 * 8 * length * 512,
            readGigabytesPerSecond: nil
        )
        return row
    }

    static func kernel(_ rows: [KernelRow]) -> KernelRecord {
        KernelRecord(
            host: host,
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise", "kernel"],
            roofs: RoofMeasurement(
                fmaGigaflopsPerSecond: 250,
                readGigabytesPerSecond: 41,
                instructionSet: "avx512"
            ),
            rows: rows,
            exitCode: 0
        )
    }
}

extension Style {
    /// A terminal with this width, without colours.
    static func terminal(_ columns: Int = 80) -> Style {
        var style = Style.plain
        style.columns = columns
        style.isNarrowing = true
        return style
    }
}

/// Lines as a table shows them.
func paragraph(_ lines: [String]) -> String {
    lines.map { wrapped($0) + "\n" }.joined()
}
