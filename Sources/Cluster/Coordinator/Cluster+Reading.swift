import Platform
import Scheduling
import Wire
import Work
import ZeroMQ

/// What a cluster is and was.
extension Cluster {
    /// The version that libzmq reports, such as "4.3.4".
    package static var libraryVersion: String { Context.libraryVersion }

    /// The current time on the dispatcher's clock.
    static var now: Duration { .nanoseconds(Int64(Clock.nanoseconds)) }

    /// The kind of the error that no worker is left; see `FaultReason.isOwn`.
    var lossKind: RunError.Kind {
        dispatcher.lastLoss?.reason.isOwn == true ? .environment : .unfinished
    }

    var endpoint: String { socket.endpoint }
    var run: UInt64 { socket.run }
    /// How many messages were dropped because they were not of our protocol, by reason.
    var refusals: [WireError.Reason: Int] { socket.refusals }
    /// What came to the address so far and was not let in.
    package var strangers: Strangers { socket.strangers }

    /// How fast the link of each worker was when it joined, by ordinal; of those that were measured.
    package var linkTimes: [Int: LinkTimes] {
        links.reduce(into: [:]) { $0[$1.ordinal] = $1.linkTimes }
    }

    /// How many tasks of the last trial were handed out.
    package var attemptCount: Int { dispatcher.ledger.attemptCount }

    /// Workers that can compute, and the memory of the largest, if known.
    package var liveWorkerCount: Int { links.count { $0.isLive } }
    package var largestWorkerBytes: Int? { links.compactMap(\.residentBytes).max() }

    /// Whether as many workers as it needs have come, if another program starts them.
    package var hasBegun: Bool { joining.shortage(links, launched, configuration) == nil }

    /// Whether all workers of the configuration are at work.
    package var isWhole: Bool {
        liveWorkerCount == configuration.workerCount && dispatcher.isWhole
    }

    /// The ordinal of the worker whose result for a shard counted in the last trial.
    package func worker(ofShard index: Int) -> Int? {
        guard dispatcher.ledger.entries.indices.contains(index) else { return nil }
        let entry = dispatcher.ledger.entries[index]
        return entry.acceptedAttempt.map { entry.attempts[$0 - 1].worker.rawValue }
    }

    /// The ordinals of all workers that got a shard in the last trial; first the one whose result counted.
    package func workers(ofShard index: Int) -> [Int] {
        guard dispatcher.ledger.entries.indices.contains(index) else { return [] }
        let all = dispatcher.ledger.entries[index].attempts.map(\.worker.rawValue)
        guard let first = worker(ofShard: index) else { return all }
        return [first] + all.filter { $0 != first }
    }

    /// Where each worker computes the loaded problem, and with what.
    package var origins: [WorkerOrigin] { links.compactMap(\.origin) }

    /// What the last trial gathered of each stage but the last.
    package var earlierOutputs: [UnsafePointer<Float>] {
        unsafe workload?.earlierOutputs.map {
            unsafe UnsafePointer($0.assumingMemoryBound(to: Float.self))
        } ?? []
    }

    /// Everything that went wrong so far, in the order in which it was noticed.
    package var faults: [FaultRecord] { dispatcher.faults }
}
