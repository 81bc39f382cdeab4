import CSystem
import Glibc

/// What this process inherited and must not depend on: signals that are ignored, descriptors.
package enum Inheritance {
    /// Call it first in `main`, before anything is opened.
    package static func settle() {
        // A parent that ignores SIGCHLD leaves that to its children; the kernel would then forget
        // how ours end.
        signal(SIGCHLD, SIG_DFL)
        occupyStandardStreams()
        // Descriptors of the parent are no business of the programs that we start. A worker needs
        // some of them itself, but starts nothing.
        headwise_close_on_exec_from(STDERR_FILENO + 1)
    }

    /// Gives closed standard streams to a file that refuses what they are for.
    ///
    /// Otherwise the next descriptor that is opened would take their number, and results or errors
    /// would go there.
    private static func occupyStandardStreams() {
        for (stream, flags) in [
            (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
        ] where fcntl(stream, F_GETFD) < 0 {
            // The lowest free number is this one, as those before it are taken.
            _ = unsafe open("/dev/null", flags)
        }
    }
}
