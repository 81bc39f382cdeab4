import Work

/// Why a worker ends, and with which status.
package enum WorkerExit: Hashable, Sendable, CustomStringConvertible {
    /// The coordinator said good-bye.
    case dismissed(String)
    /// The coordinator did not let the worker in, or speaks another protocol.
    case refused(String)
    case preparationFailed(String)
    case parentGone
    /// The connection to the coordinator has ended.
    case coordinatorGone
    case coordinatorSilent(Duration)
    /// There never was a connection.
    case neverConnected(Duration)
    case interrupted(signal: Int32)

    package var code: Int32 {
        switch self {
        case .dismissed: EndCode.done
        case .parentGone, .coordinatorGone, .coordinatorSilent, .neverConnected:
            EndCode.unfinished
        case .interrupted(let signal): 128 + signal
        case .refused, .preparationFailed: EndCode.environment
        }
    }

    package var description: String {
        switch self {
        case .dismissed(let reason): "dismissed: \(reason)"
        case .refused(let reason): "the coordinator and this worker cannot work together: \(reason)"
        case .preparationFailed(let reason): "the workload could not be prepared: \(reason)"
        case .parentGone: "the process that started this worker is gone"
        case .coordinatorGone: "the coordinator is gone"
        case .interrupted(let signal): "stopped by signal \(signal)"
        case .coordinatorSilent(let duration):
            "the coordinator was silent for \(duration.plainText)"
        case .neverConnected(let duration):
            "no coordinator answered within \(duration.plainText); check the address, and that the run "
                + "still waits for workers"
        }
    }
}
