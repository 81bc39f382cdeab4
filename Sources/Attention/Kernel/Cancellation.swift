import Synchronization

/// A wish to stop that any thread may state and every thread of a team looks at between pieces.
///
/// What a team was computing is then worth nothing; whoever stated the wish must not use it. A
/// class, since the threads share it.
package final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    package func cancel() { flag.store(true, ordering: .relaxed) }

    package var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
