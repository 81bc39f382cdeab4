/// The limit on the number of threads of all processes together.
package enum ThreadRoom {
    /// Nil where the system does not say.
    package static var threadCount: Int? {
        ["/proc/sys/kernel/threads-max", "/proc/sys/kernel/pid_max"]
            .compactMap { SystemFiles.live.integer($0) }.min()
    }
}
