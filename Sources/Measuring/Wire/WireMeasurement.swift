import Attention
import Plan
import Platform
import Record
import Statistics
import Work

/// The measurement of what tasks and tensors cost on the way, as asked for.
package struct WireMeasurement {
    package var transports: [WireLink] = [.ipc]
    /// The keys of those links that have some.
    package var network: RunNetwork?
    package var planes: [PlaneName] = [.inline, .copied, .shared]
    package var workers = [1]
    /// How many tasks a worker may hold, where tasks have no payload.
    package var credits = [1, 4, 16]
    /// Payloads, each way.
    package var sizes: [Int] = []
    /// How long each task waits; nil for empty tasks.
    package var taskNanoseconds: UInt64?
    /// Tasks of a long run; nil for none.
    package var longRunTasks: Int?
    package var budgetSeconds = 12.0

    package init() {}

    /// How many tasks a worker holds where they have a payload: as many as `run` gives it.
    static let transferCredit = 2

    /// A trial has about so many bytes of payload, or so many tasks.
    private static let trialBytes = 16 << 20
    private static let mostTasks = 1000
    /// How long a trial of tasks that wait should last.
    private static let trialNanoseconds = 50_000_000
    private static let leastTasks = 32
    /// Rounds that are run whatever the budget, and one more to warm up.
    static let leastRounds = 3

    /// What workers do with tasks without a payload.
    var standIn: StandIn {
        taskNanoseconds.map { .waiting(nanosecondsPerTask: $0, nanosecondsPerPair: 0) } ?? .nothing
    }

    /// What lives at the same time: the most workers, and the processes of two bare loops.
    ///
    /// Those that take payloads have a process each.
    package var mostProcesses: [WorkerProcesses] {
        let most = workers.max() ?? 1
        let waiting = WireCluster.processes(most, standIn)
        let moving = WorkerProcesses(workers: most)
        return sizes.isEmpty ? [waiting, waiting] : [waiting, moving, moving]
    }

    /// The tasks of a trial with a payload; enough for every worker.
    func tasks(payloadBytes: Int, workers: Int) -> Int {
        let least = workers * (payloadBytes >= Self.trialBytes ? 1 : Self.transferCredit)
        return max(least, min(Self.mostTasks, Self.trialBytes / max(1, payloadBytes)))
    }

    /// The tasks of a trial without a payload.
    func tasks(workers: Int, credit: Int) -> Int {
        let least = max(Self.leastTasks, workers * credit * 2)
        guard let taskNanoseconds else { return max(least, 2 * Self.mostTasks) }
        return max(least, workers * Self.trialNanoseconds / Int(clamping: taskNanoseconds))
    }

    /// The rounds of one task at a time: fewer where tasks wait for long.
    var leastRoundTrips: Int {
        guard let taskNanoseconds else { return 100 }
        return min(
            100,
            max(Self.leastRounds, Self.trialNanoseconds / Int(clamping: taskNanoseconds))
        )
    }

    /// How long tasks wait at least, in all rounds that are run whatever the budget.
    package var leastWaitingSeconds: Double {
        guard let taskNanoseconds else { return 0 }
        let trips = Double(leastRoundTrips + 1)
        let trials = workers.flatMap { count in
            credits.map { credit in
                Double(Self.leastRounds + 1)
                    * (Double(tasks(workers: count, credit: credit)) / Double(count)).rounded(.up)
            }
        }
        // The bare loop waits as long.
        let waits = 2 * Double(transports.count) * (trips + trials.reduce(0, +))
        return waits * Double(taskNanoseconds) / 1e9
    }

    /// The payload of the largest trial.
    package var largestBytes: Int {
        let payloads = sizes.flatMap { size in
            workers.map { size * tasks(payloadBytes: size, workers: $0) }
        }
        // Tasks without a payload have an output of four bytes, which nobody reads.
        let empty = workers.flatMap { count in credits.map { 4 * tasks(workers: count, credit: $0) }
        }
        return max(payloads.max() ?? 0, empty.max() ?? 0, 4 * WireRun.longTrialTasks)
    }

    /// The memory that all processes may need: payloads and what comes back, in the coordinator and in what
    /// it shares; in each worker that sends outputs, room for all of them; and the processes.
    package var neededBytes: Int {
        let sends = transports.contains { transport in
            planes.contains { WireCluster.outputs($0, over: transport.transport) == .messages }
        }
        let most = workers.max() ?? 1
        let copies = 6 + (sends && !sizes.isEmpty ? most : 0)
        let (payloads, overflows) = copies.multipliedReportingOverflow(by: largestBytes)
        let processes = mostProcesses.reduce(0) { $0 + RunPlan.bytes(of: $1) }
        return overflows ? .max : payloads + processes
    }

    /// Measures everything, and rewrites the record after each step.
    package func measure(
        into store: consuming RecordStore,
        interruption: Interruption,
        progress: ProgressReport
    ) throws -> Measured<WireRecord> {
        let run = WireRun(self, interruption: interruption)
        let failure = run.measure(progress) { record in store.keep { record } }
        var record = run.record
        guard !(record.tasks.isEmpty && record.transfers.isEmpty && record.roundTrips.isEmpty)
        else { return Measured(nil, failure: failure) }
        // The system notes a new peak a little later than the memory itself.
        let tenths = record.endurance?.tenths.compactMap(\.coordinatorBytes) ?? []
        record.coordinatorPeakBytes = ([ResidentMemory.peakByteCount()] + tenths)
            .compactMap { $0 }.max()
        record.close(failure?.description)
        record.exitCode = failure?.exitCode ?? record.ending.code
        let obstacle = store.finish(record)
        return Measured(
            record,
            path: obstacle == nil ? store.path : nil,
            failure: failure ?? obstacle
        )
    }
}
