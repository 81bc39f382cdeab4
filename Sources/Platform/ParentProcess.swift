import CSystem
import Glibc
import Work

/// The parent process of a worker or of a base case.
package enum ParentProcess {
    /// Makes this process end with `parent`, even if the parent is killed, and leaves signals to
    /// the parent.
    ///
    /// This also works while this process is stopped. One that `answersSignals` has no parent to leave
    /// them to.
    package static func follow(_ parent: Int32?, answersSignals: Bool = false) {
        signal(SIGPIPE, SIG_IGN)
        guard !answersSignals else { return }
        signal(SIGINT, SIG_IGN)
        guard let parent else { return }
        // The parent handles a signal to the whole group: it ends the run and then us. A worker
        // that ended first would be a fault in the record.
        signal(SIGTERM, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        _ = headwise_set_parent_death_signal(SIGKILL)
        // The parent may have died before the line above.
        if getppid() != parent { exit(EndCode.unfinished) }
    }

    /// Tells the parent why this process ends, so that the parent can report it once, in its own
    /// sentence; false if `lifeline` is not that of a parent that listens.
    package static func tell(_ reason: String, over lifeline: Int32) -> Bool {
        System.sendAtOnce(Array(reason.utf8.prefix(longestWords)), to: lifeline)
    }

    static let longestWords = 4096
}
