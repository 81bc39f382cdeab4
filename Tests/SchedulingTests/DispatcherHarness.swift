import Testing
import Work

@testable import Scheduling

/// A dispatcher with workers 0, 1, … and a clock in seconds, for tests step by step.
struct DispatcherHarness {
    var dispatcher: Dispatcher
    private(set) var now = 0.0

    init(workers: Int, credit: Int = 2, limits: DispatcherLimits = DispatcherLimits()) {
        dispatcher = Dispatcher(limits: limits, now: .zero)
        for worker in 0..<workers { join(worker, credit: credit) }
    }

    @discardableResult
    mutating func step(_ event: DispatcherEvent) -> [DispatcherAction] {
        let actions = dispatcher.handleAndCompare(event, now: .seconds(now))
        #expect(actions != nil, "a worker that can take a task was not looked at")
        return actions ?? []
    }

    @discardableResult
    mutating func join(_ worker: Int, ordinal: Int? = nil, credit: Int = 2) -> [DispatcherAction] {
        step(.workerJoined(WorkerID(worker), ordinal: ordinal ?? worker, credit: credit))
    }

    /// Starts a trial of `shardCount` equal shards.
    @discardableResult
    mutating func start(
        _ trial: Int = 1,
        shardCount: Int,
        schedule: Schedule = .dynamic,
        workerCount: Int = 2,
        wedgedAfter: Duration? = nil
    ) throws -> [DispatcherAction] {
        let plan = try ShardPlan.make(
            grid: shape(heads: shardCount),
            split: .head,
            schedule: schedule,
            // As many workers as shards makes a dynamic plan of single slices.
            workerCount: schedule == .dynamic ? shardCount : workerCount,
            queryBlock: 8
        )
        return step(.trialStarted(trial, plan: plan, wedgedAfter: wedgedAfter))
    }

    @discardableResult
    mutating func finish(
        _ worker: Int,
        _ shard: Int,
        attempt: Int = 1,
        trial: Int = 1
    ) -> [DispatcherAction] {
        step(.resultCompleted(WorkerID(worker), task(shard, attempt, trial)))
    }

    @discardableResult
    mutating func refuse(_ worker: Int, _ shard: Int, attempt: Int = 1) -> [DispatcherAction] {
        step(.taskRefused(WorkerID(worker), task(shard, attempt), reason: "no"))
    }

    @discardableResult
    mutating func lose(_ worker: Int, _ reason: FaultReason) -> [DispatcherAction] {
        step(.workerLost(WorkerID(worker), reason))
    }

    /// Lets time pass in ticks while the workers named speak.
    @discardableResult
    mutating func pass(
        _ seconds: Double,
        hearing workers: [Int] = [],
        progress: (Double) -> UInt64 = { UInt64($0 * 1000) }
    ) -> [DispatcherAction] {
        var actions: [DispatcherAction] = []
        let end = now + seconds
        while now < end {
            now = min(end, now + 0.125)
            for worker in workers {
                let report = Heartbeat(progress: progress(now), isComputing: true)
                actions += step(.heartbeat(WorkerID(worker), report))
            }
            actions += step(.tick)
        }
        return actions
    }

    /// Time passes while the coordinator reads nothing.
    mutating func standStill(_ seconds: Double) { now += seconds }
}

func task(_ shard: Int, _ attempt: Int = 1, _ trial: Int = 1) -> TaskIdentity {
    TaskIdentity(trial: trial, shard: shard, attempt: attempt)
}

extension [DispatcherAction] {
    /// Who was given which shard in which attempt, as `worker:shard.attempt`.
    var dispatches: [String] {
        compactMap {
            guard case .dispatch(let worker, let task, _) = $0 else { return nil }
            return "\(worker.rawValue):\(task.shard).\(task.attempt)"
        }
    }

    var others: [DispatcherAction] {
        filter {
            if case .dispatch = $0 { false } else { true }
        }
    }
}
