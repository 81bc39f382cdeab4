import Synchronization

/// A request to stop, which any thread may make and every thread of a team checks between pieces.
///
/// After it, the team's output is incomplete and must not be used. It is a class, since the threads
/// share it.
package final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    package func cancel() { flag.store(true, ordering: .relaxed) }

    package var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
