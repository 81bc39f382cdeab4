import Platform

/// The machine of a measurement: enough to judge a number and to decide if two are comparable.
///
/// Everything comes from `/proc` and `/sys`. Values that a container hides are nil or empty, never
/// guessed.
package struct HostDescription: Hashable, Sendable, Codable {
    package var hostName: String
    package var operatingSystem: String
    package var kernelRelease: String
    package var processorModel: String
    package var socketsOnline: Int
    /// Physical cores; with simultaneous multithreading, fewer than the CPUs.
    package var coresOnline: Int
    /// Hardware threads: the CPUs that the kernel schedules on.
    package var cpusOnline: Int
    /// The CPUs this process may run on, ascending.
    package var allowedCPUs: [Int]
    /// The instruction sets that have a kernel and that this processor runs, weakest first.
    package var instructionSets: [String]
    package var level1DataCacheBytes: Int?
    package var level2CacheBytes: Int?
    package var level3CacheBytes: Int?
    package var memoryTotalBytes: Int?
    package var memoryAvailableBytes: Int?
    /// The frequency governor of the allowed CPUs, or "none reported".
    package var governor: String
    /// The runnable tasks, averaged over 1, 5 and 15 minutes.
    package var loadAverage: [Double]
    /// The CPU time that the control group grants, in CPUs; nil without a limit.
    package var cgroupCPULimit: Double?
    package var cgroupMemoryLimitBytes: Int?
    /// What that limit leaves beside what the group already uses.
    package var cgroupMemoryAvailableBytes: Int?
    package var isVirtualMachine: Bool
    /// As the library itself reports it; the caller knows, this module does not speak ZeroMQ.
    package var libzmqVersion: String?
    /// The compiler that built this program, as exactly as a program can know it.
    package var swiftVersion: String
    /// The commit checked out where the program was built, when it was; nil when it runs elsewhere.
    package var commit: String?
    /// Sixteen hexadecimal digits over everything that makes times comparable.
    ///
    /// That is processor, CPUs online and allowed, caches, memory, limits, governor, kernel, and
    /// whether it is virtual: equal digits, comparable times.
    package var fingerprint: String

    static let noGovernor = "none reported"
}

extension HostDescription {
    /// Describes this machine as it is now.
    package static func current(
        libzmqVersion: String? = nil,
        commit: String? = nil
    ) -> HostDescription {
        HostDescription(
            files: .live,
            allowedCPUs: allowedCPUsOfThisProcess(),
            instructionSets: compiledInstructionSets(),
            libzmqVersion: libzmqVersion,
            commit: commit
                ?? CommitLookup(files: .live).commit(
                    ofProgram: programPath(),
                    linkSeconds: programLinkSeconds()
                )
        )
    }

    /// The CPU time that a run can use, in CPUs: the allowed CPUs, or less under a limit.
    ///
    /// A limit is often no whole number.
    package var usableCPUs: Double {
        let allowed = Double(max(allowedCPUs.count, 1))
        return min(allowed, cgroupCPULimit ?? allowed)
    }

    /// The number of threads that can run at once and are never stopped by a limit; at least 1.
    package var usableCPUCount: Int { max(1, Int(usableCPUs)) }

    /// The most workers that can be faster than one less: the last may have a part of a CPU.
    package var largestUsefulWorkerCount: Int { max(1, Int(usableCPUs.rounded(.up))) }

    /// The memory that a run can use: the available memory, or less under a limit.
    package var usableMemoryBytes: Int? {
        // An older record has no available bytes of its group.
        [memoryAvailableBytes, cgroupMemoryAvailableBytes ?? cgroupMemoryLimitBytes]
            .compactMap { $0 }.min()
    }

    package var hasSimultaneousMultithreading: Bool { coresOnline < cpusOnline }
}

extension HostDescription {
    init(
        files: SystemFiles,
        allowedCPUs: [Int]?,
        instructionSets: [String],
        libzmqVersion: String? = nil,
        commit: String? = nil
    ) {
        let topology = CPUTopology(files: files)
        let memory = MemoryDescription(files: files)
        let limits = ControlGroupLimits(files: files)
        let allowed = allowedCPUs ?? topology.onlineCPUs

        hostName = files.line("/proc/sys/kernel/hostname") ?? "unknown"
        operatingSystem = operatingSystemName(files) ?? "unknown"
        kernelRelease = files.line("/proc/sys/kernel/osrelease") ?? "unknown"
        processorModel = topology.model ?? "unknown"
        socketsOnline = topology.socketCount
        coresOnline = topology.coreCount
        cpusOnline = topology.onlineCPUs.count
        self.allowedCPUs = allowed
        self.instructionSets = instructionSets
        level1DataCacheBytes = topology.level1DataCacheBytes
        level2CacheBytes = topology.level2CacheBytes
        level3CacheBytes = topology.level3CacheBytes
        memoryTotalBytes = memory.totalBytes
        memoryAvailableBytes = memory.availableBytes
        governor = governorName(files, cpus: allowed) ?? Self.noGovernor
        loadAverage = loadAverages(files)
        cgroupCPULimit = limits.cpuLimit
        cgroupMemoryLimitBytes = limits.memoryLimitBytes
        cgroupMemoryAvailableBytes = limits.memoryAvailableBytes
        isVirtualMachine = topology.isVirtualMachine
        self.libzmqVersion = libzmqVersion
        swiftVersion = compilerVersion()
        self.commit = commit
        fingerprint = ""
        fingerprint = computedFingerprint()
    }

    /// The hash is FNV-1a: the digits must be the same in every process and release.
    ///
    /// The standard library's hashing is seeded and differs.
    private func computedFingerprint() -> String {
        let gibibyte = 1 << 30
        let parts: [String] = [
            processorModel, "\(socketsOnline)", "\(coresOnline)", "\(cpusOnline)",
            "\(allowedCPUs)", instructionSets.joined(separator: ","),
            "\(level1DataCacheBytes ?? 0)", "\(level2CacheBytes ?? 0)",
            "\(level3CacheBytes ?? 0)", "\((memoryTotalBytes ?? 0) / gibibyte)",
            "\(cgroupCPULimit ?? 0)", governor, "\(isVirtualMachine)", kernelRelease,
        ]
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in parts.joined(separator: "\n").utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

private func operatingSystemName(_ files: SystemFiles) -> String? {
    for path in ["/etc/os-release", "/usr/lib/os-release"] {
        guard let text = files.contents(path) else { continue }
        for line in text.split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
            return trimmed(line.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" && $0 != "'" })
        }
    }
    return nil
}

private func loadAverages(_ files: SystemFiles) -> [Double] {
    guard let line = files.line("/proc/loadavg") else { return [] }
    let averages = line.split(separator: " ").prefix(3).compactMap { Double($0) }
    return averages.count == 3 ? averages : []
}

/// Every governor in use, once each; more than one is worth knowing.
private func governorName(_ files: SystemFiles, cpus: [Int]) -> String? {
    let names = Set(
        cpus.compactMap {
            files.line("/sys/devices/system/cpu/cpu\($0)/cpufreq/scaling_governor")
        }
    )
    return names.isEmpty ? nil : names.sorted().joined(separator: ", ")
}

private func compilerVersion() -> String {
    #if compiler(>=6.5)
    "6.5 or later"
    #elseif compiler(>=6.4)
    "6.4"
    #elseif compiler(>=6.3)
    "6.3"
    #else
    "6.2 or earlier"
    #endif
}
