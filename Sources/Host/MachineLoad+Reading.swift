import Platform
import Statistics

extension MachineLoad {
    /// This machine, now; nil where the kernel does not count.
    package static func current() -> MachineLoad? { MachineLoad(files: .live) }

    package init?(files: SystemFiles) {
        let lines = (files.contents("/proc/stat") ?? "").split(separator: "\n")
        guard let whole = lines.first(where: { $0.hasPrefix("cpu ") }) else { return nil }
        // user nice system idle iowait irq softirq steal; time of guests is within user's.
        let ticks = whole.split(separator: " ").dropFirst().prefix(8).map { UInt64($0) ?? 0 }
        guard ticks.count >= 4 else { return nil }
        let names = lines.filter { $0.hasPrefix("cpu") }.compactMap {
            $0.split(separator: " ").first
        }
        let cpuCount = max(names.count - 1, 1)
        self.init(
            cpuCount: cpuCount,
            busyTicks: ticks[0] &+ ticks[1] &+ ticks[2],
            stolenTicks: ticks.count >= 8 ? ticks[7] : 0,
            totalTicks: ticks.reduce(0, &+),
            ownTicks: Self.treeTicks(files),
            throttling: CPUThrottling(files: files).map { counts in
                MachineLoad.Throttling(
                    periods: counts.periods,
                    throttledPeriods: counts.throttledPeriods,
                    nanoseconds: counts.throttledNanoseconds
                )
            },
            cpuMegahertz: (0..<cpuCount).compactMap { cpu in
                // In kilohertz.
                files.integer("/sys/devices/system/cpu/cpu\(cpu)/cpufreq/scaling_cur_freq").map {
                    Double($0) / 1e3
                }
            }
        )
    }

    /// The ticks of this process and of all its descendants.
    private static func treeTicks(_ files: SystemFiles) -> UInt64? {
        guard let own = files.line("/proc/self/stat"),
            let identifier = own.split(separator: " ").first,
            files.contents("/proc/\(identifier)/task/\(identifier)/children") != nil
        else { return nil }
        var waiting = [String(identifier)]
        var sum: UInt64 = 0
        // A bound, in case processes start faster than this loop counts them.
        for _ in 0..<65_536 {
            guard let process = waiting.popLast() else { break }
            // The parent counts a process that has just ended, once the parent has waited for it.
            guard let line = files.line("/proc/\(process)/stat") else { continue }
            sum &+= ticks(ofStatLine: line)
            let children = files.line("/proc/\(process)/task/\(process)/children") ?? ""
            waiting += children.split(separator: " ").map { String($0) }
        }
        return sum
    }

    /// User and kernel time of a process and of its children that were waited for.
    private static func ticks(ofStatLine line: String) -> UInt64 {
        // The name, in parentheses, may hold any character; the fields after the last parenthesis
        // do not.
        guard let end = line.lastIndex(of: ")") else { return 0 }
        let fields = line[line.index(after: end)...].split(separator: " ")
        guard fields.count > 14 else { return 0 }
        return fields[11...14].reduce(0) { $0 &+ (UInt64($1) ?? 0) }
    }
}
