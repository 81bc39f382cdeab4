/// The times that the dispatcher waits before it acts, and how often it tries.
package struct DispatcherLimits: Hashable, Sendable {
    /// The silence after which a worker's shards are given to other workers, too.
    package let suspectAfter: Duration
    /// The silence after which a worker is terminated.
    package var deadAfter: Duration
    /// How long a worker may hold tasks without progress; a trial can set another limit.
    package var wedgedAfter: Duration
    /// The number of failed attempts of one shard after which the trial fails.
    package var maximumAttempts: Int

    /// The loop must handle an event, if only a tick, at least this often while it listens.
    ///
    /// A pause longer than twice this time counts as the coordinator's own (stopped, swapped out,
    /// busy elsewhere). It does not count against the workers. Stored, since every message asks for it.
    package let tickInterval: Duration

    package init(
        suspectAfter: Duration = .seconds(1),
        deadAfter: Duration = .seconds(5),
        wedgedAfter: Duration = .seconds(10),
        maximumAttempts: Int = 5
    ) {
        precondition(
            suspectAfter > .zero,
            "the silence after which a worker is suspected must be above 0"
        )
        precondition(deadAfter >= suspectAfter, "a worker must be suspected before it is dead")
        precondition(
            wedgedAfter > .zero,
            "the time after which a worker counts as wedged must be above 0"
        )
        precondition(maximumAttempts >= 1, "a shard must be attempted at least once")
        self.suspectAfter = suspectAfter
        self.deadAfter = deadAfter
        self.wedgedAfter = wedgedAfter
        self.maximumAttempts = maximumAttempts
        tickInterval = suspectAfter / 4
    }
}
