/// Identifies one dispatch of one shard in one trial; tasks and results carry it.
package struct TaskIdentity: Hashable, Sendable, Codable, CustomStringConvertible {
    /// From 1; 0 means before any trial.
    package var trial: Int
    /// The shard's index in the trial's plan.
    package var shard: Int
    /// From 1, counted per shard and trial.
    package var attempt: Int

    package init(trial: Int, shard: Int, attempt: Int) {
        self.trial = trial
        self.shard = shard
        self.attempt = attempt
    }

    /// The shard alone tells the tasks of a trial apart, but for those that were handed out again.
    package func hash(into hasher: inout Hasher) { hasher.combine(shard) }

    /// Whether the shard was handed out before in its trial.
    package var isRepeated: Bool { attempt > 1 }

    package var description: String { "trial \(trial), shard \(shard), attempt \(attempt)" }
}
