import TestSupport
import Testing

@testable import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

private typealias Configuration = MeasurementWarnings.Configuration

private func configuration(
    _ times: [Double],
    replicates: Int = 1,
    threads: Int = 1,
    subject: String = "2 workers"
) -> Configuration {
    Configuration(
        subject: subject,
        computeThreads: threads,
        samples: times.enumerated().map { index, time in
            ReplicateSample(nanoseconds: time, replicate: index * replicates / times.count)
        }
    )
}

private func warnings(
    _ configurations: [Configuration],
    warmupEnd: SamplingReport.WarmupEnd = .steady,
    end: SamplingReport.End = .interval,
    target: Double? = 1
) -> MeasurementWarnings {
    MeasurementWarnings(
        configurations: configurations,
        sampling: SamplingReport(
            warmupRounds: 6,
            warmupEnd: warmupEnd,
            rounds: configurations.first?.samples.count ?? 0,
            replicates: 3,
            end: end,
            targetInterval: target,
            widestInterval: nil
        ),
        coreCount: 4,
        clockResolutionNanoseconds: 20,
        isDebugBuild: false
    )
}

private func steady(_ count: Int, seed: UInt64 = 81, spread: Double = 0.01) -> [Double] {
    var generator = SplitMix(seed: seed)
    return (0..<count).map { _ in 1e6 * generator.time(spread: spread) }
}

struct SampleWarningTests {
    private func only(
        _ kind: MeasurementWarning.Kind,
        _ found: [MeasurementWarning],
        _ figures: String...
    ) {
        #expect(found.map(\.kind) == [kind], "\(found)")
        for figure in figures {
            #expect(found.first?.sentence.contains(figure) == true, "\(found)")
        }
        #expect(found.allSatisfy { !$0.sentence.hasSuffix(".") && !$0.remedy.hasSuffix(".") })
    }

    @Test func `a clean measurement has no warnings`() {
        #expect(warnings([configuration(steady(30), replicates: 3)]).all().isEmpty)
        #expect(warnings([]).all().isEmpty)
    }

    @Test func `a first trial that is slowest by far in most replicates is a cold start`() {
        var times = steady(30)
        for first in [0, 10, 20] { times[first] = 1.4e6 }
        let found = warnings([configuration(times, replicates: 3)]).all()
            .filter { $0.kind != .outliers }
        only(.coldStart, found, " %", "3")
        #expect(found.first?.remedy.contains("--warmup 4") == true)
        times[0] = 1e6
        times[10] = 1e6
        #expect(
            warnings([configuration(times, replicates: 3)]).coldStart(
                configuration(times, replicates: 3)
            ) == nil
        )
    }

    @Test(arguments: [1.0, -1])
    func `a slow rise or fall within the replicates is a drift`(sign: Double) {
        let times = steady(30).enumerated().map { $1 * (1 + sign * 0.01 * Double($0 % 15)) }
        let found = warnings([configuration(times, replicates: 2)], target: 0.02).all()
            .filter { $0.kind == .drift }
        only(.drift, found, " %")
        // A longer warm-up helps only where trials became faster.
        #expect(found.first?.remedy.contains("--warmup") == (sign < 0))
    }

    @Test func `a step from one replicate to the next is no drift`() {
        let times = steady(40).enumerated().map { $1 * ($0 < 20 ? 1 : 1.2) }
        #expect(warnings([]).drift(configuration(times, replicates: 2)) == nil)
        #expect(warnings([], target: 0.01).drift(configuration(times)) != nil)
    }

    @Test func `a certain but small drift gives no warning`() {
        let times = (0..<40).map { 1e6 + 200 * Double($0) }
        #expect(RankTrend([times]).probability < 1e-9)
        #expect(warnings([], target: 0.005).drift(configuration(times)) == nil)
    }

    @Test func `a drift among a hundred thousand trials is found`() {
        let times = steady(100_000).enumerated().map { $1 * (1 + 1e-6 * Double($0)) }
        #expect(warnings([], target: 0.01).drift(configuration(times)) != nil)
    }

    @Test func `a build for debugging comes first`() {
        var found = warnings([configuration([1, 2, 1, 2, 1, 2].map { $0 * 100 })])
        #expect(found.all().contains { $0.kind == .shortTrials })
        found.isDebugBuild = true
        #expect(found.all().first?.kind == .debugBuild)
    }

    @Test func `several far trials are outliers, and a single one when it is twice as long`() {
        var times = steady(30)
        times[7] = 1.5e6
        #expect(warnings([configuration(times)]).all().isEmpty)
        times[19] = 1.6e6
        only(.outliers, warnings([configuration(times)]).all(), "2", "30 trials", "1.6")
        var single = steady(30)
        single[12] = 2.5e6
        only(.outliers, warnings([configuration(single)]).all(), "1", "30 trials", "2.5")
    }

    @Test func `more threads than cores, and trials too short for the clock`() {
        #expect(warnings([configuration(steady(9), threads: 4)]).all().isEmpty)
        only(
            .oversubscription,
            warnings([configuration(steady(9), threads: 5)]).all(),
            "5",
            "4 cores"
        )
        let short = steady(9).map { $0 / 10.6 }
        only(.shortTrials, warnings([configuration(short)]).all(), "µs", "20 ns")
        var coarse = warnings([configuration(steady(9))])
        coarse.clockResolutionNanoseconds = 11_000
        only(.shortTrials, coarse.all(), "997.8 µs", "11000 ns")
    }

    @Test func `a warm-up that was cut short gives a warning if the trials show it`() {
        // The trials are noise around one level: the short warm-up did no harm.
        let calm = configuration(steady(30), replicates: 3)
        #expect(warnings([calm], warmupEnd: .budget).all().isEmpty)
        let falling = steady(30).enumerated().map { $1 * (1 - 0.01 * Double($0 % 10)) }
        let cold = configuration(falling, replicates: 3)
        let found = warnings([cold], warmupEnd: .budget, target: 0.01).all()
            .filter { $0.kind == .unsteady }
        only(.unsteady, found, "2 rounds", " %")
        #expect(found.first?.remedy.contains("--warmup 5") == true)
        #expect(warnings([cold], warmupEnd: .steady, target: 0.01).unsteady(cold) == nil)
        #expect(warnings([cold], warmupEnd: .fixed, target: 0.01).unsteady(cold) == nil)
        let rising = configuration(falling.reversed(), replicates: 3)
        #expect(warnings([rising], warmupEnd: .budget, target: 0.01).unsteady(rising) == nil)
        // Two trials per replicate cannot show whether it mattered.
        let few = configuration(steady(6), replicates: 3)
        let unknown = warnings([few], warmupEnd: .budget).all()
        only(.unsteady, unknown, "2 rounds")
        #expect(unknown.first?.sentence.contains("%") == false)
    }

    @Test func `a wide interval names the flags that narrow it`() {
        // A single replicate: more trials.
        let times = steady(12, spread: 0.1)
        let found = warnings([configuration(times)], end: .budget, target: 0.01).all()
        only(.wideInterval, found, "±1.0 %")
        let replicates = (0..<30).map { 1e6 * (1 + 0.04 * Double($0 / 10)) }
        let several = warnings(
            [configuration(replicates, replicates: 3)],
            end: .replicates,
            target: 0.01
        ).all()
        only(.wideInterval, several, "±1.0 %")
        // Medians of 1, 1.04 and 1.08 scatter by 0.0385: t(0.975; 4) = 2.776 gives ±4.8 %.
        for part in ["--replicates 5", "1.7", "--budget", "±5.0 %"] {
            #expect(several.first?.remedy.contains(part) == true, "\(several)")
        }
        let wild = (0..<30).map { 1e6 * Double(1 + $0 / 10) }
        let hopeless = warnings([configuration(wild, replicates: 3)], target: 0.01)
        let remedy = hopeless.wideInterval(configuration(wild, replicates: 3))?.warning.remedy
        #expect(remedy?.contains("--target-interval") == true)
        #expect(remedy?.contains("--replicates") == false)
    }

    @Test(arguments: [(0.049, false), (0.051, true)])
    func `an interval wider than five times its target gives a warning`(
        width: Double,
        isWarned: Bool
    ) throws {
        // Two medians this far apart in logarithms lie ±12.706 / 2 of that around their mean.
        let distance = 2 * log1p(width) / 12.7062
        let times = [1e6, 1e6 * exp(distance)]
        let made = configuration(times, replicates: 2)
        let summary = try #require(SampleSummary(made.samples))
        // The figure is the middle of the two, so the further end is a little less than `width`.
        #expect(abs(try #require(summary.relativeUncertainty) - width) < 1e-3)
        #expect((warnings([], target: 0.01).wideInterval(made) != nil) == isWarned)
    }

    @Test func `a fixed number of trials has no target to miss`() {
        let wild = configuration(steady(12, spread: 0.3))
        #expect(warnings([], end: .trials, target: nil).wideInterval(wild) == nil)
        #expect(warnings([], end: .budget, target: 0.01).wideInterval(wild) != nil)
        let few = warnings([configuration(steady(3))], end: .trials, target: nil).all()
        only(.wideInterval, few, "3 samples")
        #expect(few.first?.remedy.contains("--trials 6") == true)
        // With replicates, one trial of each is enough, and no other number may be named.
        var replicated = warnings([], end: .trials, target: nil)
        replicated.plannedReplicates = 3
        let remedy = replicated.wideInterval(configuration([1e6], replicates: 1))?.warning.remedy
        #expect(remedy?.contains("--trials 3") == true, "\(remedy ?? "")")
    }

    @Test func `a remedy names no flag that the command lacks`() {
        var cold = steady(30)
        cold[0] = 1.4e6
        let falling = steady(30).enumerated().map { $1 * (1 - 0.01 * Double($0)) }
        var found = warnings(
            [
                configuration(cold), configuration(falling), configuration(steady(3)),
                configuration(steady(12, spread: 0.3)),
            ],
            target: 0.01
        )
        func flags() -> Set<String> {
            let remedies = found.configurations.flatMap { one -> [String] in
                [found.coldStart(one), found.drift(one), found.wideInterval(one)]
                    .compactMap { $0?.warning.remedy }
            }
            let words = remedies.joined(separator: " ").split { !$0.isLetter && $0 != "-" }
            return Set(words.filter { $0.hasPrefix("--") }.map(String.init))
        }
        #expect(flags() == ["--warmup", "--budget", "--target-interval"])
        found.adjustments = []
        #expect(flags() == ["--budget"])
        // Where no target can be set, none is named.
        #expect(found.all().allSatisfy { !$0.sentence.contains("±1.0 %") })
    }

    @Test func `of several configurations the worst is named and the others counted`() {
        let threads = [5, 6, 16, 7, 2]
        let found = warnings(
            threads.map { configuration(steady(9), threads: $0, subject: "\($0) workers") }
        ).all()
        #expect(found.map(\.subject) == ["16 workers"])
        // Three others have more threads than the four cores.
        #expect(found.first?.sentence.contains("3") == true, "\(found)")
    }

    /// Counts the false alarms of each kind in small and large noise, in usual sizes.
    @Test(arguments: [(6, 1), (12, 3), (15, 3), (30, 3), (100, 2)], [0.01, 0.05, 0.15])
    func `clean noise raises few alarms`(size: (count: Int, replicates: Int), spread: Double) {
        var generator = SplitMix(seed: 82)
        var alarms: [MeasurementWarning.Kind: Int] = [:]
        let runs = 2_000
        for _ in 0..<runs {
            let times = (0..<size.count).map { _ in 1e6 * generator.time(spread: spread) }
            let made = configuration(times, replicates: size.replicates)
            for warning in warnings([made], target: 0.01).all() {
                alarms[warning.kind, default: 0] += 1
            }
        }
        alarms[.wideInterval] = nil
        expectRate(alarms[.drift] ?? 0, of: runs, atMost: 0.001)
        expectRate(alarms[.coldStart] ?? 0, of: runs, atMost: 0.005)
        expectRate(alarms[.outliers] ?? 0, of: runs, atMost: spread > 0.1 ? 0.05 : 0.005)
        #expect(Set(alarms.keys).isSubset(of: [.drift, .coldStart, .outliers]))
    }
}

struct RankTrendTests {
    @Test func `the exact probability of a small order can be counted`() {
        // Of 24 orders of four, two have the scores ±6 and six the scores ±4.
        #expect(abs(RankTrend([[1, 2, 3, 4]]).probability - 2.0 / 24) < 1e-15)
        #expect(abs(RankTrend([[1, 2, 4, 3]]).probability - 8.0 / 24) < 1e-15)
        #expect(RankTrend([[1, 2], [2, 1]]).probability == 1)
        // Three series of two: eight orders, of which two agree.
        #expect(abs(RankTrend([[1, 2], [3, 4], [5, 6]]).probability - 0.25) < 1e-15)
    }

    @Test func `equal numbers and none at all have no trend`() {
        #expect(RankTrend([[5, 5, 5, 5]]).probability == 1)
        #expect(RankTrend([]).probability == 1)
        #expect(RankTrend([[], [3]]).probability == 1)
    }

    @Test func `chance is reported as often as its probability says`() {
        var generator = SplitMix(seed: 83)
        for (threshold, ties) in [(0.05, false), (0.01, false), (0.05, true)] {
            let found = (0..<3_000).count { _ in
                let series = [9, 14].map { count in
                    (0..<count).map { _ in
                        ties ? (4 * generator.normal()).rounded() : generator.normal()
                    }
                }
                return RankTrend(series).probability <= threshold
            }
            expectRate(found, of: 3_000, atMost: threshold * (ties ? 1.2 : 1))
        }
    }
}

struct MachineWarningTests {
    private func load(
        busy: UInt64,
        own: UInt64?,
        stolen: UInt64 = 0,
        total: UInt64,
        megahertz: [Double] = []
    ) -> MachineLoad {
        MachineLoad(
            cpuCount: 4,
            busyTicks: busy,
            stolenTicks: stolen,
            totalTicks: total,
            ownTicks: own,
            cpuMegahertz: megahertz
        )
    }

    private func made(
        _ configurations: [Configuration] = [],
        _ before: MachineLoad?,
        _ after: MachineLoad?
    ) -> MeasurementWarnings {
        var made = warnings(configurations, target: configurations.isEmpty ? 1 : 0.01)
        made.loadBefore = before
        made.loadAfter = after
        return made
    }

    private func found(_ before: MachineLoad?, _ after: MachineLoad?) -> [MeasurementWarning] {
        made([], before, after).all()
    }

    @Test(
        arguments: [
            // Periods, those stopped; the warning needs one in fifty.
            (100, 2, true), (100, 1, false), (100, 100, true), (0, 0, false), (1, 1, true),
        ] as [(UInt64, UInt64, Bool)]
    )
    func `a CPU limit that stops the run is named`(periods: UInt64, stopped: UInt64, isNamed: Bool)
    {
        func limited(_ periods: UInt64, _ stopped: UInt64) -> MachineLoad {
            var counts = load(busy: 1_000, own: 1_000, total: 10_000)
            counts.throttling = MachineLoad.Throttling(
                periods: 1_000 + periods,
                throttledPeriods: 500 + stopped,
                nanoseconds: 3_000_000_000 + stopped * 20_000_000
            )
            return counts
        }
        let warnings = found(limited(0, 0), limited(periods, stopped))
        #expect(warnings.map(\.kind) == (isNamed ? [.throttled] : []))
        if isNamed {
            let counts = "\(stopped) of \(periods) period"
            #expect(warnings[0].sentence.contains(counts), "\(warnings)")
        }
        // A group that had no limit before has nothing to compare with.
        #expect(
            found(load(busy: 1_000, own: 1_000, total: 10_000), limited(periods, stopped)).isEmpty
        )
    }

    @Test func `threads that share parts of cores are too many`() {
        var one = made([configuration([100])], nil, nil)
        one.coreCount = 0.5
        let found = one.all().filter { $0.kind == .oversubscription }
        #expect(found.first?.sentence.contains("0.50 CPUs") == true, "\(found)")
        one.coreCount = 1.5
        #expect(!one.all().contains { $0.kind == .oversubscription })
    }

    @Test func `the load of other programs and guests is counted without our own`() {
        let before = load(busy: 1_000, own: 100, total: 10_000)
        // Ten seconds of four CPUs, all of them busy with our own work.
        #expect(found(before, load(busy: 5_000, own: 4_100, total: 14_000)).isEmpty)
        let foreign = found(before, load(busy: 3_000, own: 1_100, total: 14_000))
        #expect(foreign.map(\.kind) == [.busyMachine])
        for figure in ["1.0", "4 CPUs"] {
            #expect(foreign.first?.sentence.contains(figure) == true, "\(foreign)")
        }
        let stolen = found(before, load(busy: 2_000, own: 1_100, stolen: 80, total: 14_000))
        #expect(stolen.map(\.kind) == [.busyMachine])
        #expect(stolen.first?.sentence.contains("2.0 %") == true, "\(stolen)")
        #expect(stolen.first?.sentence.contains("4 CPUs") == false, "\(stolen)")
    }

    /// The remedy for other programs names `top`; for other guests it is another host or time.
    @Test func `the remedy depends on who uses the processor`() {
        let before = load(busy: 1_000, own: 100, total: 10_000)
        func after(busy: UInt64, stolen: UInt64) -> MachineLoad {
            load(busy: busy, own: 1_100, stolen: stolen, total: 14_000)
        }
        let here = made([], nil, nil)
        let elsewhere = made([], before, after(busy: 2_000, stolen: 80))
        #expect(!here.isStolenFrom && elsewhere.isStolenFrom)
        let (ofPrograms, ofGuests) = (here.quieter, elsewhere.quieter)
        #expect(ofPrograms != ofGuests)
        for (busy, stolen, isForeign, isStolen) in [
            (3_000, 0, true, false), (2_000, 80, false, true), (3_000, 80, true, true),
        ] as [(UInt64, UInt64, Bool, Bool)] {
            let remedy = found(before, after(busy: busy, stolen: stolen)).first?.remedy ?? ""
            #expect(remedy.contains("`top`") == isForeign, "\(remedy)")
            #expect(remedy.contains(ofGuests) == isStolen, "\(remedy)")
        }
        // So do the remedies of other warnings.
        let wide = [configuration(steady(12, spread: 0.3))]
        let calm = made(wide, nil, nil).all().map(\.remedy)
        let stolen = made(wide, before, after(busy: 2_000, stolen: 80)).all().map(\.remedy)
        #expect(calm.contains { $0.contains(ofPrograms) }, "\(calm)")
        #expect(!stolen.contains { $0.contains(ofPrograms) }, "\(stolen)")
    }

    @Test func `without enough ticks or counts there is no warning`() {
        let before = load(busy: 1_000, own: nil, total: 10_000)
        #expect(found(before, load(busy: 4_000, own: nil, total: 14_000)).isEmpty)
        #expect(found(nil, before).isEmpty)
        #expect(found(before, before).isEmpty)
        // A tenth of a second: ticks are too coarse.
        let short = load(busy: 1_000, own: 0, total: 10_000)
        #expect(found(short, load(busy: 1_030, own: 0, total: 10_040)).isEmpty)
    }

    @Test func `a changed multiply-add rate gives a warning, or without it a changed clock`() {
        var made = warnings([])
        made.peakBefore = 100
        made.peakAfter = 96
        #expect(made.all().isEmpty)
        made.peakAfter = 88
        #expect(made.all().map(\.kind) == [.frequency])
        for figure in ["100", "88 GFLOP/s", "-12 %"] {
            #expect(made.all().first?.sentence.contains(figure) == true)
        }
        made.peakAfter = nil
        made.loadBefore = load(busy: 0, own: 0, total: 1, megahertz: [3_000, 3_200])
        made.loadAfter = load(busy: 0, own: 0, total: 1, megahertz: [2_000, 2_200])
        for figure in ["3100", "2100 MHz"] {
            #expect(made.all().first?.sentence.contains(figure) == true)
        }
    }
}
