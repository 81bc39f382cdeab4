import Work

@testable import Scheduling

/// A worker process of a virtual cluster: the real machine, and a body for it.
struct VirtualProcess {
    var machine: WorkerMachine
    let credit: Int
    /// The place among the workers of the run.
    let ordinal: Int
    /// The present connection, which names the worker to the coordinator.
    var connection: Int?
    var isAlive = true
    var isStopped = false
    var isWedged = false
    /// When it went on after a stop.
    var lastProceedTime: Duration?
    /// The coordinator ended it, so that every later silence is explained.
    var isDoomed = false
    /// What arrived while it was stopped.
    var backlog: [VirtualEvent.Kind] = []
    /// With the compute threads, in order, and when the last of them will be done.
    var computing: [TaskIdentity] = []
    var computeEnd: Duration = .zero
    /// The trial whose inputs it holds.
    var inputTrial = 0
    var progress: UInt64 = 0
    var exit: WorkerExit?
    /// How long its shards take: processes differ in speed.
    var computeMicroseconds: ClosedRange<Int>
}

/// One connection, as long as messages still travel on it.
struct VirtualConnection {
    let process: Int
    /// Messages arrive in the order in which they were sent.
    var lastDownTime: Duration = .zero
    var lastUpTime: Duration = .zero
    /// Nothing arrives at the coordinator after this.
    var upEndTime: Duration?
    var isDownOpen = true
    /// The coordinator's own account, kept apart from the dispatcher's.
    var isJoined = false
    var isSuspect = false
    var isLost = false
    var outstanding: Set<TaskIdentity> = []
    var sentBytes: UInt64 = 0
}
