/// Worker to coordinator: inputs and buffers stand, and tasks may come.
package struct Ready: SetupMessage {
    package static let kind = MessageKind.ready

    /// From the arrival of the WORKLOAD to this message.
    package var setupNanoseconds: UInt64
    /// The memory the process occupies now.
    package var residentBytes: UInt64

    package init(setupNanoseconds: UInt64, residentBytes: UInt64) {
        self.setupNanoseconds = setupNanoseconds
        self.residentBytes = residentBytes
    }

    package func check() throws(WireError) {
        guard setupNanoseconds < 1 << 62 else { throw field("setupNanoseconds", setupNanoseconds) }
        guard residentBytes < 1 << 62 else { throw field("residentBytes", residentBytes) }
    }
}
