/// The control-group limits of this process: the tightest of its group and of all groups above it.
///
/// Both version 2 and version 1 are read.
package struct ControlGroupLimits {
    /// CPU time, in CPUs; nil without a limit.
    package var cpuLimit: Double?
    package var memoryLimitBytes: Int?

    package init(files: SystemFiles) {
        for line in (files.contents("/proc/self/cgroup") ?? "").split(separator: "\n") {
            // hierarchy:controllers:path, where version 2 has no controllers.
            let fields = line.split(
                separator: ":",
                maxSplits: 2,
                omittingEmptySubsequences: false
            )
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",")
            let groups = Self.groupAndAncestors(String(fields[2]))
            if fields[1].isEmpty {
                for root in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] {
                    for group in groups { restrict(files, version2: root + group) }
                }
            }
            if controllers.contains("cpu") {
                for root in ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"] {
                    for group in groups { restrictCPU(files, version1: root + group) }
                }
            }
            if controllers.contains("memory") {
                for group in groups {
                    restrictMemory(
                        files.integer("/sys/fs/cgroup/memory\(group)/memory.limit_in_bytes")
                    )
                }
            }
        }
    }

    private mutating func restrict(_ files: SystemFiles, version2 folder: String) {
        restrictMemory(files.integer("\(folder)/memory.max"))
        let words = (files.line("\(folder)/cpu.max") ?? "").split(separator: " ")
        guard words.count == 2 else { return }
        restrictCPU(quota: Double(words[0]), period: Double(words[1]))
    }

    private mutating func restrictCPU(_ files: SystemFiles, version1 folder: String) {
        restrictCPU(
            quota: files.integer("\(folder)/cpu.cfs_quota_us").map { Double($0) },
            period: files.integer("\(folder)/cpu.cfs_period_us").map { Double($0) }
        )
    }

    /// A quota that is not a number (`max`) or is negative (−1) means no limit.
    private mutating func restrictCPU(quota: Double?, period: Double?) {
        guard let quota, let period, quota > 0, period > 0, (quota / period).isFinite else {
            return
        }
        cpuLimit = min(cpuLimit ?? .infinity, quota / period)
    }

    /// Version 1 writes "no limit" as the largest multiple of a page.
    private mutating func restrictMemory(_ bytes: Int?) {
        guard let bytes, bytes > 0, bytes < 1 << 60 else { return }
        memoryLimitBytes = min(memoryLimitBytes ?? .max, bytes)
    }

    /// `/a/b` gives `/a/b`, `/a` and the empty path of the root.
    private static func groupAndAncestors(_ path: String) -> [String] {
        let names = path.split(separator: "/")
        return (0...names.count).reversed().map { count in
            names[..<count].map { "/" + $0 }.joined()
        }
    }
}
