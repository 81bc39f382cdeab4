import TestSupport
import Testing

@testable import Timing

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
        _ words: String...
    ) {
        #expect(found.map(\.kind) == [kind], "\(found)")
        for word in words {
            #expect(found.first?.sentence.contains(word) == true, "\(found)")
        }
        #expect(found.allSatisfy { !$0.sentence.hasSuffix(".") && !$0.remedy.hasSuffix(".") })
    }

    @Test func `a clean measurement is left in peace`() {
        #expect(warnings([configuration(steady(30), replicates: 3)]).all().isEmpty)
        #expect(warnings([]).all().isEmpty)
    }

    @Test func `a first trial that is slowest by far in most replicates is a cold start`() {
        var times = steady(30)
        for first in [0, 10, 20] { times[first] = 1.4e6 }
        let found = warnings([configuration(times, replicates: 3)]).all()
            .filter { $0.kind != .outliers }
        only(.coldStart, found, "longer than the median", "in 3 of 3 replicates")
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
        only(.drift, found, sign > 0 ? "slower" : "faster", "over a million")
    }

    @Test func `a step from one replicate to the next is no drift`() {
        let times = steady(40).enumerated().map { $1 * ($0 < 20 ? 1 : 1.2) }
        #expect(warnings([]).drift(configuration(times, replicates: 2)) == nil)
        #expect(warnings([], target: 0.01).drift(configuration(times)) != nil)
    }

    @Test func `a certain drift too small to matter is none`() {
        let times = (0..<40).map { 1e6 + 200 * Double($0) }
        #expect(RankTrend([times]).probability < 1e-9)
        #expect(warnings([], target: 0.005).drift(configuration(times)) == nil)
    }

    @Test func `a drift among a hundred thousand trials is found without comparing all pairs`() {
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
        only(.outliers, warnings([configuration(times)]).all(), "2 of 30 trials", "1.6 times")
        var single = steady(30)
        single[12] = 2.5e6
        only(.outliers, warnings([configuration(single)]).all(), "1 of 30 trials is", "2.5 times")
    }

    @Test func `more threads than cores, and trials too short for the clock`() {
        #expect(warnings([configuration(steady(9), threads: 4)]).all().isEmpty)
        only(
            .oversubscription,
            warnings([configuration(steady(9), threads: 5)]).all(),
            "5 compute threads share 4 cores"
        )
        let short = steady(9).map { $0 / 10.6 }
        only(.shortTrials, warnings([configuration(short)]).all(), "µs", "20 ns")
        var coarse = warnings([configuration(steady(9))])
        coarse.clockResolutionNanoseconds = 11_000
        only(.shortTrials, coarse.all(), "997.8 µs", "11000 ns")
    }

    @Test func `a warm-up that was cut short is told when the trials show it`() {
        // Noise around one level: whatever warming up lacked, nothing is left of it.
        let calm = configuration(steady(30), replicates: 3)
        #expect(warnings([calm], warmupEnd: .budget).all().isEmpty)
        let falling = steady(30).enumerated().map { $1 * (1 - 0.01 * Double($0 % 10)) }
        let cold = configuration(falling, replicates: 3)
        let found = warnings([cold], warmupEnd: .budget, target: 0.01).all()
            .filter { $0.kind == .unsteady }
        only(.unsteady, found, "after 2 rounds", "% faster")
        #expect(found.first?.remedy.contains("--warmup 5") == true)
        #expect(warnings([cold], warmupEnd: .steady, target: 0.01).unsteady(cold) == nil)
        #expect(warnings([cold], warmupEnd: .fixed, target: 0.01).unsteady(cold) == nil)
        let rising = configuration(falling.reversed(), replicates: 3)
        #expect(warnings([rising], warmupEnd: .budget, target: 0.01).unsteady(rising) == nil)
        // Two trials after it cannot show anything.
        let few = configuration(steady(6), replicates: 3)
        only(.unsteady, warnings([few], warmupEnd: .budget).all(), "too few trials followed")
    }

    @Test func `an interval so wide that readings change names what narrows it`() {
        // A single replicate: more trials.
        let times = steady(12, spread: 0.1)
        let found = warnings([configuration(times)], end: .budget, target: 0.01).all()
        only(.wideInterval, found, "not to the ±1.0 %")
        let replicates = (0..<30).map { 1e6 * (1 + 0.04 * Double($0 / 10)) }
        let several = warnings(
            [configuration(replicates, replicates: 3)],
            end: .replicates,
            target: 0.01
        ).all()
        only(.wideInterval, several, "not to the ±1.0 %")
        // Medians of 1, 1.04 and 1.08 scatter by 0.0385: t(0.975; 4) = 2.776 gives ±4.8 %.
        #expect(
            several.first?.remedy
                == "ask for --replicates 5 and 1.7 times the --budget to come "
                + "within ±5.0 %, or stop what else runs here"
        )
        let wild = (0..<30).map { 1e6 * Double(1 + $0 / 10) }
        let hopeless = warnings([configuration(wild, replicates: 3)], target: 0.01)
        let remedy = hopeless.wideInterval(configuration(wild, replicates: 3))?.warning.remedy
        #expect(remedy?.contains("too much for more of them to help") == true)
    }

    @Test(arguments: [(0.049, false), (0.051, true)])
    func `an interval is too wide from five times what was asked for`(
        width: Double,
        isTold: Bool
    ) throws {
        // Two medians this far apart in logarithms lie ±12.706 / 2 of that around their mean.
        let distance = 2 * log1p(width) / 12.7062
        let times = [1e6, 1e6 * exp(distance)]
        let made = configuration(times, replicates: 2)
        let summary = try #require(SampleSummary(made.samples))
        // The figure is the middle of the two, so the further end is a little less than `width`.
        #expect(abs(try #require(summary.relativeUncertainty) - width) < 1e-3)
        #expect((warnings([], target: 0.01).wideInterval(made) != nil) == isTold)
    }

    @Test func `a number of trials that was asked for misses no interval`() {
        let wild = configuration(steady(12, spread: 0.3))
        #expect(warnings([], end: .trials, target: nil).wideInterval(wild) == nil)
        #expect(warnings([], end: .budget, target: 0.01).wideInterval(wild) != nil)
        let few = warnings([configuration(steady(3))], end: .trials, target: nil).all()
        only(.wideInterval, few, "3 samples give the median no interval")
        #expect(few.first?.remedy == "ask for --trials 6 or more")
    }

    @Test func `no remedy names a flag that is not there`() {
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
        #expect(found.all().allSatisfy { !$0.sentence.contains("asked for") })
    }

    @Test func `of several configurations the worst is named and the others counted`() {
        let found = warnings([
            configuration(steady(9), threads: 8, subject: "8 workers"),
            configuration(steady(9), threads: 16, subject: "16 workers"),
            configuration(steady(9), threads: 2, subject: "2 workers"),
        ]).all()
        #expect(found.map(\.subject) == ["16 workers"])
        #expect(found.first?.sentence.hasSuffix("; 1 other configuration likewise") == true)
    }

    /// Clean noise, small and large, in the sizes that measurements have: false alarms of each kind.
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

    private func found(_ before: MachineLoad?, _ after: MachineLoad?) -> [MeasurementWarning] {
        var made = warnings([])
        made.loadBefore = before
        made.loadAfter = after
        return made.all()
    }

    @Test func `other programs and other guests are told from our own work`() {
        let before = load(busy: 1_000, own: 100, total: 10_000)
        // Ten seconds of four CPUs, all of them busy with our own work.
        #expect(found(before, load(busy: 5_000, own: 4_100, total: 14_000)).isEmpty)
        let foreign = found(before, load(busy: 3_000, own: 1_100, total: 14_000))
        #expect(foreign.map(\.kind) == [.busyMachine])
        #expect(foreign.first?.sentence == "other programs used 1.0 of 4 CPUs")
        let stolen = found(before, load(busy: 2_000, own: 1_100, stolen: 80, total: 14_000))
        #expect(
            stolen.first?.sentence == "the hypervisor gave 2.0 % of the time to other guests"
        )
    }

    @Test func `only what runs on this machine is to be stopped`() {
        let before = load(busy: 1_000, own: 100, total: 10_000)
        func remedy(busy: UInt64, stolen: UInt64) -> String {
            found(before, load(busy: busy, own: 1_100, stolen: stolen, total: 14_000)).first?.remedy
                ?? ""
        }
        #expect(remedy(busy: 3_000, stolen: 0) == "stop the programs (`top` names them) and repeat")
        let guests = remedy(busy: 2_000, stolen: 80)
        #expect(guests.contains("nothing on this machine can stop the other guests"), "\(guests)")
        #expect(guests.contains("another host, or another time"))
        #expect(!guests.contains("stop the programs"))
        let both = remedy(busy: 3_000, stolen: 80)
        #expect(both.hasPrefix("stop the programs (`top` names them)"), "\(both)")
        #expect(both.contains("nothing on this machine can stop the other guests"))
        // Other warnings do not ask for what cannot be done either.
        var made = warnings([configuration(steady(12, spread: 0.3))], target: 0.01)
        #expect(made.all().contains { $0.remedy.contains("stop what else runs here") })
        made.loadBefore = before
        made.loadAfter = load(busy: 2_000, own: 1_100, stolen: 80, total: 14_000)
        #expect(!made.all().contains { $0.remedy.contains("stop what else runs here") })
    }

    @Test func `what cannot be known is not warned of`() {
        let before = load(busy: 1_000, own: nil, total: 10_000)
        #expect(found(before, load(busy: 4_000, own: nil, total: 14_000)).isEmpty)
        #expect(found(nil, before).isEmpty)
        #expect(found(before, before).isEmpty)
        // A tenth of a second: ticks are too coarse.
        let short = load(busy: 1_000, own: 0, total: 10_000)
        #expect(found(short, load(busy: 1_030, own: 0, total: 10_040)).isEmpty)
    }

    @Test func `a changed rate of multiply-adds is told, with the clocks to fall back on`() {
        var made = warnings([])
        made.peakBefore = 100
        made.peakAfter = 96
        #expect(made.all().isEmpty)
        made.peakAfter = 88
        #expect(made.all().map(\.kind) == [.frequency])
        #expect(made.all().first?.sentence.contains("from 100 to 88 GFLOP/s (-12 %)") == true)
        made.peakAfter = nil
        made.loadBefore = load(busy: 0, own: 0, total: 1, megahertz: [3_000, 3_200])
        made.loadAfter = load(busy: 0, own: 0, total: 1, megahertz: [2_000, 2_200])
        #expect(made.all().first?.sentence.contains("from 3100 to 2100 MHz") == true)
    }

    @Test func `the kernel's counts are read, our children among them`() throws {
        var machine = DescribedMachine()
        #expect(MachineLoad(files: machine.systemFiles) == nil)
        machine.files["/proc/stat"] = """
            cpu  100 20 30 400 50 6 7 80 90 0
            cpu0 50 10 15 200 25 3 3 40 45 0
            cpu1 50 10 15 200 25 3 4 40 45 0
            intr 1 2 3
            """
        machine.files["/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq"] = "2400000\n"
        let hidden = try #require(MachineLoad(files: machine.systemFiles))
        #expect(hidden.cpuCount == 2)
        #expect(hidden.busyTicks == 150 && hidden.stolenTicks == 80 && hidden.totalTicks == 693)
        #expect(hidden.ownTicks == nil)
        #expect(hidden.cpuMegahertz == [2_400])

        func stat(_ identifier: Int, _ times: String) -> String {
            "\(identifier) (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 \(times) 20 0 1 0\n"
        }
        machine.files["/proc/self/stat"] = stat(7, "10 20 30 40")
        machine.files["/proc/7/stat"] = stat(7, "10 20 30 40")
        machine.files["/proc/7/task/7/children"] = "8 9 \n"
        machine.files["/proc/8/stat"] = stat(8, "1 2 3 4")
        machine.files["/proc/8/task/8/children"] = "11 "
        machine.files["/proc/11/stat"] = stat(11, "1000 0 0 0")
        // 9 has just ended.
        #expect(MachineLoad(files: machine.systemFiles)?.ownTicks == 1_110)
    }

    /// Now and then a count takes a step back: the kernel corrects the time that processors waited,
    /// and a program of another test ends between two readings and takes its ticks along.
    @Test func `the counts of this machine grow`() {
        let loads = (0..<40).compactMap { _ in MachineLoad.current() }
        let grown = zip(loads, loads.dropFirst()).filter { first, second in
            second.totalTicks >= first.totalTicks && second.busyTicks >= first.busyTicks
                && second.ownTicks ?? 0 >= first.ownTicks ?? 0
                && second.ownTicks ?? 0 <= second.totalTicks
        }
        #expect(loads.isEmpty || grown.count >= 30, "\(loads)")
    }

    @Test func `the clock's resolution is its smallest step`() {
        var time: UInt64 = 0
        var step: UInt64 = 0
        let smallest = Clock.resolutionNanoseconds(readings: 9) {
            step += 1
            time += step % 3 * 40
            return time
        }
        #expect(smallest == 40)
        #expect(Clock.resolutionNanoseconds(readings: 9) { 5 } == 0)
        #expect(Clock.resolutionNanoseconds() > 0)
    }
}
