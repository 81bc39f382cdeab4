extension HostDescription {
    /// The problems of this host for benchmarking, most harmful first, each with a remedy.
    ///
    /// This is advice; nothing is refused. A number from a poor host is still a number, and its
    /// record names the host.
    package var benchmarkingAdvice: [String] {
        [buildAdvice].compactMap { $0 } + machineAdvice
    }

    /// The same without this program's build: for a record, which another one may have made.
    package var machineAdvice: [String] {
        [
            loadAdvice, memoryAdvice, allowanceAdvice, limitAdvice, governorAdvice,
            multithreadingAdvice, virtualMachineAdvice,
        ].compactMap { $0 }
    }

    /// Whether this program was built without the optimisations that its figures are about.
    package static var isDebugBuild: Bool {
        #if DEBUG
        true
        #else
        false
        #endif
    }

    private var buildAdvice: String? {
        guard Self.isDebugBuild else { return nil }
        return "This is a debug build, and its times are not those of a release build. "
            + "Build it with `swift build -c release`."
    }

    private var loadAdvice: String? {
        // A system uses up to a tenth of the machine for itself; more than that disturbs a
        // benchmark.
        guard let load = loadAverage.first, load > max(0.5, 0.1 * Double(cpusOnline)) else {
            return nil
        }
        return "The load average of the last minute is \(load): other programs compete for "
            + "\(Self.counted(cpusOnline, "CPU")). Stop them, or wait until the load falls."
    }

    private var memoryAdvice: String? {
        guard let total = memoryTotalBytes, let usable = usableMemoryBytes, usable < total / 4
        else { return nil }
        if let limit = cgroupMemoryLimitBytes, usable == cgroupMemoryAvailableBytes {
            return "The control group limits this process to \(Self.mebibytes(limit)) of memory, "
                + "of which \(Self.mebibytes(usable)) are free: a process that uses more is killed. "
                + "Raise the limit, or use smaller sizes."
        }
        return "Only \(Self.mebibytes(usable)) of \(Self.mebibytes(total)) of memory are free: "
            + "the times would include paging. Free memory, or use smaller sizes."
    }

    private var allowanceAdvice: String? {
        guard allowedCPUs.count < cpusOnline else { return nil }
        return "This process may use only \(allowedCPUs.count) of "
            + "\(Self.counted(cpusOnline, "CPU")) online. "
            + "Widen its affinity (taskset, cpuset), or use at most that many workers."
    }

    private var limitAdvice: String? {
        guard let limit = cgroupCPULimit, limit < Double(allowedCPUs.count) else { return nil }
        let rounded = (limit * 100).rounded() / 100
        return "The control group limits this process to \(rounded) CPUs of time on "
            + "\(Self.counted(allowedCPUs.count, "CPU")): the system stops threads that use more. "
            + "Raise the limit, or use "
            + (limit < 1
                ? "another machine: not even one thread can run all the time."
                : "at most \(Self.counted(Int(limit), "thread")).")
    }

    private var governorAdvice: String? {
        guard governor != Self.noGovernor, governor != "performance" else { return nil }
        return "The frequency governor is \(governor): the clock rate changes with the load. "
            + "Set it with `cpupower frequency-set -g performance`."
    }

    private var multithreadingAdvice: String? {
        guard hasSimultaneousMultithreading else { return nil }
        return "\(Self.counted(cpusOnline, "CPU")) share \(Self.counted(coresOnline, "core")): "
            + "two threads of one core share its arithmetic units. Use at most one worker per core."
    }

    private var virtualMachineAdvice: String? {
        guard isVirtualMachine else { return nil }
        return "This is a virtual machine: other guests may use its processor unnoticed. "
            + "Repeat the run, and trust only differences measured in turns ('headwise compare')."
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    private static func mebibytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }
}
