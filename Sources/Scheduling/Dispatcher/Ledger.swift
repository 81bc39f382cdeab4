import Work

/// The state of every shard of a trial.
///
/// Each task is dispatched at least once; the ledger accepts exactly one result of each.
package struct Ledger: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case outstanding
        case accepted
        /// Complete, but later than another attempt's result.
        case duplicate
        case refused(String)
        case lost(FaultReason)
        /// The trial ended before the attempt did.
        case unfinished
    }

    package struct Attempt: Hashable, Sendable {
        package var worker: WorkerID
        package var outcome: Outcome

        /// Whether the worker has said how it ended.
        var isAnswered: Bool {
            switch outcome {
            case .accepted, .duplicate, .refused: true
            case .outstanding, .lost, .unfinished: false
            }
        }
    }

    package struct Entry: Hashable, Sendable {
        /// Attempt n is at index n - 1.
        package var attempts: [Attempt] = []
        /// The number of the attempt whose result became the output.
        package var acceptedAttempt: Int?

        package var duplicateCount: Int { attempts.count { $0.outcome == .duplicate } }

        /// Attempts that ended by refusal or loss.
        var failureReasons: [String] {
            attempts.compactMap {
                switch $0.outcome {
                case .refused(let reason): "\($0.worker) refused: \(reason)"
                case .lost(let reason): "\($0.worker) \(reason)"
                default: nil
                }
            }
        }
    }

    package let trial: Int
    /// One per shard, by shard index.
    package internal(set) var entries: [Entry]
    /// The number of shards that have their result.
    package internal(set) var acceptedCount = 0

    init(trial: Int, shardCount: Int) {
        self.trial = trial
        entries = Array(repeating: Entry(), count: shardCount)
    }

    package var attemptCount: Int { entries.reduce(0) { $0 + $1.attempts.count } }
    package var duplicateCount: Int { entries.reduce(0) { $0 + $1.duplicateCount } }
    package var isComplete: Bool { acceptedCount == entries.count }

    /// Whether exactly one result of each shard was accepted.
    package var isSound: Bool {
        entries.allSatisfy { entry in
            guard let accepted = entry.acceptedAttempt else { return false }
            return entry.attempts.indices.allSatisfy { index in
                (entry.attempts[index].outcome == .accepted) == (index == accepted - 1)
            }
        }
    }

    /// Violations of "exactly one result of each shard was accepted"; empty at a trial's end.
    package var violations: [String] {
        entries.enumerated().compactMap { shard, entry in
            let accepted = entry.attempts.indices.filter {
                entry.attempts[$0].outcome == .accepted
            }
            guard accepted.count == 1, entry.acceptedAttempt == accepted[0] + 1 else {
                return "shard \(shard) was accepted \(accepted.count) times"
            }
            return nil
        }
    }

    /// The attempt, if that worker ever received it.
    func attempt(_ task: TaskIdentity, of worker: WorkerID) -> Attempt? {
        guard task.trial == trial, entries.indices.contains(task.shard),
            entries[task.shard].attempts.indices.contains(task.attempt - 1)
        else { return nil }
        let attempt = entries[task.shard].attempts[task.attempt - 1]
        return attempt.worker == worker ? attempt : nil
    }

    mutating func close(_ task: TaskIdentity, _ outcome: Outcome) {
        entries[task.shard].attempts[task.attempt - 1].outcome = outcome
        if outcome == .accepted {
            entries[task.shard].acceptedAttempt = task.attempt
            acceptedCount += 1
        }
    }
}
