import Work

/// Why a worker, or a task on it, failed.
package enum FaultReason: Hashable, Sendable, CustomStringConvertible {
    /// Its process ended by itself.
    case exited(status: Int)
    /// Its process was killed by a signal that was not ours.
    case signalled(Int)
    /// Its connection was lost.
    case disconnected
    /// The worker said that it cannot go on, or it broke the protocol.
    case failed(String)
    /// No message came from the worker for this long.
    case silent(Duration)
    /// The worker sent messages, but made no progress for this long; the shard it was computing, if
    /// any.
    case wedged(Duration, shard: Int?)
    /// The worker refused one task and continues.
    case refusedTask(String)
    /// The worker was started but ended before it joined.
    indirect case unjoined(FaultReason)

    package var description: String {
        switch self {
        case .exited(let status): "exited with status \(status)"
        case .signalled(let number): "killed by signal \(number)"
        case .disconnected: "disconnected"
        case .failed(let text): "failed: \(text)"
        case .silent(let duration): "silent for \(duration.plainText)"
        case .wedged(let duration, let shard?):
            "no progress for \(duration.plainText) while computing shard \(shard)"
        case .wedged(let duration, nil):
            "no progress for \(duration.plainText) while holding tasks"
        case .refusedTask(let text): "refused a task: \(text)"
        case .unjoined(let reason): "\(reason) before it joined"
        }
    }

    /// Whether a later report about the same loss may say more.
    ///
    /// A connection breaks *because* a process was killed, and is often noticed first.
    var isSymptom: Bool {
        switch self {
        case .disconnected, .silent: true
        default: false
        }
    }
}
