import Glibc

/// The kernel's files about processes, `/proc`.
///
/// Without them a Swift program does not even learn its arguments.
package enum ProcessFiles {
    /// Why this program cannot work here, as a sentence; nil if it can.
    package static var obstacle: String? {
        guard unsafe access("/proc/self/exe", F_OK) != 0 else { return nil }
        return "/proc is not mounted: expected the kernel's files about processes, in which this "
            + "program finds its arguments and itself; mount them with 'mount -t proc proc /proc'"
    }
}
