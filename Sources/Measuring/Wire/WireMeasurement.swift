import Attention
import Platform
import Record
import Statistics
import Work

/// The measurement of what tasks and tensors cost on the way, as asked for.
package struct WireMeasurement {
    package var transports: [Transport] = [.ipc]
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
    /// Of tasks that wait: a trial is to last about so long.
    private static let trialNanoseconds = 50_000_000
    private static let leastTasks = 32

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
        record.coordinatorPeakBytes = ResidentMemory.peakByteCount()
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
