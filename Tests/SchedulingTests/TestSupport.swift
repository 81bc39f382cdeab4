import TestSupport
import Work

@testable import Scheduling

extension SplitMix {
    /// True in `percent` of all cases.
    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }

    mutating func duration(_ microseconds: ClosedRange<Int>) -> Duration {
        .microseconds(Int.random(in: microseconds, using: &self))
    }
}

extension Split {
    /// Those that cut a stage alone.
    static let ofOneStage = allCases.filter { $0 != .ring }
}

func shape(batch: Int = 1, heads: Int = 1, length: Int = 64) -> TaskGrid {
    TaskGrid(sliceCount: batch * heads, slicesPerBatch: heads, rowCount: length)
}

extension Duration {
    static func at(_ seconds: Double) -> Duration { .seconds(seconds) }
}

/// How the dispatcher sees a worker that has joined.
enum WorkerState {
    /// Healthy and without a task.
    case ready
    /// Healthy and with at least one task.
    case busy
    /// Silent for a while: keeps its tasks, gets no new ones, and others do them too.
    case suspect
    /// Gone for good, by itself or by us.
    case gone
}

extension Dispatcher {
    /// Handles an event; nil in place of the actions if looking at every worker had led to others.
    mutating func handleAndCompare(
        _ event: DispatcherEvent,
        now: Duration
    ) -> [DispatcherAction]? {
        guard isSaturated, case .resultCompleted = event else { return handle(event, now: now) }
        var other = self
        other.isSaturated = false
        let actions = handle(event, now: now)
        return other.handle(event, now: now) == actions ? actions : nil
    }

    var isTrialRunning: Bool { trial != nil }

    /// Workers that joined and are not gone.
    var liveWorkers: [WorkerID] { workers.filter { !$0.isGone }.map(\.id) }

    /// Nil for a worker that never joined.
    func state(of worker: WorkerID) -> WorkerState? {
        places[worker].map {
            let known = workers[$0]
            if known.isGone { return .gone }
            if known.isSuspect { return .suspect }
            return known.outstanding.isEmpty ? .ready : .busy
        }
    }

    func outstandingTasks(of worker: WorkerID) -> [TaskIdentity] {
        places[worker].map { workers[$0].outstanding } ?? []
    }
}
