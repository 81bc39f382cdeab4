import Work

/// Why a worker, or a task on it, failed.
package enum FaultReason: Hashable, Sendable, CustomStringConvertible {
    /// Its process ended by itself; why, if it said so.
    case exited(status: Int, reason: String? = nil)
    /// Its process was killed by a signal that was not ours; why, if that is known.
    case signalled(Int, reason: String? = nil)
    /// Its connection was lost.
    case disconnected
    /// The worker said that it cannot go on, or it broke the protocol.
    case failed(String)
    /// The worker said that it leaves, as somebody told it to.
    case left(String)
    /// No message came from the worker for this long.
    case silent(Duration)
    /// The worker sent messages, but made no progress for this long; the shard it was computing, if
    /// any.
    case wedged(Duration, shard: Int?)
    /// Another worker had computed its shard instead; what this one still wrote would have reached
    /// shared output.
    case late
    /// The worker refused one task and continues.
    case refusedTask(String)
    /// The worker was started but ended before it joined.
    indirect case unjoined(FaultReason)

    package var description: String {
        switch self {
        case .exited(let status, nil): "exited with status \(status)"
        case .exited(let status, let reason?): "exited with status \(status): \(reason)"
        case .signalled(let number, nil): "killed by signal \(number)"
        case .signalled(let number, let reason?): "killed by signal \(number): \(reason)"
        case .disconnected: "disconnected"
        case .failed(let text): "failed: \(text)"
        case .left(let text): "left: \(text)"
        case .silent(let duration): "silent for \(duration.plainText)"
        case .wedged(let duration, let shard?):
            "no progress for \(duration.plainText) while computing shard \(shard)"
        case .wedged(let duration, nil):
            "no progress for \(duration.plainText) while holding tasks"
        case .late: "late: another worker had computed its shard instead"
        case .refusedTask(let text): "refused a task: \(text)"
        case .unjoined(.exited(let status, let reason?)):
            "\(Self.unjoined(.exited(status: status))): \(reason)"
        case .unjoined(.signalled(let number, let reason?)):
            "\(Self.unjoined(.signalled(number))): \(reason)"
        case .unjoined(let reason): "\(reason) before it joined"
        }
    }

    /// Whether the worker ended for a reason of its own, which the next worker would have, too.
    ///
    /// Otherwise something else ended it: a signal, or we, since it stayed silent or did not
    /// advance. When no worker is left, the last loss decides the exit code: 40 for a reason of its
    /// own and 31 for any other, before the worker joined as after it.
    package var isOwn: Bool {
        switch self {
        case .exited, .failed, .refusedTask: true
        case .left, .signalled, .disconnected, .silent, .wedged, .late: false
        case .unjoined(let reason): reason.isOwn
        }
    }

    var isUnjoined: Bool { if case .unjoined = self { true } else { false } }

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
