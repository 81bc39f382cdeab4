import Files
import Host

extension RecordPlace {
    /// Checks those numbers of a machine that are used in calculations.
    func requireSound(_ host: HostDescription) throws(ExperimentError) {
        let most = 1 << 20
        try requireCount(host.socketsOnline, "socketsOnline", in: 0...most)
        try requireCount(host.coresOnline, "coresOnline", in: 0...most)
        try requireCount(host.cpusOnline, "cpusOnline", in: 0...most)
        try key("allowedCPUs").require(
            host.allowedCPUs.allSatisfy { (0...most).contains($0) },
            "is \(host.allowedCPUs)",
            expected: "numbers of processors"
        )
        try requireNotNegative(host.cgroupCPULimit, "cgroupCPULimit")
        try key("cgroupCPULimit").require(
            (host.cgroupCPULimit ?? 0) <= Double(most),
            "is \(host.cgroupCPULimit ?? 0)",
            expected: "\(most) or less"
        )
        for (index, load) in host.loadAverage.enumerated() {
            try requireNotNegative(load, "loadAverage[\(index)]")
        }
        let sizes = [
            ("level1DataCacheBytes", host.level1DataCacheBytes),
            ("level2CacheBytes", host.level2CacheBytes),
            ("level3CacheBytes", host.level3CacheBytes),
            ("memoryTotalBytes", host.memoryTotalBytes),
            ("memoryAvailableBytes", host.memoryAvailableBytes),
            ("cgroupMemoryLimitBytes", host.cgroupMemoryLimitBytes),
            ("cgroupMemoryAvailableBytes", host.cgroupMemoryAvailableBytes),
        ]
        for (name, bytes) in sizes { try requireCount(bytes ?? 0, name, in: 0...Int.max) }
    }
}
