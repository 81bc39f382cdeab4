import Host
import Record

/// The properties of this machine, and its problems for benchmarking.
package enum HostTable {
    package static func rendered(
        _ host: HostDescription,
        roofs: RoofMeasurement? = nil,
        style: Style = .plain
    ) -> String {
        let rows = facts(host) + (roofs.map(facts) ?? [])
        let width = rows.map { displayWidth($0.0) }.max() ?? 0
        let lines = rows.map { name, value in
            let padding = String(repeating: " ", count: width - displayWidth(name))
            let indent = String(repeating: " ", count: width + 2)
            let text = wrapped(value, columns: style.textColumns - width - 2, indent: "")
                .split(separator: "\n").joined(separator: "\n\(indent)")
            return "\(style.apply(.strong, to: name))\(padding)  \(text)\n"
        }
        return lines.joined() + "\n" + advice(host, columns: style.textColumns)
    }

    private static func advice(_ host: HostDescription, columns: Int) -> String {
        let advice = host.benchmarkingAdvice
        guard !advice.isEmpty else { return "Nothing found here that disturbs benchmarks.\n" }
        return "What disturbs benchmarks here:\n"
            + advice.map { wrapped("- " + $0, columns: columns) + "\n" }.joined()
    }

    private static func facts(_ roofs: RoofMeasurement) -> [(String, String)] {
        [
            (
                "roofs",
                "\(Units.significant(roofs.fmaGigaflopsPerSecond)) GFLOP/s of FMA, "
                    + "\(Units.significant(roofs.readGigabytesPerSecond)) GB/s of reading, "
                    + "one core, \(roofs.instructionSet)"
            )
        ]
    }

    package static func facts(_ host: HostDescription) -> [(String, String)] {
        let caches = [
            ("L1", host.level1DataCacheBytes), ("L2", host.level2CacheBytes),
            ("L3", host.level3CacheBytes),
        ].compactMap { name, bytes in bytes.map { "\(name) \(Units.bytes($0))" } }
        let memory = [
            host.memoryTotalBytes.map { "\(Units.bytes($0)) in total" },
            host.memoryAvailableBytes.map { "\(Units.bytes($0)) available" },
        ].compactMap { $0 }
        let limits = [
            host.cgroupCPULimit.map { "\(Units.significant($0)) CPUs" },
            host.cgroupMemoryLimitBytes.map { limit in
                Units.bytes(limit)
                    + (host.cgroupMemoryAvailableBytes.map { " (\(Units.bytes($0)) available)" }
                        ?? "") + " of memory"
            },
        ].compactMap { $0 }
        return [
            ("host", host.hostName + (host.isVirtualMachine ? " (virtual machine)" : "")),
            ("system", "\(host.operatingSystem), kernel \(host.kernelRelease)"),
            ("processor", host.processorModel),
            (
                "cores",
                "\(Units.counted(host.socketsOnline, "socket")), "
                    + "\(Units.counted(host.coresOnline, "core")), "
                    + "\(Units.counted(host.cpusOnline, "CPU")) online, "
                    + "this process may use \(Units.ranges(host.allowedCPUs))"
            ),
            ("kernels", host.instructionSets.joined(separator: ", ")),
            ("caches", listed(caches, otherwise: "not reported")),
            ("memory", listed(memory, otherwise: "not reported")),
            ("limits", listed(limits, otherwise: "none from control groups")),
            ("governor", host.governor),
            (
                "load",
                listed(
                    host.loadAverage.map { Units.decimal($0, places: 2) },
                    otherwise: "not reported"
                )
            ),
            ("libzmq", host.libzmqVersion ?? "unknown"),
            ("Swift", host.swiftVersion),
            ("commit", host.commit ?? "unknown"),
            ("fingerprint", host.fingerprint),
        ]
    }

    private static func listed(_ parts: [String], otherwise: String) -> String {
        parts.isEmpty ? otherwise : parts.joined(separator: ", ")
    }
}
