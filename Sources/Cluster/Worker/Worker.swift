import Attention
import CSystem
import Glibc
import Scheduling
import Timing
import Wire
import Work
import ZeroMQ

/// A worker process: one thread that talks to the coordinator, and compute threads.
///
/// This thread never computes, so that heartbeats continue whatever the kernel does. The
/// `WorkerMachine` decides what to do.
package final class Worker {
    let options: WorkerOptions
    let context: Context
    let socket: Socket
    let monitor: Monitor
    var poller = Poller()
    private let socketItem: Poller.Item
    private let lifelineItem: Poller.Item?
    let compute: ComputeThread
    var machine: WorkerMachine
    var envelope = Envelope()
    /// The run that the coordinator names in its messages; 0 before the first one.
    var run: UInt64 = 0
    var heartbeatInterval: Duration = .milliseconds(100)

    var tensors: WorkerTensors?
    /// Whether the worker has query, key and value before any trial.
    var holdsInputs = false
    /// The inputs of the newest trial that replace the held ones.
    var trialInputs: TrialInputs?
    /// The workload that the compute threads prepare when its inputs have arrived.
    var workload: ComputeWorkload?
    /// Input bytes still to come before the workload can be prepared.
    var missingSetUpBytes = 0
    /// CHUNK messages of the newest trial that have been taken in.
    var takenChunks: (trial: Int, count: UInt64) = (0, 0)
    /// The former tensors: a message in flight may still refer to them.
    var retiredTensors: WorkerTensors?
    /// Bytes received and sent; progress is these bytes plus the compute threads' count.
    var movedBytes: UInt64 = 0
    /// The times of shards that are computed but not answered yet.
    var shardTimes: [TaskIdentity: ShardTimes] = [:]
    var outbox: [Outgoing] = []
    /// The number of chunks already sent of shards that are still being computed.
    var streamedChunks: [TaskIdentity: Int] = [:]
    var exit: WorkerExit?

    /// A message that waits until the socket takes it.
    enum Outgoing {
        case header(Header)
        case setUp(Header, [UInt8])
        /// One chunk of a task's output.
        case output(OutputMessage, PackedShard)
        /// Marks that all the output of a task is on its way.
        case drained(TaskIdentity)
    }

    package init(_ options: WorkerOptions) throws(ClusterError) {
        self.options = options
        headwise_keep_freed_memory()
        ParentProcess.follow(options.parent)
        try DescriptorLimit.provideForWorker()
        if options.fault == .die(shard: 0) { _ = raise(SIGKILL) }
        Affinity.pin(to: options.processors)
        compute = try ComputeThread(
            threads: options.threads,
            processors: options.processors,
            depth: options.credit,
            fault: options.fault
        )
        machine = WorkerMachine(credit: options.credit, now: Self.now)
        do throws(ZeroMQError) {
            context = try Context()
            var socketOptions = SocketOptions()
            // A shard's output is sent all at once; a heartbeat behind it waits a few milliseconds.
            socketOptions.sendHighWaterMark = 32
            socketOptions.receiveHighWaterMark = 64
            // A coordinator that verifies for a long time answers no ping; the lifeline shows when
            // it ends.
            socketOptions.heartbeatInterval = nil
            socket = try Socket(context, kind: .dealer, options: socketOptions)
            monitor = try Monitor(context, of: socket)
            try socket.connect(options.endpoint)
        } catch {
            throw ClusterError(.environment, "\(error)")
        }
        socketItem = poller.add(socket)
        _ = poller.add(monitor.socket)
        _ = poller.add(fileDescriptor: compute.outcomes.descriptor)
        if let lifeline = options.lifeline {
            lifelineItem = poller.add(fileDescriptor: lifeline)
        } else {
            lifelineItem = nil
        }
    }

    static var now: Duration { .nanoseconds(Int64(Clock.nanoseconds)) }

    /// Works until it is asked to stop, and returns how it ended.
    package func work() throws(ClusterError) -> WorkerExit {
        _ = try compute.start()
        while true {
            if let exit {
                if case .preparationFailed = exit { try sayLastWord() }
                return exit
            }
            try turn()
        }
    }

    /// Gives the coordinator time to read why this worker cannot go on, and to end it.
    ///
    /// If it saw the end of the process first, it would know the exit code but no reason.
    private func sayLastWord() throws(ClusterError) {
        do throws(ZeroMQError) {
            try flush()
            try socket.setLinger(.seconds(1))
            guard let lifeline = options.lifeline else { return }
            var poller = Poller()
            _ = poller.add(fileDescriptor: lifeline)
            try poller.wait(.seconds(2))
        } catch {
            throw ClusterError(.environment, "\(error)")
        }
    }

    private func turn() throws(ClusterError) {
        do throws(ZeroMQError) {
            try flush()
            poller.change(socketItem, to: outbox.isEmpty ? .readable : [.readable, .writable])
            try poller.wait(heartbeatInterval)
            if let lifelineItem, !poller.events(of: lifelineItem).isEmpty {
                // Only the token was ever written, so this is the end of the stream.
                perform(machine.handle(.parentGone, now: Self.now))
                return
            }
            while let event = try monitor.next() { handle(event) }
            System.drain(eventDescriptor: compute.outcomes.descriptor)
            if let partial = compute.takePartialOutput() { enqueueOutput(partial) }
            while let outcome = compute.outcomes.take() { handle(outcome) }
            for _ in 0..<64 {
                guard try socket.receive(into: &envelope) else { break }
                handleEnvelope()
            }
            let progress = compute.progress &+ movedBytes
            perform(machine.handle(.tick(progress: progress), now: Self.now))
            try flush()
        } catch {
            throw ClusterError(.environment, "\(error)")
        }
    }

    private func handle(_ event: MonitorEvent) {
        switch event.kind {
        case .handshakeSucceeded: perform(machine.handle(.connected, now: Self.now))
        case .disconnected: perform(machine.handle(.disconnected, now: Self.now))
        default: break
        }
    }

    private func handle(_ outcome: ComputeOutcome) {
        switch outcome {
        case .prepared:
            perform(machine.handle(.prepared, now: Self.now))
        case .preparationFailed(let reason):
            perform(machine.handle(.preparationFailed(reason), now: Self.now))
        case .computed(let job, let times):
            // Answers of a finished trial are never sent, so nothing else removes these entries.
            if let (known, _) = shardTimes.first, known.trial != job.identity.trial {
                shardTimes.removeAll(keepingCapacity: true)
            }
            shardTimes[job.identity] = times
            perform(machine.handle(.computeFinished(job.identity), now: Self.now))
        }
    }
}
