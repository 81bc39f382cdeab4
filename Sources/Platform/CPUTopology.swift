/// The processor as the kernel reports it: which CPUs exist, and which share a core or a cache.
package struct CPUTopology {
    package var model: String?
    /// Never empty.
    package var onlineCPUs: [Int]
    package var socketCount: Int
    /// The online CPUs of each core, ascending: one, or more with simultaneous multithreading.
    ///
    /// Cores of one socket are neighbours, so that threads with neighbouring cores share its memory.
    package var cores: [[Int]]
    package var level1DataCacheBytes: Int?
    package var level2CacheBytes: Int?
    package var level3CacheBytes: Int?
    package var isVirtualMachine: Bool

    package var coreCount: Int { cores.count }

    package init(files: SystemFiles) {
        let processors = files.contents("/proc/cpuinfo") ?? ""
        model = Self.model(processors)

        let counted = processors.split(separator: "\n").count { $0.hasPrefix("processor") }
        let listed = files.line("/sys/devices/system/cpu/online").flatMap(parseCPUList) ?? []
        let online = listed.isEmpty ? Array(0..<max(counted, 1)) : listed
        onlineCPUs = online

        // A core is identified by the CPUs that share it: core numbers repeat from socket to
        // socket, and virtual machines report them unreliably.
        let base = "/sys/devices/system/cpu/cpu"
        func socket(_ cpu: Int) -> Int {
            files.integer("\(base)\(cpu)/topology/physical_package_id") ?? 0
        }
        let siblings = Dictionary(grouping: online) {
            files.line("\(base)\($0)/topology/thread_siblings_list") ?? "\($0)"
        }
        cores = siblings.values.sorted { (socket($0[0]), $0[0]) < (socket($1[0]), $1[0]) }
        socketCount = Set(online.map(socket)).count

        let caches = Self.caches(files, cpu: online[0])
        level1DataCacheBytes = caches[1]
        level2CacheBytes = caches[2]
        level3CacheBytes = caches[3]

        let flags = Self.value(of: ["flags", "Features"], in: processors) ?? ""
        isVirtualMachine =
            flags.split(separator: " ").contains("hypervisor")
            || files.line("/sys/hypervisor/type") != nil
    }

    /// The name of the processor, if the kernel has one.
    package static func model(files: SystemFiles) -> String? {
        files.contents("/proc/cpuinfo").flatMap(model)
    }

    private static func model(_ processors: String) -> String? {
        value(of: ["model name", "Model", "Processor", "cpu model"], in: processors)
    }

    /// The largest cache of a processor, and how many of them all processors have together; nil when the kernel
    /// does not say.
    package static func lastCache(files: SystemFiles) -> (byteCount: Int, count: Int)? {
        let listed = files.line("/sys/devices/system/cpu/online").flatMap(parseCPUList) ?? []
        guard let first = listed.first, let largest = caches(files, cpu: first).values.max(),
            largest > 0
        else { return nil }
        let sharers = listed.compactMap { cpu in
            (0..<8).compactMap { index in
                let folder = "/sys/devices/system/cpu/cpu\(cpu)/cache/index\(index)"
                return files.line("\(folder)/size").flatMap(parseSize) == largest
                    ? files.line("\(folder)/shared_cpu_list") : nil
            }
            .last
        }
        return (largest, max(1, Set(sharers).count))
    }

    /// Bytes by cache level, without instruction caches.
    private static func caches(_ files: SystemFiles, cpu: Int) -> [Int: Int] {
        var bytes: [Int: Int] = [:]
        for index in 0..<8 {
            let folder = "/sys/devices/system/cpu/cpu\(cpu)/cache/index\(index)"
            guard let level = files.integer("\(folder)/level"),
                let size = files.line("\(folder)/size").flatMap(parseSize),
                files.line("\(folder)/type") != "Instruction"
            else { continue }
            bytes[level] = size
        }
        return bytes
    }

    /// `48K`, `32M` or a number of bytes.
    private static func parseSize(_ text: String) -> Int? {
        let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        guard let last = text.last, let unit = units[last] else { return Int(text) }
        guard let number = Int(text.dropLast()) else { return nil }
        let (product, overflowed) = number.multipliedReportingOverflow(by: unit)
        return overflowed ? nil : product
    }

    /// The first value of one of the names in the `name : value` lines of `/proc/cpuinfo`.
    private static func value(of names: [String], in text: String) -> String? {
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":"),
                names.contains(trimmed(line[..<colon]))
            else { continue }
            let value = trimmed(line[line.index(after: colon)...])
            if !value.isEmpty { return value }
        }
        return nil
    }
}

/// The memory as the kernel reports it.
package struct MemoryDescription {
    package var totalBytes: Int?
    package var availableBytes: Int?

    package init(files: SystemFiles) {
        for line in (files.contents("/proc/meminfo") ?? "").split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard words.count >= 2, let kibibytes = Int(words[1]),
                kibibytes >= 0, kibibytes < Int.max >> 10
            else { continue }
            if words[0] == "MemTotal:" { totalBytes = kibibytes << 10 }
            if words[0] == "MemAvailable:" { availableBytes = kibibytes << 10 }
        }
    }
}
