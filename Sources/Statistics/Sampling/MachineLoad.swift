/// The kernel's counts of the machine's time up to one moment; two of them describe the time
/// between.
package struct MachineLoad: Hashable, Sendable {
    package var cpuCount: Int
    /// Clock ticks in which CPUs ran programs, ours or others', and the kernel on their behalf.
    ///
    /// Interrupts are not included: those of our own messages cannot be told from others'.
    package var busyTicks: UInt64
    /// Ticks that the hypervisor gave to other guests.
    package var stolenTicks: UInt64
    /// All ticks of all CPUs.
    package var totalTicks: UInt64
    /// Ticks of this process and its descendants, including ended ones that were waited for.
    ///
    /// Absent if the kernel does not list children.
    package var ownTicks: UInt64?
    /// How often the control groups' CPU limits stopped this process; absent without a limit.
    package var throttling: Throttling?
    /// Clock rates of the CPUs that report them.
    package var cpuMegahertz: [Double] = []

    package struct Throttling: Hashable, Sendable {
        /// The periods of a limit so far, and those in which the time was used up.
        package var periods: UInt64
        package var throttledPeriods: UInt64
        /// Summed over the CPUs that waited.
        package var nanoseconds: UInt64

        package init(periods: UInt64, throttledPeriods: UInt64, nanoseconds: UInt64) {
            self.periods = periods
            self.throttledPeriods = throttledPeriods
            self.nanoseconds = nanoseconds
        }
    }

    package init(
        cpuCount: Int,
        busyTicks: UInt64,
        stolenTicks: UInt64,
        totalTicks: UInt64,
        ownTicks: UInt64?,
        throttling: Throttling? = nil,
        cpuMegahertz: [Double] = []
    ) {
        self.cpuCount = cpuCount
        self.busyTicks = busyTicks
        self.stolenTicks = stolenTicks
        self.totalTicks = totalTicks
        self.ownTicks = ownTicks
        self.throttling = throttling
        self.cpuMegahertz = cpuMegahertz
    }
}
