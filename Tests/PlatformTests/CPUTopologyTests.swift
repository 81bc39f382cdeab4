import Testing

@testable import Platform

struct CPUTopologyTests {
    /// A machine of four processors, of which each has these caches: level, type, size, and who shares it.
    private static func machine(
        _ caches: [(level: Int, type: String, size: String, sharers: [String])]
    ) -> SystemFiles {
        var files = ["/sys/devices/system/cpu/online": "0-3\n"]
        for cpu in 0..<4 {
            for (index, cache) in caches.enumerated() {
                let folder = "/sys/devices/system/cpu/cpu\(cpu)/cache/index\(index)"
                files["\(folder)/level"] = "\(cache.level)\n"
                files["\(folder)/type"] = "\(cache.type)\n"
                files["\(folder)/size"] = "\(cache.size)\n"
                files["\(folder)/shared_cpu_list"] = cache.sharers[cpu] + "\n"
            }
        }
        let all = files
        return SystemFiles(contents: { all[$0] })
    }

    private static let own = ["0", "1", "2", "3"]

    @Test func `the last cache is counted once for all who share it`() throws {
        let first = [(1, "Data", "48K", Self.own), (2, "Unified", "1024K", Self.own)]
        for (sharers, count) in [
            (["0-3", "0-3", "0-3", "0-3"], 1), (["0-1", "0-1", "2-3", "2-3"], 2), (Self.own, 4),
        ] {
            let files = Self.machine(first + [(3, "Unified", "32768K", sharers)])
            let cache = try #require(CPUTopology.lastCache(files: files))
            #expect(cache.byteCount == 32 << 20)
            #expect(cache.count == count)
        }
        let cache = try #require(CPUTopology.lastCache(files: Self.machine(first)))
        #expect(cache.byteCount == 1 << 20 && cache.count == 4)
    }

    @Test func `a machine that tells no cache has none`() {
        #expect(CPUTopology.lastCache(files: Self.machine([])) == nil)
        #expect(CPUTopology.lastCache(files: SystemFiles(contents: { _ in nil })) == nil)
        let code = Self.machine([(1, "Instruction", "32K", Self.own)])
        #expect(CPUTopology.lastCache(files: code) == nil)
    }
}
