import Testing

@testable import Platform

/// Control groups of both versions, as files that a machine might have.
struct ControlGroupTests {
    private static func limits(_ files: [String: String]) -> ControlGroupLimits {
        ControlGroupLimits(files: SystemFiles(contents: { files[$0] }))
    }

    private static func throttling(_ files: [String: String]) -> CPUThrottling? {
        CPUThrottling(files: SystemFiles(contents: { files[$0] }))
    }

    private static let version2 = ["/proc/self/cgroup": "0::/outer/inner\n"]
    private static let version1 = [
        "/proc/self/cgroup": "8:pids:/x\n4:memory:/x\n3:cpu,cpuacct:/x\n"
    ]

    private static func statistics(_ prefix: String) -> String {
        "anon 1\n\(prefix)inactive_file 2097152\n\(prefix)active_file 1048576\nslab 99999\n"
    }

    @Test func `a limit less what is used is available, cached files aside`() {
        let mebibyte = 1 << 20
        let base = "/sys/fs/cgroup/outer/inner"
        var files = Self.version2.merging([
            "\(base)/memory.max": "\(256 * mebibyte)\n",
            "\(base)/memory.current": "\(100 * mebibyte)\n",
            "\(base)/memory.stat": Self.statistics(""),
        ]) { $1 }
        #expect(Self.limits(files).memoryLimitBytes == 256 * mebibyte)
        #expect(Self.limits(files).memoryAvailableBytes == (256 - 97) * mebibyte)
        // The group above has a larger limit, but others have used most of it.
        files["/sys/fs/cgroup/outer/memory.max"] = "\(1024 * mebibyte)\n"
        files["/sys/fs/cgroup/outer/memory.current"] = "\(1000 * mebibyte)\n"
        #expect(Self.limits(files).memoryLimitBytes == 256 * mebibyte)
        #expect(Self.limits(files).memoryAvailableBytes == 24 * mebibyte)
        files["/sys/fs/cgroup/outer/memory.high"] = "\(1001 * mebibyte)\n"
        #expect(Self.limits(files).memoryAvailableBytes == mebibyte)
        files["/sys/fs/cgroup/outer/memory.current"] = "\(2000 * mebibyte)\n"
        #expect(Self.limits(files).memoryAvailableBytes == 0)
    }

    @Test func `version 1 says the same in other files`() {
        let files = Self.version1.merging([
            "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "268435456\n",
            "/sys/fs/cgroup/memory/x/memory.usage_in_bytes": "104857600\n",
            "/sys/fs/cgroup/memory/x/memory.stat": "inactive_file 1\n" + Self.statistics("total_"),
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes": "9999999999\n",
            "/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "150000\n",
            "/sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/pids/x/pids.max": "20\n",
            "/sys/fs/cgroup/pids/x/pids.current": "7\n",
        ]) { $1 }
        let limits = Self.limits(files)
        #expect(limits.memoryAvailableBytes == (256 - 97) << 20)
        #expect(limits.cpuLimit == 1.5)
        #expect(limits.taskRoom == 13)
    }

    @Test func `without limits there are none`() {
        let unlimited: [[String: String]] = [
            [:], Self.version2, Self.version1,
            Self.version2.merging([
                "/sys/fs/cgroup/outer/memory.max": "max\n",
                "/sys/fs/cgroup/outer/pids.max": "max\n",
                "/sys/fs/cgroup/outer/cpu.max": "max 100000\n",
                "/sys/fs/cgroup/outer/memory.current": "5000000\n",
            ]) { $1 },
        ]
        for files in unlimited {
            let limits = Self.limits(files)
            #expect(limits.memoryLimitBytes == nil && limits.memoryAvailableBytes == nil)
            #expect(limits.cpuLimit == nil && limits.taskRoom == nil)
        }
    }

    @Test func `the tightest room for processes counts`() {
        let files = Self.version2.merging([
            "/sys/fs/cgroup/outer/inner/pids.max": "max\n",
            "/sys/fs/cgroup/outer/pids.max": "10\n", "/sys/fs/cgroup/outer/pids.current": "12\n",
            "/proc/sys/kernel/threads-max": "1000\n",
        ]) { $1 }
        #expect(Self.limits(files).taskRoom == 0)
        func room(_ files: [String: String]) -> Int? {
            ThreadRoom.threadCount(files: SystemFiles(contents: { files[$0] }))
        }
        #expect(room(files) == 0)
        #expect(room(["/proc/sys/kernel/threads-max": "1000\n"]) == 1000)
        #expect(room([:]) == nil)
    }

    /// A container sees its own part of a hierarchy: the path in `cgroup` begins above it.
    @Test(arguments: [
        ("/docker/abc", "/docker/abc", "/memory.max"),
        ("/docker/abc", "/docker/abc/job", "/job/memory.max"),
        ("/docker/abc", "/elsewhere", "/memory.max"),
        ("/", "/docker/abc", "/docker/abc/memory.max"),
    ])
    func `the mounts say where the files are`(root: String, group: String, file: String) {
        let files = [
            "/proc/self/cgroup": "0::\(group)\n",
            "/proc/self/mountinfo":
                "30 25 0:26 \(root) /groups rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
            "/groups\(file)": "4096\n", "/sys/fs/cgroup/memory.max": "1024\n",
        ]
        #expect(Self.limits(files).memoryLimitBytes == 4096)
    }

    @Test func `controllers of version 1 are found wherever they are mounted together`() {
        let files = [
            "/proc/self/cgroup": "3:cpuacct,cpu:/x\n",
            "/proc/self/mountinfo":
                "31 25 0:27 / /c/cpuacct,cpu rw - cgroup cgroup rw,cpuacct,cpu\nnonsense - cgroup\n",
            "/c/cpuacct,cpu/x/cpu.cfs_quota_us": "25000\n",
            "/c/cpuacct,cpu/x/cpu.cfs_period_us": "100000\n",
            "/c/cpuacct,cpu/x/cpu.stat": "nr_periods 40\nnr_throttled 10\nthrottled_time 5000\n",
        ]
        #expect(Self.limits(files).cpuLimit == 0.25)
        let counts = Self.throttling(files)
        #expect(counts?.periods == 40 && counts?.throttledPeriods == 10)
        #expect(counts?.throttledNanoseconds == 5000)
    }

    @Test func `throttling of version 2 is counted in microseconds, and of groups above too`() {
        let stopped = "usage_usec 7\nnr_periods 9\nnr_throttled 2\nthrottled_usec 30\n"
        var files = Self.version2
        files["/sys/fs/cgroup/outer/inner/cpu.stat"] = "usage_usec 7\n"
        #expect(Self.throttling(files) == nil)
        files["/sys/fs/cgroup/outer/inner/cpu.stat"] = stopped
        files["/sys/fs/cgroup/outer/cpu.stat"] = stopped
        let counts = Self.throttling(files)
        #expect(counts?.periods == 9 && counts?.throttledPeriods == 4)
        #expect(counts?.throttledNanoseconds == 60_000)
    }

    @Test func `processes ended for lack of memory are counted in the own group alone`() {
        func count(_ files: [String: String]) -> UInt64? {
            MemoryKills.count(files: SystemFiles { files[$0] })
        }
        var files = Self.version2
        #expect(count(files) == nil)
        files["/sys/fs/cgroup/outer/memory.events"] = "low 0\noom 9\noom_kill 9\n"
        files["/sys/fs/cgroup/outer/inner/memory.events"] = "low 0\noom 4\noom_kill 3\n"
        #expect(count(files) == 3)
        files = [
            "/proc/self/cgroup": "3:memory:/x\n",
            "/proc/self/mountinfo": "31 25 0:27 / /m rw - cgroup cgroup rw,memory\n",
            "/m/x/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n",
        ]
        #expect(count(files) == 7)
    }

    @Test func `work beyond the memory is refused by what binds`() throws {
        var files = Self.version2
        files["/proc/meminfo"] = "MemTotal: 4194304 kB\nMemAvailable: 2097152 kB\n"
        files["/sys/fs/cgroup/outer/memory.max"] = "\(300 << 20)\n"
        files["/sys/fs/cgroup/outer/memory.current"] = "\(50 << 20)\n"
        func require(_ mebibytes: Int, _ files: [String: String]) -> RunError? {
            do throws(RunError) {
                try MemoryRoom.require(
                    mebibytes << 20,
                    for: "the work",
                    files: SystemFiles(contents: { files[$0] })
                )
                return nil
            } catch { return error }
        }
        #expect(require(250, files) == nil)
        let refused = try #require(require(251, files))
        #expect(refused.kind == .environment)
        for word in ["the work", "251 MiB", "250 MiB", "control group"] {
            #expect(refused.description.contains(word), "\(refused)")
        }
        files["/sys/fs/cgroup/outer/memory.max"] = "max\n"
        #expect(require(2048, files) == nil)
        #expect(require(2049, files)?.description.contains("control group") == false)
        #expect(require(1 << 30, [:]) == nil)
    }

    @Test func `as many threads as are asked for can be tried`() throws {
        #expect(ThreadRoom.available(upTo: 0) == 0)
        #expect(ThreadRoom.available(upTo: 40) == 40)
        try ThreadRoom.require(3)
    }
}
