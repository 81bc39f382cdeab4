import Work

/// When every process did what in one trial, as the coordinator saw it and as the workers tell.
///
/// Moments are nanoseconds on the coordinator's clock, but for what workers tell.
package struct TrialTrace: Sendable {
    package var startNanoseconds: UInt64
    package var endNanoseconds: UInt64
    /// How long the coordinator was stopped meanwhile.
    package var pausedNanoseconds: UInt64
    /// What is computed, by the index of the shard.
    package var shards: [Shard]
    /// By rank.
    package var workers: [WorkerTrace]
    package var faults: [TracedFault]
    /// The end, or that of what the coordinator still did for the trial's last task.
    let lastMoment: UInt64

    package init(
        startNanoseconds: UInt64,
        endNanoseconds: UInt64,
        pausedNanoseconds: UInt64 = 0,
        shards: [Shard],
        workers: [WorkerTrace],
        faults: [TracedFault] = []
    ) {
        self.startNanoseconds = startNanoseconds
        self.endNanoseconds = endNanoseconds
        self.pausedNanoseconds = pausedNanoseconds
        self.shards = shards
        self.workers = workers
        self.faults = faults
        lastMoment = workers.reduce(endNanoseconds) { last, worker in
            worker.coordinator.activities.reduce(last) { max($0, $1.endNanoseconds) }
        }
    }

    /// The most trials of a file; reading many takes long, and shows no more.
    private static let most = 3
    /// The most events of a file's trials together, about, as far as that is known before.
    private static let mostEvents = 200_000

    /// Whether there is room for another trial like the last of these.
    package static func isRoom(after trials: [TrialTrace]) -> Bool {
        let count = trials.reduce(0) { $0 + $1.eventCount }
        let next = trials.last?.eventCount ?? 0
        return trials.count < most && count + next <= mostEvents
    }

    /// About how many events it becomes.
    package var eventCount: Int { workers.reduce(0) { $0 + $1.entryCount } }

    package var leftOut: UInt64 {
        workers.reduce(0) { $0 &+ $1.own.leftOut &+ $1.coordinator.leftOut &+ $1.leftOut }
    }
}

/// Something that went wrong with a worker.
package struct TracedFault: Sendable {
    package var worker: Int
    package var moment: UInt64
    package var reason: String

    package init(worker: Int, moment: UInt64, reason: String) {
        self.worker = worker
        self.moment = moment
        self.reason = reason
    }
}
