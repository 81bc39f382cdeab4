import Work

/// The memory that this process can still get.
package enum MemoryRoom {
    /// What this machine, or a limit of its control group, still gives; nil when unknown.
    package static func availableBytes(files: SystemFiles = .live) -> Int? {
        [inGroup(files), MemoryDescription(files: files).availableBytes].compactMap { $0 }.min()
    }

    private static func inGroup(_ files: SystemFiles) -> Int? {
        ControlGroupLimits(files: files).memoryAvailableBytes
    }

    /// Refuses work that needs more memory than there is.
    ///
    /// Memory beyond a control group's limit is given all the same, and the process is killed when
    /// it uses it.
    package static func require(
        _ byteCount: Int,
        for work: String,
        files: SystemFiles = .live
    ) throws(RunError) {
        guard let room = availableBytes(files: files), byteCount > room else { return }
        let isGroup = room == inGroup(files)
        throw RunError(
            .environment,
            "\(work) needs \(byteCount >> 20) MiB of memory, but "
                + (isGroup
                    ? "the limit of the control group leaves \(room >> 20) MiB: raise the limit "
                        + "(for a container, its memory limit), or use less memory in it"
                    : "only \(room >> 20) MiB are free: stop other programs")
        )
    }
}
