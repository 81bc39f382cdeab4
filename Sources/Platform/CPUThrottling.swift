/// How often and how long the CPU limits of this process's control groups have stopped them.
///
/// The counts include other processes of the same groups.
package struct CPUThrottling: Hashable, Sendable {
    /// Periods in which a group ran, and those in which it had used up its time.
    package var periods: UInt64 = 0
    package var throttledPeriods: UInt64 = 0
    /// The sum over the CPUs on which processes waited.
    package var throttledNanoseconds: UInt64 = 0

    /// The counts of the groups with a limit; nil without a limit.
    package init?(files: SystemFiles) {
        let folders = ControlGroupFolders(files: files)
        let statistics = (folders.version2 + folders.version1("cpu")).compactMap {
            files.contents("\($0)/cpu.stat")
        }
        for text in statistics {
            var counts: [Substring: UInt64] = [:]
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.count == 2 { counts[words[0]] = UInt64(words[1]) }
            }
            // A group without a limit has no periods.
            guard let passed = counts["nr_periods"], passed > 0 else { continue }
            periods = max(periods, passed)
            throttledPeriods &+= counts["nr_throttled"] ?? 0
            // Version 2 counts microseconds.
            throttledNanoseconds &+=
                counts["throttled_time"] ?? ((counts["throttled_usec"] ?? 0) &* 1000)
        }
        guard periods > 0 else { return nil }
    }
}
