import TestSupport
import Testing

@testable import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A made-up sweep with known speedups.
private struct PlantedSweep {
    var law = ScalabilityLaw(start: 0.95, contention: 0.03, coherency: 0)
    var workers = [1, 2, 4, 8]
    var noise = 0.005
    var replicates = 1
    var samplesPerReplicate = 20
    var between = 0.0
    var cores = 64
    var threads = 1
    var mode = ScalingMeasurement.Mode.strong
    /// The time of one process with as many threads, over the cluster's time.
    var matchingRatio = 1.0

    func measurement(_ generator: inout SplitMix) -> ScalingMeasurement {
        var made: [[ReplicateSample]] = []
        let times =
            [1e7]
            + workers.map { count in
                1e7 / law.speedup(Double(count)) * (mode == .weak ? Double(count) : 1)
            }
        for time in times {
            made.append(
                (0..<replicates).flatMap { replicate in
                    let level = exp(between * generator.normal())
                    return (0..<samplesPerReplicate).map { _ in
                        ReplicateSample(
                            nanoseconds: time * level * generator.time(spread: noise),
                            replicate: replicate
                        )
                    }
                }
            )
        }
        return ScalingMeasurement(
            mode: mode,
            threadsPerWorker: threads,
            coreCount: cores,
            base: made[0],
            points: zip(workers, made.dropFirst()).map { count, samples in
                ScalingMeasurement.Point(
                    workers: count,
                    samples: samples,
                    matchingBase: samples.map { sample in
                        ReplicateSample(
                            nanoseconds: sample.nanoseconds * matchingRatio,
                            replicate: sample.replicate
                        )
                    }
                )
            }
        )
    }

    func analysis(seed: UInt64 = 51) throws -> ScalingAnalysis {
        var generator = SplitMix(seed: seed)
        return try #require(ScalingAnalysis.make(measurement(&generator)))
    }
}

extension ScalingAnalysis {
    fileprivate func fit(_ model: ScalingModelFit.Model) throws -> ScalingModelFit {
        try #require(models.first { $0.model == model })
    }
}

extension ScalingModelFit {
    fileprivate func estimate(_ name: String) -> Estimate? {
        parameters.first { $0.name == name }?.estimate
    }
}

struct ScalingPointTests {
    @Test func `speedup, efficiency and serial fraction are what their formulas say`() throws {
        let sweep = PlantedSweep(
            law: ScalabilityLaw(start: 1, contention: 0.1, coherency: 0),
            noise: 0,
            matchingRatio: 0.9
        )
        let points = try sweep.analysis().points
        for (point, workers) in zip(points, [1.0, 2, 4, 8]) {
            let expected = workers / (1 + 0.1 * (workers - 1))
            #expect(abs(point.speedup.value - expected) < 1e-9)
            #expect(abs(point.efficiency.value - expected / workers) < 1e-9)
            #expect(abs((point.speedupOverThreads?.value ?? 0) - 0.9) < 1e-9)
            // Karp and Flatt's fraction of a cluster that obeys Amdahl is his.
            if workers > 1 { #expect(abs((point.serialFraction?.value ?? 0) - 0.1) < 1e-9) }
        }
        #expect(points[0].serialFraction == nil)
    }

    @Test func `the intervals of the serial fraction are those of the speedup, turned round`()
        throws
    {
        let point = try PlantedSweep(noise: 0.05).analysis().points[2]
        let fraction = try #require(point.serialFraction)
        let lower = try #require(fraction.lowerBound)
        let upper = try #require(fraction.upperBound)
        #expect(lower < fraction.value && fraction.value < upper)
        let fastest = try #require(point.speedup.upperBound)
        #expect(abs(lower - (1 / fastest - 0.25) / 0.75) < 1e-12)
    }

    @Test func `weak scaling compares work per time and counts threads`() throws {
        let sweep = PlantedSweep(noise: 0, threads: 2, mode: .weak)
        let points = try sweep.analysis().points
        #expect(abs(points[3].speedup.value - sweep.law.speedup(8)) < 1e-9)
        #expect(abs(points[3].efficiency.value - sweep.law.speedup(8) / 16) < 1e-9)
        #expect(points[3].serialFraction == nil)
    }

    @Test func `nothing usable has no analysis, and an empty point is left out`() throws {
        var generator = SplitMix(seed: 52)
        var measurement = PlantedSweep().measurement(&generator)
        measurement.points[1].samples = []
        #expect(ScalingAnalysis.make(measurement)?.points.map(\.workers) == [1, 4, 8])
        measurement.base = []
        #expect(ScalingAnalysis.make(measurement) == nil)
    }
}

struct EfficiencyLossTests {
    private func fraction(_ cause: EfficiencyLoss.Cause, _ losses: [EfficiencyLoss]) -> Double {
        losses.first { $0.cause == cause }?.fraction ?? .nan
    }

    @Test(arguments: [1, 2])
    func `every planted loss is found, and the sum is exact`(threads: Int) {
        // Two workers, 100 ns a trial; the base case needs 60 worker-nanoseconds of them.
        let trial = ScalingMeasurement.TrialParts(
            wallNanoseconds: 100,
            workers: [
                .init(
                    computeNanoseconds: 50,
                    queueNanoseconds: 10,
                    transferNanoseconds: 20,
                    mergeNanoseconds: 5,
                    idleNanoseconds: 15
                ),
                .init(
                    computeNanoseconds: 40,
                    queueNanoseconds: 0,
                    transferNanoseconds: 10,
                    mergeNanoseconds: 5,
                    idleNanoseconds: 45
                ),
            ]
        )
        let losses = EfficiencyLoss.breakdown(
            efficiency: 0.31,
            baseNanoseconds: 60 * Double(threads),
            workers: 2,
            threadsPerWorker: threads,
            trials: [trial, trial]
        )
        let expected: [(EfficiencyLoss.Cause, Double)] = [
            (.compute, 0.15), (.queue, 0.05), (.transfer, 0.15), (.merge, 0.05),
            (.imbalance, 0.15), (.idle, 0.15), (.unexplained, -0.01),
        ]
        for (cause, value) in expected {
            #expect(abs(fraction(cause, losses) - value) < 1e-12, "\(cause)")
        }
        #expect(abs(losses.reduce(0) { $0 + $1.fraction } - 0.69) < 1e-12)
        #expect(losses.map(\.cause) == EfficiencyLoss.Cause.allCases)
    }

    @Test func `workers that take turns at being last count as imbalanced, not idle`() {
        func trial(_ first: Double) -> ScalingMeasurement.TrialParts {
            .init(
                wallNanoseconds: 100,
                workers: [first, 100 - first].map {
                    .init(computeNanoseconds: $0, idleNanoseconds: 100 - $0)
                }
            )
        }
        let losses = EfficiencyLoss.breakdown(
            efficiency: 0.5,
            baseNanoseconds: 100,
            workers: 2,
            threadsPerWorker: 1,
            trials: [trial(100), trial(0)]
        )
        #expect(fraction(.imbalance, losses) == 0.5)
        #expect(fraction(.idle, losses) == 0)
    }

    /// Trials that a busy machine made longer, each in one of its parts.
    @Test(arguments: [0.0, 0.1, 0.3])
    func `the parts explain the loss although some trials were disturbed`(
        disturbed: Double
    ) throws {
        var generator = SplitMix(seed: 55)
        func factor() -> Double {
            let isDisturbed = Double.random(in: 0..<1, using: &generator) < disturbed
            return generator.time(spread: 0.02)
                * (isDisturbed ? Double.random(in: 1.1..<2, using: &generator) : 1)
        }
        let base = (0..<45).map { _ in
            ReplicateSample(nanoseconds: 100e6 * factor(), replicate: 0)
        }
        let trials = (0..<45).map { _ -> ScalingMeasurement.TrialParts in
            let compute = 54e6 * factor()
            let transfer = 4e6 * factor()
            let idle = [0, 2e6 * factor()]
            let wall = compute + transfer + 2e6
            return ScalingMeasurement.TrialParts(
                wallNanoseconds: wall,
                workers: idle.map {
                    .init(
                        computeNanoseconds: compute - $0,
                        transferNanoseconds: transfer,
                        mergeNanoseconds: 2e6,
                        idleNanoseconds: $0
                    )
                }
            )
        }
        let measurement = ScalingMeasurement(
            mode: .strong,
            threadsPerWorker: 1,
            coreCount: 2,
            base: base,
            points: [
                ScalingMeasurement.Point(
                    workers: 2,
                    samples: trials.map {
                        ReplicateSample(nanoseconds: $0.wallNanoseconds, replicate: 0)
                    },
                    trials: trials
                )
            ]
        )
        let point = try #require(ScalingAnalysis.make(measurement)?.points.first)
        #expect(abs(fraction(.unexplained, point.losses)) < 0.01, "\(point.losses)")
        let sum = point.efficiency.value + point.losses.reduce(0) { $0 + $1.fraction }
        #expect(abs(sum - 1) < 1e-12)
        #expect(abs(fraction(.merge, point.losses) - 2.0 / 60) < 0.004)
    }

    @Test func `the middle third lies around the median`() {
        #expect(MiddleThird.of([5.0, 1, 9]) { $0 } == [5])
        #expect(MiddleThird.of([5.0, 1, 9, 3]) { $0 } == [3, 5])
        #expect(MiddleThird.of([7.0]) { $0 } == [7])
        #expect(MiddleThird.of([Double]()) { $0 } == [])
        #expect(MiddleThird.of([1.0, 200, 3, 4, 100, 2]) { $0 } == [3, 4])
    }

    @Test func `without accounts the whole loss is unexplained`() {
        let losses = EfficiencyLoss.breakdown(
            efficiency: 0.75,
            baseNanoseconds: 1,
            workers: 2,
            threadsPerWorker: 1,
            trials: []
        )
        #expect(losses == [EfficiencyLoss(.unexplained, fraction: 0.25)])
    }
}

struct ScalingModelTests {
    @Test func `both laws find what was planted without noise`() throws {
        let amdahl = try PlantedSweep(noise: 0).analysis().fit(.amdahl)
        #expect(abs((amdahl.estimate("start")?.value ?? 0) - 0.95) < 1e-9)
        #expect(abs((amdahl.estimate("contention")?.value ?? 0) - 0.03) < 1e-9)
        #expect((amdahl.leaveOneOutError ?? 1) < 1e-9)
        #expect(amdahl.peakWorkers == nil)
        #expect(amdahl.predictions.map(\.workers) == Array(1...16))

        let law = ScalabilityLaw(start: 0.9, contention: 0.05, coherency: 0.002)
        let sweep = PlantedSweep(law: law, workers: [1, 2, 4, 8, 16, 32], noise: 0)
        let universal = try sweep.analysis().fit(.universalScalability)
        #expect(abs((universal.estimate("coherency")?.value ?? 0) - 0.002) < 1e-9)
        let peak = try #require(universal.peakWorkers)
        #expect(abs(peak - (0.95 / 0.002).squareRoot()) < 1e-6)
        let predicted = try #require(universal.predictions.last)
        #expect(abs(predicted.speedup - law.speedup(64)) < 1e-6)
    }

    /// The parameter lies in its interval as often as 95 % promise, less what a bootstrap of a
    /// median, and so few draws of it, are known to lack.
    @Test(arguments: [1, 4])
    func `the parameters' intervals hold what was planted`(replicates: Int) throws {
        var generator = SplitMix(seed: 53)
        let sweep = PlantedSweep(
            noise: 0.02,
            replicates: replicates,
            samplesPerReplicate: replicates == 1 ? 25 : 6,
            between: replicates == 1 ? 0 : 0.005
        )
        var covered = 0
        var runs = 0
        for _ in 0..<2_000 {
            let measurement = sweep.measurement(&generator)
            guard let base = MedianEvidence(measurement.base) else { continue }
            let points = measurement.points.compactMap { point in
                MedianEvidence(point.samples).map { MeasuredScalingPoint(point, $0) }
            }
            let fit = ScalingModelFit.make(
                .amdahl,
                points: points,
                base: base,
                measurement,
                drawCount: 119
            )
            guard fit.refusal == nil, let sigma = fit.estimate("contention") else { continue }
            runs += 1
            let isHeld = (sigma.lowerBound ?? 1) <= 0.03 && (sigma.upperBound ?? 0) >= 0.03
            covered += isHeld ? 1 : 0
        }
        #expect(runs > 1_990)
        expectRate(covered, of: runs, atLeast: 0.93)
    }

    @Test func `two workers on two cores identify no law`() throws {
        let analysis = try PlantedSweep(workers: [1, 2], cores: 2).analysis()
        for model in analysis.models {
            #expect(model.parameters.isEmpty && model.predictions.isEmpty)
            // How many worker counts it takes, and how many cores there are.
            let needed = model.model == .amdahl ? "3" : "4"
            #expect(model.refusal?.contains(needed) == true)
            #expect(model.refusal?.contains("2 cores") == true)
        }
        // Five points with more threads than cores are left out.
        let crowded = try PlantedSweep(workers: [1, 2, 4, 8, 16, 32, 64], cores: 2).analysis()
        let refusal = try crowded.fit(.amdahl).refusal
        #expect(refusal?.contains("5") == true)
    }

    @Test func `three counts give Amdahl's law and four the universal one`() throws {
        let three = try PlantedSweep(workers: [1, 2, 4], cores: 8).analysis()
        #expect(try three.fit(.amdahl).refusal == nil)
        #expect(try three.fit(.universalScalability).refusal?.contains("4") == true)
        let four = try PlantedSweep(workers: [1, 2, 4, 8]).analysis()
        #expect(try four.fit(.universalScalability).refusal == nil)
    }

    @Test func `superlinear, ever slower, noisy and scarce points are refused for own reasons`()
        throws
    {
        let superlinear = PlantedSweep(
            law: ScalabilityLaw(start: 0.8, contention: -0.02, coherency: 0)
        )
        let slower = PlantedSweep(law: ScalabilityLaw(start: 0.9, contention: 1.5, coherency: 0))
        let noisy = PlantedSweep(noise: 0.8, samplesPerReplicate: 6)
        let scarce = PlantedSweep(samplesPerReplicate: 5)
        let weak = PlantedSweep(mode: .weak)
        let refusals = try [superlinear, slower, noisy, scarce, weak].map { sweep in
            try #require(try sweep.analysis().fit(.amdahl).refusal)
        }
        #expect(Set(refusals).count == refusals.count, "\(refusals)")
        // The contention of the second, which is planted as 1.5.
        let figures = refusals[1].split { !"0123456789.".contains($0) }.compactMap { Double($0) }
        #expect(figures.contains { abs($0 - 1.5) < 0.1 }, "\(refusals[1])")
        // The third would predict up to twice its largest worker count.
        #expect(refusals[2].contains("16 workers"), "\(refusals[2])")
        #expect(try weak.analysis().fit(.universalScalability).refusal == nil)
    }

    @Test func `no coefficient is negative and a law without coherency has no peak`() throws {
        for seed in 60..<90 as Range<UInt64> {
            let fit = try PlantedSweep(noise: 0.01).analysis(seed: seed).fit(.universalScalability)
            for parameter in fit.parameters {
                #expect(parameter.estimate.value >= 0)
                #expect((parameter.estimate.lowerBound ?? -1) >= 0)
            }
        }
        let noise = try (60..<160 as Range<UInt64>).count { seed in
            try PlantedSweep(noise: 0.01).analysis(seed: seed)
                .fit(.universalScalability).peakWorkers != nil
        }
        expectRate(noise, of: 100, atMost: 0.03)
    }

    @Test func `the same samples are analysed alike every time`() throws {
        let sweep = PlantedSweep(noise: 0.03, replicates: 3, samplesPerReplicate: 5)
        #expect(try sweep.analysis() == sweep.analysis())
    }
}

struct WorkerRecommendationTests {
    private func recommendation(
        _ speedups: [Double],
        matchingRatio: Double = 1.1
    ) throws -> WorkerRecommendation {
        try analysis(speedups, matchingRatio: matchingRatio).recommendation
    }

    private func analysis(
        _ speedups: [Double],
        noise: Double = 0.002,
        matchingRatio: Double = 1.1,
        cores: Int = 4
    ) throws -> ScalingAnalysis {
        var generator = SplitMix(seed: 71)
        func samples(_ time: Double) -> [ReplicateSample] {
            (0..<20).map { _ in
                ReplicateSample(nanoseconds: time * generator.time(spread: noise), replicate: 0)
            }
        }
        let measurement = ScalingMeasurement(
            mode: .strong,
            threadsPerWorker: 1,
            coreCount: cores,
            base: samples(1e6),
            points: speedups.enumerated().map { index, speedup in
                ScalingMeasurement.Point(
                    workers: 1 << index,
                    samples: samples(1e6 / speedup),
                    matchingBase: samples(1e6 / speedup * matchingRatio)
                )
            }
        )
        return try #require(ScalingAnalysis.make(measurement))
    }

    /// Speedups, the recommended worker count, and the cluster that the reason is about.
    @Test(
        arguments: [
            ([0.9, 1.7, 3.2], 4, 4), ([0.9, 1.9, 1.9005], 2, 2), ([0.9, 1.9, 1.5], 2, 2),
            // Certainly faster, but not worth a cluster.
            ([1.05, 1.0, 0.9], 0, 1), ([0.9, 1.09, 1.0], 0, 2), ([0.9, 1.11, 1.0], 2, 2),
            ([0.9, 0.8, 0.7], 0, 1), ([0.99, 1.0, 1.0001], 0, 4), ([0.5], 0, 1), ([1, 1.5], 2, 2),
        ] as [([Double], Int, Int)]
    )
    func `the smallest count that nothing beats is recommended`(
        speedups: [Double],
        workers: Int,
        best: Int
    ) throws {
        let made = try recommendation(speedups)
        #expect(made.workers == workers, "\(made)")
        #expect(made.bestWorkers == best, "\(made)")
        #expect(!made.reason.hasSuffix("."))
    }

    @Test func `one process is recommended where it makes better use of the threads`() throws {
        let made = try recommendation([0.9, 1.7, 3.2], matchingRatio: 0.9)
        #expect(made.workers == 0)
        #expect(made.threads == 4)
        #expect(made.bestWorkers == 4)
        let cluster = try recommendation([0.9, 1.7, 3.2])
        #expect(cluster.workers == 4 && cluster.threads == nil)
    }

    /// Threads may be worth it where no cluster is.
    @Test(arguments: [(1.1, 1), (0.5, 2), (0.25, 4)])
    func `threads are recommended where no cluster is worth it`(
        matchingRatio: Double,
        threads: Int
    ) throws {
        // Two threads reach 0.8 / ratio, four 0.7 / ratio.
        let speedups = threads == 4 ? [0.9, 0.4, 0.7] : [0.9, 0.8, 0.2]
        let made = try recommendation(speedups, matchingRatio: matchingRatio)
        #expect(made.workers == 0)
        #expect(made.threads == threads, "\(made)")
    }

    @Test func `no more threads are recommended than there are cores`() throws {
        // Two threads reach 3.2 and four 2.8.
        let none = try analysis([0.9, 0.8, 0.7], matchingRatio: 0.25, cores: 2).recommendation
        #expect(none.workers == 0 && none.threads == 2, "\(none)")
        let one = try analysis([0.9, 0.4, 0.7], matchingRatio: 0.25, cores: 1).recommendation
        #expect(one.workers == 0 && one.threads == 1, "\(one)")
        let best = try analysis([0.9, 1.2, 3.2], matchingRatio: 0.5, cores: 2).recommendation
        #expect(best.threads ?? 0 <= 2, "\(best)")
    }

    /// Every recommendation must come with a speedup and its interval.
    @Test(arguments: [[0.9, 1.7, 3.2], [0.9, 0.8, 0.7], [0.99, 1.0, 1.0001]] as [[Double]])
    func `the reason holds the worth of its cluster and the interval`(speedups: [Double]) throws {
        let made = try recommendation(speedups)
        let best = try #require(made.bestWorkers)
        let point = try #require(try analysis(speedups).points.first { $0.workers == best })
        // Threads of one process are the choice beside workers, so their ratio is told, too.
        let ratios = [point.speedup] + (made.workers > 1 ? [point.speedupOverThreads] : [])
        for ratio in try ratios.map({ try #require($0) }) {
            let bounds = [try #require(ratio.lowerBound), try #require(ratio.upperBound)]
            for figure in [ratio.value] + bounds {
                #expect(made.reason.contains(text(figure)), "\(made.reason)")
            }
        }
    }

    private func text(_ figure: Double) -> String { Figures.decimal(figure, places: 2) }
}

/// A speedup that only one estimator finds.
struct SuperlinearSpeedupTests {
    /// Three replicates of thirty samples: a share of them takes longer, the rest do not.
    private func samples(
        _ time: Double,
        disturbed share: Double = 0,
        by factor: Double = 1,
        seed: UInt64
    ) -> [ReplicateSample] {
        var generator = SplitMix(seed: seed)
        return (0..<90).map { index in
            let isDisturbed = Double(index / 3 % 10) < share * 10
            return ReplicateSample(
                nanoseconds: time * generator.time(spread: 0.005) * (isDisturbed ? factor : 1),
                replicate: index % 3
            )
        }
    }

    @Test func `a disturbed base case proves no superlinear speedup`() throws {
        // Its medians are 2.3 times those of the undisturbed trials, its fastest third is not.
        let base = samples(2e6, disturbed: 0.6, by: 2.3, seed: 3)
        let cluster = samples(1e6, seed: 4)
        let found = try #require(SuperlinearSpeedup(base: base, cluster: cluster, threads: 2))
        #expect(found.efficiency.value > 1.5)
        #expect(abs(found.fastEfficiency.value - 1) < 0.02)
        #expect(!found.isProved)
    }

    @Test func `a speedup that the fast ends also find is proved`() throws {
        let found = try #require(
            SuperlinearSpeedup(
                base: samples(2e6, seed: 5),
                cluster: samples(0.8e6, seed: 6),
                threads: 2
            )
        )
        #expect(found.isProved)
    }

    @Test(arguments: [0.5, 0.9, 1.0, 1.015])
    func `an efficiency not clearly above one is not superlinear`(efficiency: Double) {
        let found = SuperlinearSpeedup(
            base: samples(2e6 * efficiency, seed: 7),
            cluster: samples(1e6, seed: 8),
            threads: 2
        )
        #expect(found == nil)
    }

    @Test func `weak scaling counts the work`() {
        // Twice the work in the same time is an efficiency of one.
        let found = SuperlinearSpeedup(
            base: samples(1e6, seed: 9),
            cluster: samples(1e6, seed: 10),
            threads: 2,
            work: 2
        )
        #expect(found == nil)
    }

    @Test func `too few samples for an interval accuse nobody`() {
        func few(_ time: Double, _ count: Int) -> [ReplicateSample] {
            (0..<count).map { ReplicateSample(nanoseconds: time + Double($0), replicate: 0) }
        }
        for count in 0...5 {
            let found = SuperlinearSpeedup(
                base: few(9e6, count),
                cluster: few(1e6, count),
                threads: 2
            )
            #expect(found == nil)
        }
        #expect(SuperlinearSpeedup(base: few(9e6, 6), cluster: few(1e6, 6), threads: 2) != nil)
    }
}
