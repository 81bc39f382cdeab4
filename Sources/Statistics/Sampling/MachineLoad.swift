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
    /// Of the CPUs that report it.
    package var cpuMegahertz: [Double] = []

    package init(
        cpuCount: Int,
        busyTicks: UInt64,
        stolenTicks: UInt64,
        totalTicks: UInt64,
        ownTicks: UInt64?,
        cpuMegahertz: [Double] = []
    ) {
        self.cpuCount = cpuCount
        self.busyTicks = busyTicks
        self.stolenTicks = stolenTicks
        self.totalTicks = totalTicks
        self.ownTicks = ownTicks
        self.cpuMegahertz = cpuMegahertz
    }
}
