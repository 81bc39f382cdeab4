import Files
import Work

/// Some trials as a file that Perfetto and Chrome open.
///
/// A process of the trace is the coordinator or a worker, by rank. A thread's slices never overlap: what
/// would is cut off, since readers drop it.
package struct TraceDocument {
    private static let coordinator = 1
    private static let trialsThread = 2
    /// The threads of a worker.
    private static let messages = 1
    private static let compute = 2

    package private(set) var about: TraceAbout
    private var events: [TraceEvent] = []
    private let origin: UInt64
    private let clocks: [WorkerClock]
    private var arrows = 0
    private var taskNumber = 0

    /// The trials of one cluster, in the order of time.
    package init(_ trials: [TrialTrace], _ about: TraceAbout) {
        self.about = about
        origin = trials.first?.startNanoseconds ?? 0
        let count = trials.map(\.workers.count).max() ?? 0
        clocks = (0..<count).map { rank in
            WorkerClock(
                trials.compactMap { $0.workers.indices.contains(rank) ? $0.workers[rank] : nil }
            )
        }
        name(Self.coordinator, "coordinator", threads: [(1, "messages"), (2, "trials")])
        for (rank, clock) in clocks.enumerated() {
            name(
                Self.process(of: rank),
                "worker \(rank)",
                threads: [(Self.messages, "messages"), (Self.compute, "compute")]
            )
            self.about.workers.append(
                .init(
                    worker: rank,
                    clock: clock.relation,
                    offsetNanoseconds: clock.offsetNanoseconds,
                    offsetBoundsNanoseconds: clock.bounds.map { [$0.lowerBound, $0.upperBound] }
                )
            )
        }
        for trial in trials { add(trial) }
    }

    /// The whole file: JSON with an event on each line.
    package func text() throws(ExperimentError) -> String {
        let metadata = try JSONText.encode(about)
        return "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
            + events.map(\.json).joined(separator: ",\n") + "\n],\"metadata\":\(metadata)}\n"
    }

    private static func process(of rank: Int) -> Int { rank + 2 }

    private mutating func name(_ process: Int, _ name: String, threads: [(Int, String)]) {
        func metadata(_ kind: String, _ thread: Int, _ key: String, _ value: TraceEvent.Argument) {
            events.append(
                TraceEvent(
                    phase: .metadata,
                    name: kind,
                    process: process,
                    thread: thread,
                    arguments: [(key, value)]
                )
            )
        }
        metadata("process_name", 1, "name", .text(name))
        metadata("process_sort_index", 1, "sort_index", .number(UInt64(process)))
        for (thread, name) in threads {
            metadata("thread_name", thread, "name", .text(name))
            metadata("thread_sort_index", thread, "sort_index", .number(UInt64(thread)))
        }
    }

    // MARK: A trial

    private mutating func add(_ trial: TrialTrace) {
        about.trials.append(
            .init(
                trial: about.trials.count + 1,
                wallNanoseconds: trial.endNanoseconds - trial.startNanoseconds,
                pausedNanoseconds: trial.pausedNanoseconds > 0 ? trial.pausedNanoseconds : nil
            )
        )
        about.leftOutActivities &+= trial.leftOut
        events.append(
            TraceEvent(
                phase: .slice,
                name: (about.mark.map { "\($0): " } ?? "") + "traced trial \(about.trials.count)",
                moment: since(trial.startNanoseconds),
                duration: trial.endNanoseconds - trial.startNanoseconds,
                process: Self.coordinator,
                thread: Self.trialsThread
            )
        )
        let own = add(
            trial.workers.flatMap(\.coordinator.activities),
            of: trial,
            Track(process: Self.coordinator, thread: Self.messages)
        )
        for (rank, worker) in trial.workers.enumerated() {
            let process = Self.process(of: rank)
            let told = moved(worker.own.activities, by: clocks[rank], in: trial)
            let computing: Set<Activity.Kind> = [.queue, .compute]
            add(
                told.filter { !computing.contains($0.kind) },
                of: trial,
                Track(process: process, thread: Self.messages)
            )
            let computed = add(
                told.filter { computing.contains($0.kind) },
                of: trial,
                Track(process: process, thread: Self.compute)
            )
            addArrows(worker.tasks, own, computed)
            addTasks(of: worker, in: trial, process)
            addLevels(of: worker, in: trial, process)
        }
        for fault in trial.faults {
            events.append(
                TraceEvent(
                    phase: .instant,
                    name: fault.reason,
                    moment: since(fault.moment),
                    process: Self.process(of: fault.worker),
                    category: "fault"
                )
            )
        }
    }

    /// A thread of a process of the trace.
    private struct Track {
        var process: Int
        var thread: Int
    }

    /// An activity that has its place on a track.
    private struct Placed {
        var activity: Activity
        var track: Track
    }

    private func since(_ moment: UInt64) -> UInt64 { moment - min(moment, origin) }

    /// What a worker told, on the coordinator's clock; what cannot be in this trial is left out.
    private mutating func moved(
        _ activities: [Activity],
        by clock: WorkerClock,
        in trial: TrialTrace
    ) -> [Activity] {
        let end = trial.lastMoment
        let moved = activities.compactMap { activity -> Activity? in
            var activity = activity
            activity.beginNanoseconds = clock.shifted(activity.beginNanoseconds)
            activity.endNanoseconds = min(clock.shifted(activity.endNanoseconds), end)
            guard clock.relation != .unknown, trial.startNanoseconds <= activity.beginNanoseconds,
                activity.beginNanoseconds <= activity.endNanoseconds
            else { return nil }
            return activity
        }
        about.leftOutActivities &+= UInt64(activities.count - moved.count)
        return moved
    }

    /// Adds the activities of one thread as slices, one after the other; returns them.
    @discardableResult
    private mutating func add(
        _ activities: [Activity],
        of trial: TrialTrace,
        _ track: Track
    ) -> [Placed] {
        var placed: [Placed] = []
        var last: UInt64 = 0
        for activity in activities.sorted(by: { $0.beginNanoseconds < $1.beginNanoseconds }) {
            var activity = activity
            activity.beginNanoseconds = max(activity.beginNanoseconds, last)
            guard activity.beginNanoseconds <= activity.endNanoseconds else {
                about.leftOutActivities &+= 1
                continue
            }
            last = activity.endNanoseconds
            placed.append(Placed(activity: activity, track: track))
            events.append(
                TraceEvent(
                    phase: .slice,
                    name: activity.title,
                    moment: since(activity.beginNanoseconds),
                    duration: activity.endNanoseconds - activity.beginNanoseconds,
                    process: track.process,
                    thread: track.thread,
                    category: "\(activity.kind)",
                    arguments: activity.arguments(trial.shards)
                )
            )
        }
        return placed
    }

    /// From where a task was sent to where it was computed, and on to where its result was taken.
    private mutating func addArrows(
        _ tasks: [WorkerTrace.Task],
        _ own: [Placed],
        _ computed: [Placed]
    ) {
        let (sends, merges) = (Self.byTask(own, .send), Self.byTask(own, .merge))
        let computes = Self.byTask(computed, .compute)
        for task in tasks {
            let key = TaskKey(task.identity)
            let stops = [sends[key]?.first, computes[key]?.last, merges[key]?.last].compactMap {
                $0
            }
            for (from, to) in zip(stops, stops.dropFirst()) {
                arrows += 1
                events.append(arrow(.flowStart, from))
                events.append(arrow(.flowEnd, to))
            }
        }
    }

    private static func byTask(_ placed: [Placed], _ kind: Activity.Kind) -> [TaskKey: [Placed]] {
        var found: [TaskKey: [Placed]] = [:]
        for place in placed where place.activity.kind == kind {
            if let key = TaskKey(place.activity) { found[key, default: []].append(place) }
        }
        return found
    }

    private func arrow(_ phase: TraceEvent.Phase, _ placed: Placed) -> TraceEvent {
        TraceEvent(
            phase: phase,
            name: "task",
            moment: since(placed.activity.beginNanoseconds),
            process: placed.track.process,
            thread: placed.track.thread,
            id: arrows,
            category: "task"
        )
    }

    /// Each task from being handed out to its answer; tasks that a worker holds together overlap.
    private mutating func addTasks(
        of worker: WorkerTrace,
        in trial: TrialTrace,
        _ process: Int
    ) {
        let end = worker.endedNanoseconds ?? trial.lastMoment
        for task in worker.tasks {
            taskNumber += 1
            var event = TraceEvent(
                phase: .begin,
                name: "shard \(task.identity.shard)",
                moment: since(task.dispatchedNanoseconds),
                process: process,
                id: taskNumber,
                category: "held",
                arguments: [("attempt", .number(UInt64(task.identity.attempt)))]
            )
            if task.answeredNanoseconds == nil { event.arguments.append(("answer", .text("none"))) }
            events.append(event)
            event.phase = .end
            event.moment = since(task.answeredNanoseconds ?? max(end, task.dispatchedNanoseconds))
            event.arguments = []
            events.append(event)
        }
    }

    /// How many tasks and bytes of input are with the worker or on their way to it.
    private mutating func addLevels(of worker: WorkerTrace, in trial: TrialTrace, _ process: Int) {
        let end = worker.endedNanoseconds ?? trial.lastMoment
        var changes: [(moment: UInt64, change: Int)] = []
        for task in worker.tasks {
            changes.append((task.dispatchedNanoseconds, 1))
            changes.append((task.answeredNanoseconds ?? max(end, task.dispatchedNanoseconds), -1))
        }
        // At one moment, what comes is counted before what goes.
        changes.sort { ($0.moment, -$0.change) < ($1.moment, -$1.change) }
        var held = 0
        add(level: 0, at: trial.startNanoseconds, "tasks held", "tasks", process)
        for (moment, change) in changes {
            held += change
            add(level: UInt64(held), at: moment, "tasks held", "tasks", process)
        }
        guard !worker.bytesInFlight.isEmpty else { return }
        for level in worker.bytesInFlight {
            add(level: level.value, at: level.moment, "bytes in flight", "bytes", process)
        }
        add(level: 0, at: end, "bytes in flight", "bytes", process)
    }

    private mutating func add(
        level: UInt64,
        at moment: UInt64,
        _ name: String,
        _ unit: String,
        _ process: Int
    ) {
        events.append(
            TraceEvent(
                phase: .counter,
                name: name,
                moment: since(moment),
                process: process,
                arguments: [(unit, .number(level))]
            )
        )
    }
}

extension Activity {
    /// `compute shard 3`, `receive inputs`.
    fileprivate var title: String { "\(kind) " + (shard.map { "shard \($0)" } ?? "inputs") }

    fileprivate func arguments(
        _ shards: [Shard]
    ) -> [(name: String, value: TraceEvent.Argument)] {
        var arguments: [(name: String, value: TraceEvent.Argument)] = []
        if byteCount > 0 { arguments.append(("bytes", .number(byteCount))) }
        guard let index = shard else { return arguments }
        arguments.append(("attempt", .number(UInt64(attempt))))
        guard kind == .compute, shards.indices.contains(index) else { return arguments }
        let shard = shards[index]
        return arguments + [
            ("stage", .number(UInt64(shard.stage))), ("slices", .text("\(shard.slices)")),
            ("rows", .text("\(shard.rows)")),
        ]
    }
}
