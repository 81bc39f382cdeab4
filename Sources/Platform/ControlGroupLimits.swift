/// The control-group limits of this process: the tightest of its group and of all groups above it.
///
/// Both version 2 and version 1 are read.
package struct ControlGroupLimits {
    /// CPU time, in CPUs; nil without a limit.
    package private(set) var cpuLimit: Double?
    package private(set) var memoryLimitBytes: Int?
    /// What the limits leave beside what the groups already use; nil without a limit.
    package private(set) var memoryAvailableBytes: Int?
    /// How many more processes and threads the groups may have; nil without a limit.
    package private(set) var taskRoom: Int?

    package init(files: SystemFiles) {
        let folders = ControlGroupFolders(files: files)
        for folder in folders.version2 {
            let words = (files.line("\(folder)/cpu.max") ?? "").split(separator: " ")
            if words.count == 2 { restrictCPU(quota: Double(words[0]), period: Double(words[1])) }
            // Beyond `high`, the kernel slows the group down until it is no use to measure.
            for name in ["memory.max", "memory.high"] {
                restrictMemory(
                    files.integer("\(folder)/\(name)"),
                    used: files.integer("\(folder)/memory.current"),
                    files.contents("\(folder)/memory.stat"),
                    prefix: ""
                )
            }
            restrictTasks(files, folder)
        }
        for folder in folders.version1("cpu") {
            restrictCPU(
                quota: files.integer("\(folder)/cpu.cfs_quota_us").map { Double($0) },
                period: files.integer("\(folder)/cpu.cfs_period_us").map { Double($0) }
            )
        }
        for folder in folders.version1("memory") {
            restrictMemory(
                files.integer("\(folder)/memory.limit_in_bytes"),
                used: files.integer("\(folder)/memory.usage_in_bytes"),
                files.contents("\(folder)/memory.stat"),
                prefix: "total_"
            )
        }
        for folder in folders.version1("pids") { restrictTasks(files, folder) }
    }

    /// A quota that is not a number (`max`) or is negative (−1) means no limit.
    private mutating func restrictCPU(quota: Double?, period: Double?) {
        guard let quota, let period, quota > 0, period > 0, (quota / period).isFinite else {
            return
        }
        cpuLimit = min(cpuLimit ?? .infinity, quota / period)
    }

    /// Version 1 writes "no limit" as the largest multiple of a page.
    ///
    /// Cached files count as used, but give way to what a program needs.
    private mutating func restrictMemory(
        _ limit: Int?,
        used: Int?,
        _ statistics: String?,
        prefix: String
    ) {
        guard let limit, limit > 0, limit < 1 << 60 else { return }
        memoryLimitBytes = min(memoryLimitBytes ?? .max, limit)
        var cached = 0
        for line in (statistics ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let bytes = Int(words[1]), (0..<1 << 60).contains(bytes),
                words[0] == "\(prefix)inactive_file" || words[0] == "\(prefix)active_file"
            else { continue }
            cached += bytes
        }
        let held = max((used ?? 0) - cached, 0)
        memoryAvailableBytes = min(memoryAvailableBytes ?? .max, max(limit - held, 0))
    }

    /// The file holds `max` where there is no limit.
    private mutating func restrictTasks(_ files: SystemFiles, _ folder: String) {
        guard let most = files.integer("\(folder)/pids.max") else { return }
        let room = most - (files.integer("\(folder)/pids.current") ?? 0)
        taskRoom = min(taskRoom ?? .max, max(room, 0))
    }
}
