import Work

/// One worker's part of a traced trial, as it happens.
package struct WorkerTrace: Sendable {
    /// A task from the moment when it was handed out.
    package struct Task: Sendable {
        package var identity: TaskIdentity
        package var dispatchedNanoseconds: UInt64
        /// When its result, or its refusal, was taken; nil if none came.
        package var answeredNanoseconds: UInt64?
    }

    /// A count that changed.
    package struct Level: Sendable {
        package var moment: UInt64
        package var value: UInt64
    }

    /// What the coordinator did for this worker.
    package private(set) var coordinator: ActivityLog
    /// What the worker says that it did, on its own clock.
    package private(set) var own: ActivityLog
    package private(set) var tasks: [Task] = []
    /// Bytes of input that were sent, but are not acknowledged.
    package private(set) var bytesInFlight: [Level] = []
    /// When the worker was given up; nil if it was not.
    package private(set) var endedNanoseconds: UInt64?
    /// Where each open task stands among all.
    private var open: [TaskIdentity: Int] = [:]
    private let capacity: Int
    /// Tasks and levels beyond the bound.
    private(set) var leftOut: UInt64 = 0
    /// The bytes of all chunks sent up to and with each.
    private var chunkEnds: [UInt64] = []
    private var acknowledgedChunks = 0

    /// Keeps at most `capacity` activities of the coordinator, as many of the worker, and as many tasks and
    /// levels.
    package init(capacity: Int) {
        self.capacity = capacity
        coordinator = ActivityLog(capacity: capacity)
        own = ActivityLog(capacity: capacity)
    }

    package mutating func dispatched(_ task: TaskIdentity, at moment: UInt64) {
        guard tasks.count < capacity else {
            leftOut += 1
            return
        }
        open[task] = tasks.count
        tasks.append(Task(identity: task, dispatchedNanoseconds: moment))
    }

    /// Notes the first answer to a task; one to a task of another trial changes nothing.
    package mutating func answered(_ task: TaskIdentity, at moment: UInt64) {
        if let place = open.removeValue(forKey: task) { tasks[place].answeredNanoseconds = moment }
    }

    /// Notes that nothing more is expected of the worker.
    package mutating func ended(at moment: UInt64) { endedNanoseconds = endedNanoseconds ?? moment }

    /// How much of the bound is used.
    var entryCount: Int {
        coordinator.activities.count + own.activities.count + 2 * tasks.count + bytesInFlight.count
    }

    package mutating func did(_ activity: Activity) { coordinator.append(activity) }

    package mutating func sentChunk(byteCount: Int, at moment: UInt64) {
        chunkEnds.append((chunkEnds.last ?? 0) + UInt64(byteCount))
        noteFlight(at: moment)
    }

    /// Notes that the worker has taken `count` chunks of the trial.
    package mutating func acknowledged(count: UInt64, at moment: UInt64) {
        acknowledgedChunks = min(Int(clamping: count), chunkEnds.count)
        noteFlight(at: moment)
    }

    /// Takes what the worker says about itself.
    package mutating func told(_ log: ActivityLog) { own.append(contentsOf: log) }

    private mutating func noteFlight(at moment: UInt64) {
        let arrived = acknowledgedChunks == 0 ? 0 : chunkEnds[acknowledgedChunks - 1]
        guard bytesInFlight.count < capacity else {
            leftOut += 1
            return
        }
        bytesInFlight.append(Level(moment: moment, value: (chunkEnds.last ?? 0) - arrived))
    }
}
