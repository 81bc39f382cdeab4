/// Warnings about what the machine did during the measurement.
extension MeasurementWarnings {
    /// Only the kernels are optimised in every build.
    func debugBuild() -> Finding? {
        guard isDebugBuild else { return nil }
        return Finding(
            warning: MeasurementWarning(
                .debugBuild,
                sentence:
                    "this is a debug build, and its times are not those of a release build",
                remedy: "build it with `swift build -c release` and repeat"
            ),
            severity: 1
        )
    }

    /// Other guests or other programs used a part of the processor.
    func busyMachine() -> Finding? {
        let (stolen, foreign) = (stolenShare, foreignCPUs)
        let isForeign = foreign > max(0.1, 0.02 * Double(loadAfter?.cpuCount ?? 1))
        guard isStolenFrom || isForeign else { return nil }
        let loads = [
            isForeign
                ? "other programs used \(Figures.decimal(foreign, places: 1)) of "
                    + Figures.counted(loadAfter?.cpuCount ?? 1, "CPU") : nil,
            isStolenFrom
                ? "the hypervisor gave \(Figures.percent(stolen)) of the time to other guests"
                : nil,
        ].compactMap { $0 }
        let remedies = [
            isForeign ? "stop the other programs (`top` shows them) and repeat" : nil,
            isStolenFrom
                ? "you cannot stop the other guests from this machine: \(quieter), and compare only "
                    + "times of the same rounds"
                : nil,
        ].compactMap { $0 }
        return Finding(
            warning: MeasurementWarning(
                .busyMachine,
                sentence: loads.joined(separator: " and "),
                remedy: remedies.joined(separator: "; ")
            ),
            severity: stolen + foreign
        )
    }

    /// The CPU limit of a control group stopped the processes in more than a few of its periods.
    func throttled() -> Finding? {
        guard let before = loadBefore?.throttling, let after = loadAfter?.throttling,
            after.periods > before.periods, after.throttledPeriods > before.throttledPeriods
        else { return nil }
        let periods = after.periods - before.periods
        let stopped = after.throttledPeriods - before.throttledPeriods
        // One in fifty moves no median.
        guard stopped * 50 >= periods else { return nil }
        let nanoseconds = after.nanoseconds &- before.nanoseconds
        return Finding(
            warning: MeasurementWarning(
                .throttled,
                sentence: "the CPU limit of the control group stopped its processes in \(stopped) "
                    + "of \(Figures.counted(Int(clamping: periods), "period")), for "
                    + Figures.duration(nanoseconds: Double(nanoseconds)),
                remedy: "raise the limit (for a container, its CPUs), or use fewer --workers or "
                    + "--threads than it grants"
            ),
            severity: Double(stopped) / Double(periods)
        )
    }

    /// Whether other guests of the hypervisor used enough time to mention.
    var isStolenFrom: Bool { stolenShare > 0.01 }

    /// How to be disturbed less; the remedy depends on who disturbs.
    var quieter: String {
        isStolenFrom ? "use another host, or measure at another time" : "stop other programs"
    }

    /// All ticks between the two counts; nil if they are too few for a conclusion.
    private var passedTicks: Double? {
        guard let before = loadBefore, let after = loadAfter, after.totalTicks > before.totalTicks
        else { return nil }
        let total = Double(after.totalTicks - before.totalTicks)
        // Half a second of all CPUs: with less, one tick more or less would be a percent.
        return total >= 50 * Double(after.cpuCount) ? total : nil
    }

    private func passed(_ ticks: (MachineLoad) -> UInt64) -> Double {
        guard let before = loadBefore, let after = loadAfter else { return 0 }
        return Double(ticks(after)) - Double(ticks(before))
    }

    private var stolenShare: Double {
        passedTicks.map { max(passed(\.stolenTicks), 0) / $0 } ?? 0
    }

    /// The average number of CPUs that other programs used.
    private var foreignCPUs: Double {
        guard let total = passedTicks, let after = loadAfter, let ownAfter = after.ownTicks,
            let ownBefore = loadBefore?.ownTicks
        else { return 0 }
        let own = max(Double(ownAfter) - Double(ownBefore), 0)
        // The two counts are made in different ways and agree only to some percent.
        return max(passed(\.busyTicks) - 1.03 * own, 0) * Double(after.cpuCount) / total
    }

    /// The processor was faster or slower at the end than at the beginning.
    ///
    /// The rate of multiply-adds decides, because this rate matters. If it was not measured, the
    /// clock rates that the kernel reports decide, with a larger tolerance because an idle CPU
    /// lowers its clock.
    func frequency() -> Finding? {
        let isMeasured = peakBefore != nil && peakAfter != nil
        let before = isMeasured ? peakBefore : Self.mean(loadBefore?.cpuMegahertz)
        let after = isMeasured ? peakAfter : Self.mean(loadAfter?.cpuMegahertz)
        guard let before, let after, before > 0, after > 0 else { return nil }
        let change = after / before - 1
        guard abs(change) > (isMeasured ? 0.05 : 0.15) else { return nil }
        let unit = isMeasured ? "GFLOP/s" : "MHz"
        return Finding(
            warning: MeasurementWarning(
                .frequency,
                sentence:
                    "the \(isMeasured ? "multiply-add rate of a core" : "clock of the CPUs") "
                    + "changed from \(Figures.decimal(before, places: 0)) to "
                    + "\(Figures.decimal(after, places: 0)) \(unit) "
                    + "(\(change > 0 ? "+" : "")\(Figures.percent(change))) during the run",
                remedy: "set the governor with `cpupower frequency-set -g performance`, let the "
                    + "machine cool, and repeat"
            ),
            severity: abs(change)
        )
    }

    private static func mean(_ numbers: [Double]?) -> Double? {
        guard let numbers, !numbers.isEmpty else { return nil }
        return numbers.reduce(0, +) / Double(numbers.count)
    }
}
