import CSystem

/// How much processor time this process asks for beside others.
package enum Priority {
    /// Lets the calling thread, and all threads and processes that it starts later, run only while
    /// a processor has nothing else to do.
    ///
    /// Call it first in `main`: threads that exist already keep their priority.
    package static func yieldToOthers() { headwise_yield_to_others() }
}
