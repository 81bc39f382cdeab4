import Work

/// An attempt of a shard, as activities of one trial name it.
struct TaskKey: Hashable {
    var shard: Int
    var attempt: Int

    init(_ task: TaskIdentity) {
        shard = task.shard
        attempt = task.attempt
    }

    /// Nil for what belongs to no task.
    init?(_ activity: Activity) {
        guard let shard = activity.shard else { return nil }
        self.shard = shard
        attempt = activity.attempt
    }
}
