/// How long the dispatcher waits before it acts, and how often it tries.
package struct DispatcherLimits: Hashable, Sendable {
    /// Silence after which a worker's shards are given to others as well.
    package var suspectAfter: Duration
    /// Silence after which a worker is terminated.
    package var deadAfter: Duration
    /// How long a worker may hold tasks without advancing; a trial can set its own.
    package var wedgedAfter: Duration
    /// How many attempts of one shard may fail before the trial does.
    package var maximumAttempts: Int

    package init(
        suspectAfter: Duration = .seconds(1),
        deadAfter: Duration = .seconds(5),
        wedgedAfter: Duration = .seconds(10),
        maximumAttempts: Int = 5
    ) {
        precondition(suspectAfter > .zero, "a worker needs some time to speak")
        precondition(deadAfter >= suspectAfter, "a worker is suspected before it is dead")
        precondition(wedgedAfter > .zero, "a worker needs some time to advance")
        precondition(maximumAttempts >= 1, "a shard is attempted at least once")
        self.suspectAfter = suspectAfter
        self.deadAfter = deadAfter
        self.wedgedAfter = wedgedAfter
        self.maximumAttempts = maximumAttempts
    }

    /// The loop must handle an event, if only a tick, at least this often while it listens.
    ///
    /// A pause longer than twice this is taken for the coordinator's own (stopped, swapped out,
    /// busy elsewhere) and not held against the workers.
    package var tickInterval: Duration { suspectAfter / 4 }
}
