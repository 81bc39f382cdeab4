import Attention
import Platform
import Scheduling
import Wire
import Work
import ZeroMQ

/// A worker: its connection to the coordinator, and compute threads.
///
/// The `WorkerMachine` decides what to do. `WorkerProcess` waits, for one worker or several.
final class Worker {
    private let options: WorkerOptions
    private let socket: Socket
    private let monitor: Monitor
    private let socketItem: Poller.Item
    private let compute: ComputeThread
    /// Tasks that take no processor; a fault is the compute thread's, and so are its tasks.
    private var workless = WorklessTasks()
    private var machine: WorkerMachine
    private var envelope = Envelope()
    private var outbox = WorkerOutbox()
    private(set) var heartbeatNanoseconds: UInt64 = 100_000_000
    /// When its machine was last told the time.
    private var lastTickNanoseconds: UInt64 = 0
    private var held: HeldWorkload?
    /// The former tensors: a message in flight may still refer to them.
    private var retiredTensors: WorkerTensors?
    /// Counts what is received; progress is this, the bytes sent and the compute threads' count.
    private var receivedCount: UInt64 = 0
    /// The times of shards that are computed but not answered yet: a few.
    private var shardTimes: [(task: TaskIdentity, times: ShardTimes)] = []
    /// Jobs that were given to the compute thread, and whose outcome has not come.
    private var openJobs = 0
    /// Whether the compute thread may not know of a job yet.
    private var hasSilentJobs = false
    /// What was done since the last result, if the coordinator wants to know.
    private var log: ActivityLog?
    /// The trial of the last task that came; what is noted is of later trials.
    private var lastTrial = 0
    private var tracedAfter = 0
    /// When it last looked for messages.
    private var lastLookNanoseconds: UInt64 = 0
    /// Why the worker ends, once it does.
    private(set) var exit: WorkerExit?
    /// How long a worker without a lifeline tries to connect.
    private static let connectLimit = Duration.seconds(15)
    /// Of a worker that was never connected.
    private var failedHandshakes: Int? = 0
    /// One or two may be for want of room at the coordinator; it tries for two or three seconds.
    private static let mostFailedHandshakes = 6

    /// Connects; `poller` is the one with which its process waits.
    init(
        _ options: WorkerOptions,
        _ context: borrowing Context,
        _ poller: inout Poller
    ) throws(RunError) {
        self.options = options
        compute = try ComputeThread(
            threads: options.threads,
            processors: options.processors,
            depth: options.credit,
            fault: options.fault
        )
        machine = WorkerMachine(
            credit: options.credit,
            connectLimit: options.pingsCoordinator ? Self.connectLimit : nil,
            endsWithConnection: options.endsWithConnection,
            mostUnheardHeartbeats: options.lifeline == nil ? Self.mostUnheardHeartbeats : nil,
            now: Self.now
        )
        do throws(ZeroMQError) {
            var socketOptions = SocketOptions()
            // A shard's output is sent all at once; a heartbeat behind it waits a few milliseconds.
            socketOptions.sendHighWaterMark = 32
            socketOptions.receiveHighWaterMark = 64
            // A coordinator that verifies for a long time answers no ping; the lifeline shows when
            // it ends. Without a lifeline, a cut link shows by nothing else.
            socketOptions.heartbeatInterval = options.pingsCoordinator ? .milliseconds(500) : nil
            socketOptions.heartbeatTimeout = .milliseconds(1500)
            // A host that vanishes ends no connection, but the kernel of one that is busy answers this.
            socketOptions.isKeptAlive = options.interruption != nil
            socketOptions.security = options.pass.security
            socketOptions.usesIPv6 = options.endpoint.contains("[")
            socket = try Socket(context, kind: .dealer, options: socketOptions)
            monitor = try Monitor(context, of: socket)
            try socket.connect(options.endpoint)
        } catch {
            throw RunError(.environment, "\(error)")
        }
        socketItem = poller.add(socket, for: .news)
    }

    /// How many heartbeats a far worker sends until it hears something.
    ///
    /// A coordinator that verifies, or waits for workers of another cluster, reads nothing. Heartbeats would fill
    /// its end of the connection, and a full one answers no ping.
    private static let mostUnheardHeartbeats = 16

    private static var now: Duration { .nanoseconds(Int64(Clock.nanoseconds)) }

    /// When this turn began: its events are of then, since reading the clock for each takes longer than they do.
    private var turnTime = Worker.now

    func start() throws(RunError) { _ = try compute.start() }

    /// Readable when the connection may have changed, and when a compute thread has done something.
    var descriptors: (reports: Int32, outcomes: Int32) {
        (monitor.descriptor, compute.outcomes.descriptor)
    }

    /// Sends why the worker ends; the context then waits until that is sent.
    func sendLastWord() throws(ZeroMQError) {
        try flush()
        try socket.setLinger(.seconds(1))
    }

    /// Takes what happened to the connection before the first turn.
    func takeFirstReports() throws(ZeroMQError) {
        turnTime = Self.now
        try takeReports()
    }

    /// Takes something that happened to the process between two turns.
    func takeNews(_ event: WorkerMachineEvent) {
        turnTime = Self.now
        handle(event)
    }

    private func takeReports() throws(ZeroMQError) {
        while let event = try monitor.next() {
            switch event.kind {
            case .handshakeSucceeded:
                failedHandshakes = nil
                handle(.connected)
            case .disconnected:
                noteFailedHandshake()
                handle(.disconnected)
            case .authenticationFailed:
                handle(.refused(options.pass.refusal(at: options.endpoint)))
            default: break
            }
        }
    }

    // MARK: Turns

    /// When the emulated task that waits has ended, if one does.
    var nextEnd: UInt64? { workless.nextEnd }

    /// Sends what can be sent, and says what is to be waited for.
    func prepareWait(_ poller: inout Poller) throws(ZeroMQError) {
        try flush()
        poller.change(socketItem, toNews: !leavesMessages, room: !outbox.isEmpty)
    }

    /// Whether what comes can wait until the emulated task has ended, or for a heartbeat.
    ///
    /// No task begins before; so each costs one wake-up fewer, which a worker with a processor of its own
    /// would not take from the coordinator. Inputs are asked for, and traces show when tasks came.
    private var leavesMessages: Bool {
        workless.nextEnd != nil && log == nil && held?.takesChunks != true
    }

    /// Whether it must look for messages, whatever waits: the rest depends on it.
    private func mustLook(at now: UInt64) -> Bool {
        now - lastLookNanoseconds >= heartbeatNanoseconds / 2
    }

    /// Whether there is anything to do at `now`, after a wait.
    func isDue(_ poller: borrowing Poller, at now: UInt64) -> Bool {
        if let end = workless.nextEnd, end <= now { return true }
        return poller.isReady(socketItem) || mustLook(at: now)
    }

    /// Takes what the last wait found, which ended at `now`, and what has come since.
    func turn(at now: UInt64, hasReports: Bool, hasOutcomes: Bool) throws(ZeroMQError) {
        turnTime = .nanoseconds(Int64(now))
        if hasOutcomes { System.drain(eventDescriptor: compute.outcomes.descriptor) }
        if openJobs > 0 { takeComputed() }
        takeWorkless()
        // Before it looks for messages: the last look then shows that none is there, and the next wait need
        // not ask for that.
        try flush()
        if hasReports || !leavesMessages || mustLook(at: now) {
            lastLookNanoseconds = now
            for _ in 0..<64 {
                let begin = log == nil ? 0 : Clock.nanoseconds
                guard try socket.receive(into: &envelope) else { break }
                takeMessage(since: begin)
            }
            takeWorkless()
            announceJobs()
        }
        // After the messages that came before: the last one may be a BYE.
        if hasReports { try takeReports() }
        if hasReports || now - lastTickNanoseconds >= heartbeatNanoseconds / 4 {
            lastTickNanoseconds = now
            handle(.tick(progress: compute.progress &+ receivedCount &+ outbox.sentBytes))
        }
        try flush()
    }

    /// A coordinator with another key, or without keys, ends every handshake and gives no reason.
    private func noteFailedHandshake() {
        guard case .keys(let keys) = options.pass, let failed = failedHandshakes else { return }
        failedHandshakes = failed + 1
        guard failed + 1 == Self.mostFailedHandshakes else { return }
        handle(
            .refused(
                "the coordinator at \(options.endpoint) does not have the key of coordinator.public "
                    + "(fingerprint \(keys.coordinator.fingerprint)), or uses no keys; give both the "
                    + "keys of one 'headwise keys new'"
            )
        )
    }

    /// Gives the socket as many messages as it takes; the rest wait.
    private func flush() throws(ZeroMQError) {
        announceJobs()
        guard !outbox.isEmpty else { return }
        while let task = try outbox.send(through: socket, &log) { handle(.outputDrained(task)) }
        announceJobs()
    }

    private func announceJobs() {
        guard hasSilentJobs else { return }
        hasSilentJobs = false
        compute.announceJobs()
    }

    /// Takes what the compute thread has done.
    private func takeComputed() {
        if let partial = compute.takePartialOutput(), let held,
            // If the trial is over, nobody needs the rest.
            machine.heldTasks.contains(partial.job.identity)
        {
            outbox.append(partial, in: held.tensors)
        }
        while let outcome = compute.outcomes.take() {
            openJobs -= 1
            take(outcome)
        }
    }

    private func takeWorkless() {
        while let ended = workless.takeEnded() { take(ended) }
    }

    private func take(_ outcome: ComputeOutcome) {
        switch outcome {
        case .prepared: handle(.prepared)
        case .preparationFailed(let reason): handle(.preparationFailed(reason))
        case .computed(let job, let times):
            // Answers of a finished trial are never sent, so nothing else removes these entries.
            if let known = shardTimes.first, known.task.trial != job.identity.trial {
                shardTimes.removeAll(keepingCapacity: true)
            }
            shardTimes.append((job.identity, times))
            // An abandoned task of an earlier trial may end now.
            if job.identity.trial > tracedAfter { log?.note(times, of: job.identity) }
            handle(.computeFinished(job.identity))
        }
    }

    // MARK: Messages

    /// Takes the message in `envelope`; drops messages that are not of our protocol.
    ///
    /// If what is done is noted, `begin` is when the message was asked for.
    private func takeMessage(since begin: UInt64) {
        let isAdmitted = outbox.run != 0
        let message: IncomingMessage
        do throws(WireError) {
            // A refusal may come from a run this worker was never let into.
            message = try envelope.message(ofRun: isAdmitted ? outbox.run : nil)
        } catch {
            switch error {
            // Later messages would be of that version, too.
            case .version where !isAdmitted: handle(.refused("\(error)"))
            case .document(.workload, _), .field(.workload, _, _):
                // The coordinator waits for an answer: it may know patterns or values that we do not.
                handle(.workloadReceived([]))
                handle(.preparationFailed("\(error)"))
            default: break
            }
            return
        }
        switch message.content {
        case .task(let task):
            receivedCount &+= 1
            lastTrial = task.identity.trial
            log?.append(
                Activity(.receive, of: task.identity, from: begin, to: Clock.nanoseconds)
            )
            handle(.taskReceived(task))
        case .chunk(let chunk):
            take(chunk)
            log?.append(
                Activity(
                    .receive,
                    from: begin,
                    to: Clock.nanoseconds,
                    byteCount: chunk.payloadBytes
                )
            )
        case .workload(let workload): load(workload)
        case .welcome(let welcome):
            outbox.run = message.header.run
            let heartbeatInterval = Duration.milliseconds(welcome.heartbeatMilliseconds)
            heartbeatNanoseconds = UInt64(welcome.heartbeatMilliseconds) * 1_000_000
            let silenceLimit = Duration.milliseconds(welcome.silenceLimitMilliseconds)
            handle(
                .welcomed(
                    WorkerLimits(heartbeatInterval: heartbeatInterval, silenceLimit: silenceLimit)
                )
            )
        case .refuse(let refuse): handle(.refused(refuse.reason))
        case .bye(let bye): handle(.dismissed(bye.reason))
        case .heartbeat, .chunkAcknowledgement: handle(.heard)
        case .trace(let request):
            tracedAfter = lastTrial
            log = request.isWanted ? ActivityLog(capacity: ActivityLog.mostInPayload - 1) : nil
            handle(.heard)
        case .tasks(let batch):
            for task in batch.elements {
                receivedCount &+= 1
                lastTrial = task.identity.trial
                handle(.taskReceived(task))
            }
        case .probe(let probe):
            outbox.append(Echo(number: probe.number, payloadBytes: probe.answerBytes))
            handle(.heard)
        case .useRequest(let request):
            outbox.append(UseReport.ofThisProcess(number: request.number))
            handle(.heard)
        case .hello, .ready, .failed, .result, .results, .output, .echo, .use: break
        }
    }

    /// Puts a piece of input in its place and acknowledges it to the coordinator.
    private func take(_ chunk: ChunkMessage) {
        // A task before it need not wait until it is copied.
        announceJobs()
        guard held != nil else { return }
        let taken: ChunkAcknowledgement?
        do throws(RunError) {
            taken = try envelope.payload.withBytes { (bytes) throws(RunError) in
                try held?.take(chunk, bytes)
            }
        } catch {
            // The coordinator would wait for what this worker can never compute.
            outbox.append(Failed(reason: error.description))
            return
        }
        guard let taken else { return }
        receivedCount &+= UInt64(chunk.payloadBytes)
        outbox.putFirst(taken.header(run: outbox.run))
        handle(.chunkReceived(trial: chunk.trial, bytes: UInt64(chunk.payloadBytes)))
        prepareWhenComplete()
    }

    /// Makes room for a workload; its inputs are made or received next.
    private func load(_ workload: Workload) {
        // All messages from the tensors before the last ones have been received long ago.
        retiredTensors = held?.tensors
        held = nil
        // They refer to the former tensors.
        outbox.forgetAnswers()
        shardTimes.removeAll()
        let dropped = workless.dropTasks()
        var failure: RunError?
        do throws(RunError) {
            if options.sharesProcess, workload.standIn?.isWaiting != true {
                throw RunError(.environment, "a worker that shares its process computes nothing")
            }
            held = try HeldWorkload(workload, memory: options.memory)
        } catch {
            failure = error
        }
        handle(.workloadReceived(workload.problem.grids))
        for task in dropped { handle(.computeFinished(task)) }  // No thread computes them.
        if let failure { handle(.preparationFailed(failure.description)) }
    }

    /// Prepares the workload once everything it needs from the coordinator is here.
    private func prepareWhenComplete() {
        guard machine.state == .preparing, let workload = held?.takeComplete() else { return }
        openJobs += 1
        compute.submit(.prepare(workload))
    }

    // MARK: Actions

    /// Reports an event to the machine and does what it decides.
    private func handle(_ event: WorkerMachineEvent) {
        for action in machine.handle(event, now: turnTime) {
            switch action {
            case .sendHello:
                outbox.append(
                    Hello(
                        rank: options.rank,
                        credit: options.credit,
                        instructionSets: InstructionSet.available,
                        host: SystemFiles.live.line("/proc/sys/kernel/hostname"),
                        processor: CPUTopology.model(files: .live)
                    )
                )
            case .prepare: prepareWhenComplete()
            case .sendReady: outbox.append(Header(kind: .ready, run: outbox.run))
            case .sendFailed(let reason): outbox.append(Failed(reason: reason))
            case .sendBye(let reason): outbox.append(Bye(reason: reason))
            case .startCompute(let task):
                guard let job = held?.job(for: task) else { break }
                if options.fault == nil, let nanoseconds = held?.worklessNanoseconds(of: job) {
                    workless.append(job, nanoseconds: nanoseconds)
                } else {
                    openJobs += 1
                    hasSilentJobs = true
                    compute.submitSilently(.shard(job))
                }
            case .sendOutput(let task):
                guard let tensors = held?.tensors else { break }
                // Output that is shared is where it belongs.
                if !outbox.appendOutput(of: task, in: tensors) {
                    handle(.outputDrained(task.identity))
                }
            case .sendResult(let task): sendResult(of: task.identity)
            case .sendHeartbeat(let beat): outbox.putFirst(beat.header(run: outbox.run))
            case .refuseTask(let task, let refusal):
                outbox.append(Failed(reason: "\(refusal)", task: task))
            case .exit(let reason): exit = reason
            }
        }
    }

    /// The last part of its output has just been sent, so the result goes before the output of
    /// later tasks.
    private func sendResult(of task: TaskIdentity) {
        let place = shardTimes.firstIndex { $0.task == task }
        let times = place.map { shardTimes.remove(at: $0).times }
        let result = ResultMessage(
            task: task,
            computeNanoseconds: times?.computeNanoseconds ?? 0,
            queueNanoseconds: times?.queueNanoseconds ?? 0,
            offCoreNanoseconds: times?.offCoreNanoseconds ?? 0
        )
        outbox.putFirst(result, log?.take())
    }
}
