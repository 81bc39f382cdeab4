/// What the machine did meanwhile, and how warming up ended.
extension MeasurementWarnings {
    /// Other guests or other programs had a part of the processor.
    func busyMachine() -> Finding? {
        guard let before = loadBefore, let after = loadAfter, after.totalTicks > before.totalTicks
        else { return nil }
        let total = Double(after.totalTicks - before.totalTicks)
        // Half a second of all CPUs: below that a tick more or less is a percent.
        guard total >= 50 * Double(after.cpuCount) else { return nil }
        func passed(_ path: (MachineLoad) -> UInt64) -> Double {
            Double(path(after)) - Double(path(before))
        }
        let stolen = max(passed(\.stolenTicks), 0) / total
        let perTick = Double(after.cpuCount) / total
        var foreign = 0.0
        if let ownBefore = before.ownTicks, let ownAfter = after.ownTicks {
            let own = Double(ownAfter) - Double(ownBefore)
            // The two counts are made in different ways and agree to some percent.
            foreign = max(passed(\.busyTicks) - 1.03 * max(own, 0), 0) * perTick
        }
        let isForeign = foreign > max(0.1, 0.02 * Double(after.cpuCount))
        guard stolen > 0.01 || isForeign else { return nil }
        let loads = [
            isForeign
                ? "other programs used \(Figures.decimal(foreign, places: 1)) of "
                    + Figures.counted(after.cpuCount, "CPU") : nil,
            stolen > 0.01
                ? "the hypervisor gave \(Figures.percent(stolen)) of the time to other guests"
                : nil,
        ].compactMap { $0 }
        return Finding(
            warning: MeasurementWarning(
                .busyMachine,
                sentence: loads.joined(separator: " and "),
                remedy: isForeign
                    ? "stop them (`top` names them) and repeat"
                    : "repeat at a quieter time or on a machine of its own, and compare only what "
                        + "was measured in the same rounds"
            ),
            severity: stolen + foreign
        )
    }

    /// The processor was faster or slower at the end than at the beginning.
    ///
    /// Told from the rate of multiply-adds, which is what counts; where that was not measured, from
    /// the clock rates the kernel reports, with more patience because an idle CPU clocks down.
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
                sentence: "the \(isMeasured ? "multiply-add rate of a core" : "clock of the CPUs") "
                    + "went from \(Figures.decimal(before, places: 0)) to "
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

    /// Warming up ended before the times were steady.
    func unsteady() -> Finding? {
        guard sampling.warmupEnd == .budget else { return nil }
        let each = sampling.warmupRounds / max(sampling.replicates, 1)
        return Finding(
            warning: MeasurementWarning(
                .unsteady,
                sentence: "times were not steady yet when warming up ended after "
                    + "\(Figures.counted(each, "round")) in each replicate",
                remedy: "raise --budget, or ask for more untimed rounds, such as --warmup "
                    + "\(2 * max(each, 1) + 1)"
            ),
            severity: 1
        )
    }
}
