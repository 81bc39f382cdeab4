import FoundationEssentials
import Testing

@testable import Host
@testable import Platform

struct HostDescriptionTests {
    @Test func `a server's files are read into its description`() {
        let host = DescribedMachine.server.host(allowedCPUs: [0, 1, 2])
        #expect(host.hostName == "node7")
        #expect(host.operatingSystem == "Debian GNU/Linux 12")
        #expect(host.kernelRelease == "6.1.0")
        #expect(host.processorModel == "Imaginary 9000")
        #expect(host.socketsOnline == 2)
        #expect(host.coresOnline == 4)
        #expect(host.cpusOnline == 8)
        #expect(host.hasSimultaneousMultithreading)
        #expect(host.allowedCPUs == [0, 1, 2])
        #expect(host.level1DataCacheBytes == 48 << 10)
        #expect(host.level2CacheBytes == 1 << 20)
        #expect(host.level3CacheBytes == 32 << 20)
        #expect(host.memoryTotalBytes == 16 << 30)
        #expect(host.memoryAvailableBytes == 12 << 30)
        #expect(host.governor == "performance")
        #expect(host.loadAverage == [0.01, 0.2, 0.3])
        #expect(host.cgroupCPULimit == nil)
        #expect(host.cgroupMemoryLimitBytes == nil)
        #expect(!host.isVirtualMachine)
        #expect(host.usableCPUCount == 3)
    }

    @Test func `a machine without readable files is described, not guessed`() {
        let host = DescribedMachine().host()
        #expect(host.processorModel == "unknown")
        #expect(host.cpusOnline == 1)
        #expect(host.coresOnline == 1)
        #expect(host.allowedCPUs == [0])
        #expect(host.memoryTotalBytes == nil)
        #expect(host.usableMemoryBytes == nil)
        #expect(host.level2CacheBytes == nil)
        #expect(host.governor == "none reported")
        #expect(host.loadAverage.isEmpty)
        #expect(host.benchmarkingAdvice.isEmpty)
    }

    @Test func `the tightest limit of a group and those above it counts`() {
        var machine = DescribedMachine.server
        machine.files["/proc/self/cgroup"] = "0::/outer/inner\n"
        machine.files["/sys/fs/cgroup/outer/inner/cpu.max"] = "max 100000\n"
        machine.files["/sys/fs/cgroup/outer/cpu.max"] = "150000 100000\n"
        machine.files["/sys/fs/cgroup/outer/inner/memory.max"] = "2147483648\n"
        machine.files["/sys/fs/cgroup/outer/memory.max"] = "max\n"
        let host = machine.host(allowedCPUs: [0, 1, 2, 3])
        #expect(host.cgroupCPULimit == 1.5)
        #expect(host.usableCPUs == 1.5)
        #expect(host.usableCPUCount == 1)
        #expect(host.largestUsefulWorkerCount == 2)
        #expect(host.usableMemoryBytes == 2 << 30)
        machine.files["/sys/fs/cgroup/outer/inner/memory.current"] = "1073741824\n"
        #expect(machine.host().cgroupMemoryLimitBytes == 2 << 30)
        #expect(machine.host().usableMemoryBytes == 1 << 30)
    }

    @Test(
        arguments: [
            ("25000", 0.25, 1, 1), ("100000", 1, 1, 1), ("100001", 1.00001, 1, 2),
            ("290000", 2.9, 2, 3), ("400000", 4, 4, 4), ("900000", 4, 4, 4),
        ] as [(String, Double, Int, Int)]
    )
    func `a part of a CPU counts`(quota: String, cpus: Double, whole: Int, most: Int) {
        var machine = DescribedMachine.server
        machine.files["/proc/self/cgroup"] = "0::/\n"
        machine.files["/sys/fs/cgroup/cpu.max"] = "\(quota) 100000\n"
        let host = machine.host(allowedCPUs: [0, 1, 2, 3])
        #expect(host.usableCPUs == cpus)
        #expect(host.usableCPUCount == whole)
        #expect(host.largestUsefulWorkerCount == most)
    }

    @Test func `limits of control groups version 1 are read, and so is no limit`() {
        var machine = DescribedMachine.server
        machine.files["/proc/self/cgroup"] = "4:memory:/x\n3:cpu,cpuacct:/x\n"
        machine.files["/sys/fs/cgroup/memory/x/memory.limit_in_bytes"] = "9223372036854771712\n"
        machine.files["/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us"] = "-1\n"
        machine.files["/sys/fs/cgroup/cpu/x/cpu.cfs_period_us"] = "100000\n"
        #expect(machine.host().cgroupCPULimit == nil)
        #expect(machine.host().cgroupMemoryLimitBytes == nil)
        machine.files["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "1048576\n"
        machine.files["/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us"] = "200000\n"
        #expect(machine.host().cgroupCPULimit == 2)
        #expect(machine.host().cgroupMemoryLimitBytes == 1 << 20)
    }

    @Test func `the fingerprint follows the machine, not its name or its load`() {
        let machine = DescribedMachine.server
        let fingerprint = machine.host().fingerprint
        #expect(fingerprint.count == 16)
        var renamed = machine
        renamed.files["/proc/sys/kernel/hostname"] = "node8\n"
        renamed.files["/proc/loadavg"] = "5.00 0.20 0.30 1/91 5990\n"
        #expect(renamed.host().fingerprint == fingerprint)
        var smaller = machine
        smaller.files["/sys/devices/system/cpu/online"] = "0-3\n"
        #expect(smaller.host().fingerprint != fingerprint)
        #expect(machine.host(allowedCPUs: [0]).fingerprint != fingerprint)
    }

    @Test func `this machine describes itself and survives JSON`() throws {
        let host = HostDescription.current(libzmqVersion: "4.3.4", commit: "abc")
        #expect(!host.allowedCPUs.isEmpty)
        #expect(host.coresOnline >= 1 && host.coresOnline <= host.cpusOnline)
        #expect(host.instructionSets.first == "baseline")
        #expect(host.libzmqVersion == "4.3.4")
        #expect(host.commit == "abc")
        let decoded = try JSONDecoder().decode(
            HostDescription.self,
            from: JSONEncoder().encode(host)
        )
        #expect(decoded == host)
    }

    @Test(
        arguments: [
            ("0", [0]), ("0-3", [0, 1, 2, 3]), ("0-1,8,10-11", [0, 1, 8, 10, 11]),
            ("3-1", nil), ("a", nil), ("1-2-3", nil), ("-1", nil), ("0-99999999", nil),
        ] as [(String, [Int]?)]
    )
    func `a list of CPUs is read or refused`(text: String, cpus: [Int]?) {
        #expect(parseCPUList(text) == cpus)
    }
}

struct BenchmarkingAdviceTests {
    /// One fault each, and what the advice must name: a figure, a setting or a command.
    @Test(
        arguments: [
            ("/proc/loadavg", "3.50 0.20 0.30 1/91 5990\n", "3.5"),
            ("/proc/meminfo", "MemTotal: 16777216 kB\nMemAvailable: 1048576 kB\n", "1024 MiB"),
            ("/sys/devices/system/cpu/cpu5/cpufreq/scaling_governor", "powersave\n", "powersave"),
            ("/proc/cpuinfo", "processor : 0\nflags : fpu hypervisor\n", "headwise compare"),
            ("/sys/fs/cgroup/cpu.max", "300000 100000", "3.0"),
            ("/sys/fs/cgroup/cpu.max", "150000 100000", "1.5"),
            ("/sys/fs/cgroup/cpu.max", "50000 100000", "0.5"),
            ("/sys/fs/cgroup/memory.max", "1073741824\n", "control group"),
        ]
    )
    func `each fault of a host is named`(path: String, contents: String, word: String) {
        var machine = DescribedMachine.server
        machine.files["/proc/self/cgroup"] = "0::/\n"
        let before = machine.host().benchmarkingAdvice
        machine.files[path] = contents
        let after = machine.host().benchmarkingAdvice
        let new = after.filter { !before.contains($0) }
        #expect(after.count == before.count + 1 && new.count == 1, "\(new)")
        #expect(new.first?.contains(word) == true, "\(new)")
    }

    @Test func `a quiet machine without multithreading needs no advice`() {
        var machine = DescribedMachine.server
        machine.files["/sys/devices/system/cpu/online"] = "0-3\n"
        #expect(machine.host().benchmarkingAdvice.isEmpty)
    }

    @Test func `shared cores and a narrow affinity are named`() {
        let advice = DescribedMachine.server.host(allowedCPUs: [0]).benchmarkingAdvice
        #expect(advice.count == 2)
        #expect(advice[0].contains("taskset") && advice[0].contains("8 CPUs"))
        #expect(advice[1].contains("4 cores") && advice[1].contains("8 CPUs"))
    }
}

struct CommitLookupTests {
    private static let commit = "0123456789abcdef0123456789abcdef01234567"

    private func lookup(
        _ files: [String: String],
        _ program: String? = "/a/.build/release/x",
        linkSeconds: Int? = 1000
    ) -> String? {
        CommitLookup(files: DescribedMachine(files: files).systemFiles)
            .commit(ofProgram: program, linkSeconds: linkSeconds)
    }

    @Test func `the commit is that of the build, whatever the checkout has now`() {
        let (first, second) = (String(repeating: "1", count: 40), String(repeating: "2", count: 40))
        let files = [
            "/a/Package.swift": "", "/a/.git/HEAD": second,
            "/a/.git/logs/HEAD":
                "\(Self.commit) \(first) A B <a@b> 1000 +0100\tclone: 9999 +0000 from x\n"
                + "\(first) \(second) A B <a@b> 2000 -0800\tcommit: Move on\n",
        ]
        #expect(lookup(files, linkSeconds: 999) == nil)
        #expect(lookup(files, linkSeconds: 1000) == first)
        #expect(lookup(files, linkSeconds: 1999) == first)
        #expect(lookup(files, linkSeconds: 2000) == second)
        // The age of the program is not known, so this is the best answer.
        #expect(lookup(files, linkSeconds: nil) == second)
    }

    @Test func `a branch, a packed branch, a bare commit and a linked work tree are followed`() {
        let base = ["/a/Package.swift": "", "/a/.git/HEAD": "ref: refs/heads/main\n"]
        let loose = ["/a/.git/refs/heads/main": Self.commit + "\n"]
        let packed = ["/a/.git/packed-refs": "# pack-refs\n\(Self.commit) refs/heads/main\n"]
        let detached = ["/a/Package.swift": "", "/a/.git/HEAD": Self.commit]
        let linked = [
            "/a/Package.swift": "", "/a/.git": "gitdir: /m/.git/worktrees/a\n",
            "/m/.git/worktrees/a/HEAD": "ref: refs/heads/side\n",
            "/m/.git/worktrees/a/commondir": "../..\n",
            "/m/.git/worktrees/a/../../refs/heads/side": Self.commit,
        ]
        for files in [
            base.merging(loose) { $1 }, base.merging(packed) { $1 }, detached, linked,
        ] {
            #expect(lookup(files) == Self.commit)
        }
    }

    @Test func `an installed copy and a foreign repository have no commit`() {
        #expect(lookup([:]) == nil)
        #expect(lookup([:], nil) == nil)
        #expect(lookup(["/a/.git/HEAD": Self.commit]) == nil)
        #expect(lookup(["/a/Package.swift": "", "/a/.git/HEAD": "nonsense"]) == nil)
    }
}
