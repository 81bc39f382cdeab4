import Work

/// The tasks that a worker holds, from their arrival to their answer.
struct WorkerTaskQueue: Hashable, Sendable {
    /// The newest known trial.
    private var trial = 0
    private var receivedBytes: UInt64 = 0
    private var waiting: [WorkerTask] = []
    /// The tasks at the compute threads, in the order in which they are taken.
    ///
    /// One is being computed and others are ready, so that no wake-up is needed between two
    /// computations.
    private var handed: [WorkerTask] = []
    /// Computed, and being sent.
    private var draining: [WorkerTask] = []
    /// All tasks accepted in this trial.
    private var taken = TaskSet()
    /// Tasks that nobody wants any more, but that a compute thread still holds: it cannot be stopped.
    private var abandoned: Set<TaskIdentity> = []

    /// How many tasks may be at the compute threads: all of a small credit.
    ///
    /// Short tasks need many there, since a wake-up takes longer than they do; but those of an abandoned
    /// trial are computed in vain.
    private let handedLimit: Int
    private static let mostHanded = 16

    init(credit: Int) { handedLimit = max(2, min(credit, Self.mostHanded)) }

    var isComputing: Bool { !handed.isEmpty || !abandoned.isEmpty }
    var computing: TaskIdentity? { handed.first?.identity }
    var held: [TaskIdentity] { (draining + handed + waiting).map(\.identity) }

    /// Drops all tasks; a running computation continues, and its result is not used.
    mutating func forget() {
        trial = 0
        drop()
    }

    private mutating func drop() {
        receivedBytes = 0
        waiting = []
        draining = []
        taken.removeAll()
        abandoned.formUnion(handed.map(\.identity))
        handed = []
    }

    /// A newer trial ends the older one: nobody reads the results of its tasks.
    private mutating func enter(_ newTrial: Int) {
        guard newTrial > trial else { return }
        drop()
        trial = newTrial
    }

    mutating func noteInput(trial: Int, bytes: UInt64) {
        enter(trial)
        if trial == self.trial { receivedBytes &+= bytes }
    }

    mutating func refusal(of task: WorkerTask, credit: Int) -> TaskRefusal? {
        guard task.identity.trial >= trial, task.identity.trial > 0 else {
            return .trialWentBackwards(current: trial)
        }
        enter(task.identity.trial)
        guard draining.count + handed.count + waiting.count < credit else {
            return .beyondCredit(credit)
        }
        guard task.precedingBytes == receivedBytes else {
            return .missingInput(
                expectedBytes: task.precedingBytes,
                receivedBytes: receivedBytes
            )
        }
        return nil
    }

    /// Whether this task repeats one that was accepted: it needs no second answer.
    func hasTaken(_ task: WorkerTask) -> Bool {
        task.identity.trial == trial && taken.contains(task.identity)
    }

    mutating func append(_ task: WorkerTask) {
        taken.insert(task.identity)
        waiting.append(task)
    }

    /// The next task to hand to the compute threads, when they can take one.
    mutating func takeNext() -> WorkerTask? {
        guard handed.count + abandoned.count < handedLimit, !waiting.isEmpty else {
            return nil
        }
        let next = waiting.removeFirst()
        handed.append(next)
        return next
    }

    /// The task, if its output is still wanted.
    mutating func finish(_ task: TaskIdentity) -> WorkerTask? {
        if !abandoned.isEmpty { abandoned.remove(task) }
        guard let index = handed.firstIndex(where: { $0.identity == task }) else { return nil }
        let finished = handed.remove(at: index)
        draining.append(finished)
        return finished
    }

    /// The task, if its answer is still wanted.
    mutating func answer(_ task: TaskIdentity) -> WorkerTask? {
        guard let index = draining.firstIndex(where: { $0.identity == task }) else { return nil }
        return draining.remove(at: index)
    }
}
