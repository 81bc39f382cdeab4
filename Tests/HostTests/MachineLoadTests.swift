import Statistics
import Testing

@testable import Host

struct MachineLoadTests {
    @Test func `the kernel's counts are read, our children among them`() throws {
        var machine = DescribedMachine()
        #expect(MachineLoad(files: machine.systemFiles) == nil)
        machine.files["/proc/stat"] = """
            cpu  100 20 30 400 50 6 7 80 90 0
            cpu0 50 10 15 200 25 3 3 40 45 0
            cpu1 50 10 15 200 25 3 4 40 45 0
            intr 1 2 3
            """
        machine.files["/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq"] = "2400000\n"
        let hidden = try #require(MachineLoad(files: machine.systemFiles))
        #expect(hidden.cpuCount == 2)
        #expect(hidden.busyTicks == 150 && hidden.stolenTicks == 80 && hidden.totalTicks == 693)
        #expect(hidden.ownTicks == nil)
        #expect(hidden.cpuMegahertz == [2_400])

        func stat(_ identifier: Int, _ times: String) -> String {
            "\(identifier) (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 \(times) 20 0 1 0\n"
        }
        machine.files["/proc/self/stat"] = stat(7, "10 20 30 40")
        machine.files["/proc/7/stat"] = stat(7, "10 20 30 40")
        machine.files["/proc/7/task/7/children"] = "8 9 \n"
        machine.files["/proc/8/stat"] = stat(8, "1 2 3 4")
        machine.files["/proc/8/task/8/children"] = "11 "
        machine.files["/proc/11/stat"] = stat(11, "1000 0 0 0")
        // 9 has just ended.
        #expect(MachineLoad(files: machine.systemFiles)?.ownTicks == 1_110)
        #expect(MachineLoad(files: machine.systemFiles)?.throttling == nil)
        machine.files["/proc/self/cgroup"] = "0::/x\n"
        machine.files["/sys/fs/cgroup/x/cpu.stat"] =
            "nr_periods 5\nnr_throttled 3\nthrottled_usec 8\n"
        #expect(
            MachineLoad(files: machine.systemFiles)?.throttling
                == MachineLoad.Throttling(periods: 5, throttledPeriods: 3, nanoseconds: 8_000)
        )
    }

    /// Now and then a count takes a step back: the kernel corrects the time that processors waited,
    /// and a program of another test ends between two readings and takes its ticks along.
    @Test func `the counts of this machine grow`() {
        let loads = (0..<40).compactMap { _ in MachineLoad.current() }
        let grown = zip(loads, loads.dropFirst()).filter { first, second in
            second.totalTicks >= first.totalTicks && second.busyTicks >= first.busyTicks
                && second.ownTicks ?? 0 >= first.ownTicks ?? 0
                && second.ownTicks ?? 0 <= second.totalTicks
        }
        #expect(loads.isEmpty || grown.count >= 30, "\(loads)")
    }
}
