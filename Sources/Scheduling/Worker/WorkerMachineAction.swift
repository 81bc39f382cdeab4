import Work

/// The actions of a worker's I/O loop, in this order.
package enum WorkerMachineAction: Hashable, Sendable {
    case sendHello
    /// Make or make room for the inputs of the workload just received.
    case prepare
    case sendReady
    /// Tell the coordinator that this worker cannot take part.
    case sendFailed(String)
    /// Tell the coordinator that this worker leaves.
    case sendBye(String)
    case startCompute(WorkerTask)
    /// Send the output of the task; `outputDrained` follows.
    case sendOutput(WorkerTask)
    case sendResult(WorkerTask)
    case sendHeartbeat(Heartbeat)
    case refuseTask(TaskIdentity, TaskRefusal)
    /// End the process; every later event is ignored.
    case exit(WorkerExit)
}
