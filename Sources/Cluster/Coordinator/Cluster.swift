import Attention
import CSystem
import Scheduling
import Timing
import Wire
import ZeroMQ

/// A coordinator and its worker processes on this machine.
///
/// One thread, one loop: everything waits in `step`. The dispatcher makes the decisions; this type
/// carries messages, processes and bytes. Workers end when this value is destroyed.
///
/// A class, since a sweep holds several and interleaves their trials.
package final class Cluster {
    let configuration: ClusterConfiguration
    let interruption: Interruption
    let context: Context
    let socket: Socket
    var poller = Poller()
    let socketItem: Poller.Item
    let interruptionItem: Poller.Item
    private var folder: SocketFolder?
    let endpoint: String
    /// Identifies this cluster in every header, so that messages of other clusters are recognised.
    let run: UInt64
    let token: RunToken

    var links: [WorkerLink] = []
    var linkByPeer: [RoutingID: WorkerLink] = [:]
    var dispatcher: Dispatcher
    var envelope = Envelope()
    var workload: LoadedWorkload?
    var trial: ActiveTrial?
    package var trialCount = 0
    /// The trial of the chunks in flight; 0 before the first.
    var chunkTrial = 0
    var lastTickNanoseconds: UInt64 = 0
    /// How many messages were dropped because they were not of our protocol, by reason.
    var refusals: [WireError.Reason: Int] = [:]

    /// Starts the workers; returns when each has joined or is lost, and at least one has joined.
    package init(
        _ configuration: ClusterConfiguration,
        interruption: Interruption
    ) throws(ClusterError) {
        headwise_keep_freed_memory()
        try DescriptorLimit.provide(forWorkers: [configuration.workerCount])
        self.configuration = configuration
        self.interruption = interruption
        var generator = SystemRandomNumberGenerator()
        run = generator.next() | 1
        token = .random()
        dispatcher = Dispatcher(limits: configuration.limits, now: Self.now)
        do {
            context = try Context(
                ioThreads: Affinity.ioThreads(forWorkers: configuration.workerCount)
            )
            var options = SocketOptions()
            // These marks limit the outputs; the chunk window limits the inputs.
            options.sendHighWaterMark = 64
            options.receiveHighWaterMark = 32
            // While this process computes or verifies, it reads nothing, and a full pipe answers no
            // ping. The worker processes and our own heartbeats show which workers live.
            options.heartbeatInterval = nil
            socket = try Socket(context, kind: .router, options: options)
        } catch {
            throw ClusterError(.environment, "\(error)")
        }
        let wanted: String
        switch configuration.transport {
        case .ipc:
            let made = try SocketFolder()
            wanted = "ipc://\(made.socketPath)"
            folder = consume made
        case .tcp:
            folder = nil
            wanted = "tcp://127.0.0.1:*"
        }
        do {
            endpoint = try socket.bind(wanted)
        } catch {
            throw ClusterError(.environment, "\(error)")
        }
        socketItem = poller.add(socket)
        interruptionItem = poller.add(fileDescriptor: interruption.descriptor)
        try startWorkers()
        try waitForJoins()
        folder?.remove()
    }

    deinit { shutDown() }

    /// The version that libzmq reports, such as "4.3.4".
    package static var libraryVersion: String { Context.libraryVersion }

    /// A local worker ends with its lifeline; it does not end because of silence alone.
    static let silenceLimitMilliseconds = 86_400_000

    /// The current time on the dispatcher's clock.
    static var now: Duration { .nanoseconds(Int64(Clock.nanoseconds)) }

    /// Ends every worker, waits until all are gone, and removes the cluster's files.
    ///
    /// No trial may follow. Call it before `exit`, which runs no `deinit`.
    package func shutDown() {
        for link in links where link.isLive {
            poller.remove(link.exitItem)
            link.process.kill()
            link.state = .gone
        }
        folder = nil
    }

    /// Workers that can compute.
    package var liveWorkerCount: Int { links.count { $0.isLive } }

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

    /// Everything that went wrong so far, in the order in which it was noticed.
    package var faults: [FaultRecord] { dispatcher.faults }
}

/// The inputs that the workers hold, and their addresses in this process.
@safe
struct LoadedWorkload {
    var workload: ClusterWorkload
    @unsafe var inputs: [TensorName: UnsafeRawBufferPointer]
}

/// The trial under way.
@safe
struct ActiveTrial {
    var number: Int
    /// Inputs for this trial alone, which travel with its tasks.
    @unsafe var inputs: [TensorName: UnsafeRawBufferPointer]
    var assembly: OutputAssembly
    var isFinished = false
    var failure: TrialFailure?
    var endNanoseconds: UInt64 = 0
    var contradictions = 0
}
