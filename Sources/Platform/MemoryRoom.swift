import Work

/// The memory that this process can still get.
package enum MemoryRoom {
    /// Refuses work that needs more memory than there is.
    ///
    /// Memory beyond a control group's limit is given all the same, and the process is killed when
    /// it uses it.
    package static func require(
        _ byteCount: Int,
        for work: String,
        files: SystemFiles = .live
    ) throws(RunError) {
        let inGroup = ControlGroupLimits(files: files).memoryAvailableBytes
        let free = MemoryDescription(files: files).availableBytes
        guard let room = [inGroup, free].compactMap({ $0 }).min(), byteCount > room else { return }
        let isGroup = room == inGroup
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
