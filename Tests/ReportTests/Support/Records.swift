import Attention
import TestSupport
import Testing

@testable import Files
@testable import Host
@testable import Record
@testable import Report
@testable import Statistics

/// Records made from real ones by scaling their numbers to a larger machine.
enum Records {
    /// Two measured worker counts, without the keys of later versions.
    static func measured() throws -> RunRecord {
        var record = try RunRecord.read(PackageFolder.record("scale-8x8x1024x64"))
        record.roofs = nil
        record.sampling = nil
        record.warnings = nil
        record.analysis = nil
        return record
    }

    static func kernel() throws -> KernelRecord {
        try KernelRecord.read(PackageFolder.record("kernel-avx512"))
    }

    /// Six worker counts on an imaginary machine of 32 cores, with every key of a record.
    static func sweep(_ counts: [Int] = [1, 2, 4, 8, 16, 32]) throws -> RunRecord {
        let measured = try measured()
        let model = try #require(measured.points.last)
        let single = try #require(measured.singleThread)
        var record = measured
        record.plan.workers = counts
        record.host.coresOnline = 32
        record.host.cpusOnline = 32
        record.host.allowedCPUs = Array(0..<32)
        record.roofs = MeasuredRoofs(
            fmaGigaflopsPerSecond: multiplyAddRoof,
            readGigabytesPerSecond: 41,
            linkGigabytesPerSecond: 2.9,
            copyGigabytesPerSecond: 9.5
        )
        record.baseCases = try counts.map { try base($0, like: single) }
        record.points = try counts.map { try point($0, like: model, single: single) }
        record.sampling = SamplingReport(
            warmupRounds: 6,
            warmupEnd: .steady,
            rounds: 60,
            replicates: 3,
            end: .budget,
            targetInterval: 0.01,
            widestInterval: 0.023
        )
        record.warnings = [
            MeasurementWarning(
                .drift,
                subject: "16 workers",
                sentence: "the second half of the trials took 4 % longer than the first",
                remedy: "let the machine cool down, or take more replicates"
            ),
            MeasurementWarning(
                .outliers,
                sentence: "7 of 360 trials are outliers",
                remedy: "stop what else runs on this machine"
            ),
        ]
        record.analysis = analysis(record)
        record.verdict = Verdict(
            reasons: [],
            sentence: "Sixteen workers were worth 10.9 of one process; transfer (14 %) held them "
                + "back, and thirty-two were worth hardly more."
        )
        return record
    }

    /// Two worker counts; the second lost workers and has a wrong output.
    static func faulty() throws -> RunRecord {
        var record = try measured()
        record.points[1].verification = VerificationSummary(
            status: .disagrees,
            bitwiseEqual: false,
            mismatchedElements: 64,
            maxAbsoluteError: 0.25,
            rmsError: 3e-4,
            boundMaxAbsolute: 1.55e-6,
            boundRms: 1.79e-7,
            rowsChecked: 256,
            rowsTotal: 65_536,
            reasons: ["64 elements differ from the single process, the first at row 17."]
        )
        record.points[1].faults = (0..<9).map { index in
            Fault(
                worker: index % 2,
                shard: index == 3 ? nil : index,
                reason: index % 2 == 0
                    ? "killed by signal 9" : "a result whose checksum is not that of its bytes",
                trial: index,
                isWarmup: index == 0
            )
        }
        record.points[1].verdict = Verdict(
            reasons: ["64 elements differ from the single process"],
            sentence: "The output of 2 workers is wrong, so the times mean nothing."
        )
        record.verdict = Verdict(
            reasons: ["64 elements differ from the single process"],
            sentence: "The output of 2 workers is wrong, so the times mean nothing."
        )
        record.exitCode = 10
        return record
    }

    static func stored(_ record: any DrawnRecord, path: String? = nil) throws -> StoredRecord {
        try StoredRecord(path: path ?? "results/\(record.kind).json", record)
    }

    /// Two plans, the second slower; one point is ambiguous.
    static func comparison() throws -> CompareRecord {
        let sweep = try sweep()
        let side = ComparedSide(
            path: "plan.json",
            plan: sweep.plan,
            hostFingerprint: sweep.host.fingerprint,
            instructionSet: "avx512"
        )
        var record = CompareRecord(
            form: .plans,
            host: sweep.host,
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise", "compare", "plan.json", "other.json"],
            first: side,
            second: side,
            rule: CompareRule(confidence: 0.99),
            notes: ["A and B differ in schedule dynamic and static"]
        )
        record.points = [(1, 0.001), (2, 0.05)].map { workers, scatter in
            let first: [[UInt64]] = [[40_000_000, 41_000_000], [40_100_000, 42_000_000]]
            var point = ComparedPoint(
                workers: workers,
                threads: [1, 1],
                firstNanoseconds: first,
                secondNanoseconds: first.enumerated().map { index, times in
                    times.map { UInt64(Double($0) * (1.5 + scatter * Double(index))) }
                }
            )
            point.comparePairs(record.rule, points: 2, secondsPerPair: 1)
            return point
        }
        record.exitCode = record.ending
        return record
    }

    /// Two features on one instruction set; the second one's error is 60 % of what is allowed.
    static func checks() throws -> VerifyRecord {
        let rows = [("causal", 0.2), ("window", 0.6)].map { feature, part in
            VerifyRow(
                name: "\(feature) 3",
                feature: feature,
                specification: "length=3",
                instructionSet: .baseline,
                clusterComparisons: 7,
                verification: VerificationSummary(
                    status: .agrees,
                    bitwiseEqual: true,
                    maxAbsoluteError: part * 1e-6,
                    boundMaxAbsolute: 1e-6,
                    rowsChecked: 3,
                    rowsTotal: 3
                )
            )
        }
        return VerifyRecord(
            host: try measured().host,
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise", "verify"],
            seed: 1,
            randomCases: 0,
            instructionSets: [.baseline],
            workers: [1],
            rows: rows,
            isComplete: true,
            exitCode: 0
        )
    }

    /// A comparison with every verdict, an interval beyond the plot, a point without an interval and
    /// one without trials.
    static func verdicts() throws -> CompareRecord {
        let found: [TimeComparison?] = [
            TimeComparison(ratio: 1.002, lowerBound: 0.99, upperBound: 1.014, verdict: .same),
            TimeComparison(ratio: 1.061, lowerBound: 1.032, upperBound: 1.091, verdict: .slower),
            TimeComparison(ratio: 0.93, lowerBound: 0.912, upperBound: 0.948, verdict: .faster),
            TimeComparison(ratio: 1.03, lowerBound: 0, upperBound: 1e300, verdict: .ambiguous),
            TimeComparison(ratio: 0.97, verdict: .ambiguous),
            TimeComparison(ratio: 0.95, lowerBound: 0.9, upperBound: 1.01, verdict: .notSlower),
            nil,
        ]
        var record = try comparison()
        let model = try #require(record.points.first)
        record.points = found.enumerated().map { index, comparison in
            var point = model
            point.workers = 1 << index
            point.statistics = [
                StatisticComparison(
                    .fastEnd,
                    firstNanoseconds: 4e7,
                    secondNanoseconds: 4e7,
                    comparison: comparison
                ),
                StatisticComparison(
                    .mean,
                    firstNanoseconds: 4.1e7,
                    secondNanoseconds: 4.1e7,
                    comparison: comparison.map { fastEnd in
                        var mean = fastEnd
                        mean.ratio += 1.0 / 1024
                        return mean
                    }
                ),
            ]
            return point
        }
        record.rule.percentile90Threshold = nil
        record.exitCode = record.ending
        return record
    }
}

// MARK: Scaling

extension Records {
    /// Time on this many workers over time on one: a law with contention and coherency.
    private static func factor(_ workers: Int) -> Double {
        let count = Double(workers)
        return (1 + 0.025 * (count - 1) + 0.0004 * count * (count - 1)) / count
    }

    private static func summary(_ samples: [UInt64]) throws -> SampleSummary {
        try #require(SampleSummary(nanoseconds: samples))
    }

    private static let multiplyAddRoof = 270.0

    private static func base(_ threads: Int, like single: BaseCase) throws -> BaseCase {
        let scale = (1 + 0.012 * Double(threads - 1)) / Double(threads)
        let samples = single.samplesNanoseconds.map { UInt64(Double($0) * scale) }
        return BaseCase(
            threads: threads,
            samplesNanoseconds: samples,
            summary: try summary(samples),
            gigaflopsPerSecond: single.gigaflopsPerSecond.map { $0 / scale },
            fractionOfPeak: single.gigaflopsPerSecond.map {
                $0 / scale / (multiplyAddRoof * Double(threads))
            }
        )
    }

    private static func point(
        _ workers: Int,
        like model: RunPoint,
        single: BaseCase
    ) throws -> RunPoint {
        var point = model
        point.workers = workers
        point.samples = (0..<60).map { trial in
            let source = model.samples[trial % model.samples.count]
            let replicate = trial / 20
            // Starts of the processes differ a little, which is what replicates are for.
            let scale = 1.86 * factor(workers) * (1 + 0.006 * Double(replicate - 1))
            return TrialSample(
                trial: trial,
                replicate: replicate,
                wallNanoseconds: UInt64(Double(source.wallNanoseconds) * scale),
                workers: (0..<workers).map { worker in
                    scaled(source.workers[worker % 2], ordinal: worker, scale, of: workers)
                }
            )
        }
        let wall = try summary(point.samples.map(\.wallNanoseconds))
        let speedup = single.summary.medianNanoseconds / wall.medianNanoseconds
        point.summary = PointSummary(
            wall: wall,
            speedup: speedup,
            efficiency: speedup / Double(workers),
            speedupOverThreads: speedup / Double(workers) * (1 + 0.012 * Double(workers - 1)),
            gigaflopsPerSecond: single.gigaflopsPerSecond.map { $0 * speedup }
        )
        return point
    }

    /// A worker's parts of its trial; more workers wait longer.
    private static func scaled(
        _ worker: WorkerSample,
        ordinal: Int,
        _ scale: Double,
        of workers: Int
    ) -> WorkerSample {
        let growth = 1 - 0.012 * Double(workers - 1)
        func part(_ nanoseconds: UInt64) -> UInt64 { UInt64(Double(nanoseconds) * scale) }
        let compute = UInt64(Double(part(worker.computeNanoseconds)) * growth)
        let waiting = part(worker.computeNanoseconds) - compute
        return WorkerSample(
            worker: ordinal,
            computeNanoseconds: compute,
            queueNanoseconds: part(worker.queueNanoseconds) + waiting / 4,
            transferNanoseconds: part(worker.transferNanoseconds) + waiting / 2,
            mergeNanoseconds: part(worker.mergeNanoseconds),
            idleNanoseconds: part(worker.idleNanoseconds) + waiting / 5,
            shards: max(1, 64 / workers),
            bytesIn: worker.bytesIn,
            bytesOut: worker.bytesOut
        )
    }

    private static func analysis(_ record: RunRecord) -> ScalingAnalysis {
        let points = record.points.map { point -> ScalingPoint in
            let speedup = point.summary?.speedup ?? 1
            let count = Double(point.workers)
            let lost = 1 - speedup / count
            let shares: [(EfficiencyLoss.Cause, Double)] = [
                (.compute, 0.3), (.queue, 0.18), (.transfer, 0.3), (.merge, 0.04),
                (.imbalance, 0.15), (.idle, 0.05), (.unexplained, -0.02),
            ]
            return ScalingPoint(
                workers: point.workers,
                speedup: Estimate(speedup, lowerBound: speedup * 0.97, upperBound: speedup * 1.02),
                efficiency: Estimate(
                    speedup / count,
                    lowerBound: speedup / count * 0.97,
                    upperBound: speedup / count * 1.02
                ),
                speedupOverThreads: Estimate(speedup / count),
                serialFraction: point.workers == 1
                    ? nil : Estimate((count / speedup - 1) / (count - 1)),
                losses: shares.map { EfficiencyLoss($0, fraction: lost * $1) }
            )
        }
        let usl = ScalingModelFit(
            model: .universalScalability,
            parameters: [
                .init(
                    name: "contention",
                    estimate: Estimate(0.025, lowerBound: 0.021, upperBound: 0.03)
                ),
                .init(
                    name: "coherency",
                    estimate: Estimate(0.0004, lowerBound: 0.0001, upperBound: 0.0008)
                ),
            ],
            leaveOneOutError: 0.021,
            peakWorkers: 49.4,
            predictions: (1...64).map { .init(workers: $0, speedup: 0.95 / factor($0)) }
        )
        return ScalingAnalysis(
            points: points,
            models: [
                ScalingModelFit(
                    model: .amdahl,
                    refusal:
                        "the residuals grow with the worker count, which this law cannot follow"
                ),
                usl,
            ],
            recommendation: WorkerRecommendation(
                workers: 16,
                reason: "32 workers were worth 1.13 of 16, which is less than 1.2"
            )
        )
    }
}
