import Work

/// Tasks of one trial; their trial is not looked at.
///
/// Nearly all are first attempts of shards that are numbered from 0, and have a bit each: hashing every task
/// takes longer than all else that is done for an empty one.
struct TaskSet: Hashable, Sendable {
    private var firstAttempts: [UInt64] = []
    private var others: Set<TaskIdentity> = []

    /// Shards beyond are hashed, so that a number alone takes no memory.
    private static let mostShards = 1 << 20

    func contains(_ task: TaskIdentity) -> Bool {
        guard Self.hasBit(task) else { return others.contains(task) }
        let word = task.shard >> 6
        return word < firstAttempts.count && firstAttempts[word] >> UInt64(task.shard & 63) & 1 == 1
    }

    mutating func insert(_ task: TaskIdentity) {
        guard Self.hasBit(task) else {
            others.insert(task)
            return
        }
        let word = task.shard >> 6
        while firstAttempts.count <= word { firstAttempts.append(0) }
        firstAttempts[word] |= 1 << UInt64(task.shard & 63)
    }

    mutating func removeAll() {
        firstAttempts.removeAll(keepingCapacity: true)
        others.removeAll()
    }

    private static func hasBit(_ task: TaskIdentity) -> Bool {
        task.attempt == 1 && task.shard >= 0 && task.shard < mostShards
    }
}
