import CSystem
import Glibc
import Work

/// The process that started this one, as workers and base cases look at it.
enum ParentProcess {
    /// Lets this process end with `parent`, even one that is killed or is stopped, and leaves signals
    /// to it.
    static func follow(_ parent: Int32?) {
        signal(SIGINT, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        guard let parent else { return }
        // A signal to the whole group is the parent's to answer: it ends the run and then us. A
        // worker that went first would be a fault in the record.
        signal(SIGTERM, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        _ = headwise_set_parent_death_signal(SIGKILL)
        // It may have died before the line above.
        if getppid() != parent { exit(EndCode.unfinished) }
    }
}
