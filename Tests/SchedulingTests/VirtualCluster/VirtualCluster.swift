import TestSupport
import Work

@testable import Scheduling

/// A whole cluster in one value: real machines, virtual time, network and accidents.
///
/// Everything that happens is drawn from one seed. Messages of a connection arrive in order and
/// are lost only with the connection, as over ZeroMQ; the rest is as bad as the seed makes it.
struct VirtualCluster {
    struct Settings {
        var processCount: Int
        var trialCount: Int
        var accidents: [VirtualEvent.Accident]
        /// The largest number of accidents in a trial.
        var accidentsPerTrial: Int
        var repeatsMessages: Bool
        /// In how many of a hundred tasks the coordinator miscounts what it sent.
        var miscountPercent: Int
        var limits: DispatcherLimits
    }

    let settings: Settings
    var random: SplitMix
    var now: Duration = .seconds(1_000_000)
    var events = VirtualEventQueue()
    var processes: [VirtualProcess] = []
    var connections: [VirtualConnection] = []

    // The coordinator.
    var dispatcher: Dispatcher
    /// The grid of each stage in a step.
    let grids: [TaskGrid]
    /// 0 without steps.
    let stepCount: Int
    /// The rows that visit the same arcs, if the cluster is a ring; else empty.
    let ringParts: [(rows: Range<Int>, arcs: Range<Int>)]
    var isAway = false
    var awayBacklog: [VirtualEvent.Kind] = []
    var hasMissedTick = false
    var trial = 0
    var isTrialRunning = false
    var shards: [Shard] = []
    var accepted: [Int: Int] = [:]
    var dispatched: Set<TaskIdentity> = []
    /// The step of each shard, the shards of each step without a result, and the steps that ended.
    var steps: [Int] = []
    var unfinished: [Int] = []
    var finishedSteps = 0
    var failedAttempts: [Int: Int] = [:]
    var isOver = false

    // What is found.
    var violations: [String] = []
    var finishedTrials: [Int] = []
    var failedTrials: [Int: TrialFailure] = [:]
    var duplicateCount = 0
    var suspicionCount = 0
    var recoveryCount = 0
    var staleCount = 0
    var terminations: [FaultReason] = []
    /// A digest of every action: two runs of a seed agree in it.
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The last of three stages reads the other two, in its own batch elements.
    static let waitsFor = [[], [], [0, 1]]

    init(seed: UInt64, settings: Settings) {
        self.settings = settings
        random = SplitMix(seed: seed)
        dispatcher = Dispatcher(limits: settings.limits, now: now)
        // A ring in a quarter of the clusters, one stage in as many, and three in the others.
        let batch = Int.random(in: 1...3, using: &random)
        let isRing = random.chance(25)
        grids = Self.grids(isRing ? 1 : random.chance(33) ? 1 : 3, batch: batch, &random)
        ringParts =
            isRing
            ? randomParts(grids[0].rowCount, arcs: .random(in: 1...6, using: &random), &random) : []
        stepCount =
            isRing || Bool.random(using: &random) ? 0 : .random(in: 1...4, using: &random)
        for _ in 0..<settings.processCount { startProcess() }
        events.push(.coordinatorTick, at: now)
        events.push(.startTrial, at: now + .milliseconds(500))
    }

    private static func grids(
        _ count: Int,
        batch: Int,
        _ random: inout SplitMix
    ) -> [TaskGrid] {
        var grids: [TaskGrid] = []
        for _ in 0..<count {
            grids.append(
                shape(
                    batch: batch,
                    heads: .random(in: 1...6, using: &random),
                    length: .random(in: 1...64, using: &random)
                )
            )
        }
        return grids
    }

    /// The arcs of the ring, each a stage.
    var arcCount: Int { ringParts.map { $0.arcs.upperBound }.max() ?? 0 }

    /// Runs to the end of the last trial, and until every process has ended.
    mutating func run() {
        let deadline = now + .seconds(36_000)
        var eventCount = 0
        while let event = events.pop() {
            eventCount += 1
            now = max(now, event.time)
            if now > deadline || eventCount > 2_000_000 {
                violations.append("the cluster hangs in trial \(trial)")
                return
            }
            handle(event.kind)
            if isOver, processes.allSatisfy({ !$0.isAlive }) { break }
        }
        if finishedTrials.count + failedTrials.count != settings.trialCount {
            violations.append("not every trial ended")
        }
    }

    mutating func handle(_ event: VirtualEvent.Kind) {
        switch event {
        case .toWorker(let process, _, _), .computeDone(let process, _),
            .drained(let process, _), .workerTick(let process), .connect(let process):
            guard processes[process].isAlive else { return }
            if processes[process].isStopped {
                processes[process].backlog.append(event)
            } else {
                handleAtWorker(event, process)
            }
        case .proceed(let process):
            proceed(process)
        case .fault(let accident):
            happen(accident)
        case .coordinatorReturns(let announced):
            returnCoordinator(announced: announced)
        case .coordinatorTick where isAway:
            hasMissedTick = true
        case .toCoordinator, .lossNoticed, .coordinatorTick, .startTrial:
            if isAway { awayBacklog.append(event) } else { handleAtCoordinator(event) }
        }
    }

    mutating func note(_ violation: String) {
        violations.append("trial \(trial), \(now): \(violation)")
    }
}
