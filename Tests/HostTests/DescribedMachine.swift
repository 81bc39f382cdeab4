@testable import Host
@testable import Platform

/// A machine that exists only as the text of its files.
struct DescribedMachine: Sendable {
    var files: [String: String] = [:]

    func host(allowedCPUs: [Int]? = nil) -> HostDescription {
        HostDescription(
            files: systemFiles,
            allowedCPUs: allowedCPUs,
            instructionSets: ["baseline", "avx2"]
        )
    }

    var systemFiles: SystemFiles {
        let files = files
        return SystemFiles(contents: { files[$0] })
    }

    /// Two sockets of two cores of two threads each, quiet and well kept.
    static let server: DescribedMachine = {
        var files = [
            "/proc/cpuinfo": "processor\t: 0\nmodel name\t: Imaginary 9000\nflags\t\t: fpu sse2\n",
            "/proc/meminfo": "MemTotal:       16777216 kB\nMemAvailable:   12582912 kB\n",
            "/proc/loadavg": "0.01 0.20 0.30 1/91 5990\n",
            "/proc/sys/kernel/hostname": "node7\n",
            "/proc/sys/kernel/osrelease": "6.1.0\n",
            "/etc/os-release": "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n",
            "/sys/devices/system/cpu/online": "0-7\n",
        ]
        let base = "/sys/devices/system/cpu/cpu"
        for cpu in 0..<8 {
            files["\(base)\(cpu)/topology/physical_package_id"] = "\(cpu % 4 / 2)\n"
            files["\(base)\(cpu)/topology/thread_siblings_list"] = "\(cpu % 4),\(cpu % 4 + 4)\n"
            files["\(base)\(cpu)/cpufreq/scaling_governor"] = "performance\n"
        }
        let caches = [(1, "Data", "48K"), (1, "Instruction", "32K"), (2, "Unified", "1024K")]
        for (index, cache) in (caches + [(3, "Unified", "32M")]).enumerated() {
            files["\(base)0/cache/index\(index)/level"] = "\(cache.0)\n"
            files["\(base)0/cache/index\(index)/type"] = "\(cache.1)\n"
            files["\(base)0/cache/index\(index)/size"] = "\(cache.2)\n"
        }
        return DescribedMachine(files: files)
    }()
}
