import Attention
import CSystem
import Platform
import Scheduling
import Wire
import Work
import ZeroMQ

/// A coordinator and its workers: processes of this machine, or whatever another program starts.
///
/// One thread, one loop: everything waits in `step`. The dispatcher makes the decisions; this type
/// carries messages, processes and bytes. Workers end when this value is destroyed.
///
/// A class, since a sweep holds several and interleaves their trials.
package final class Cluster {
    package let configuration: ClusterConfiguration
    let token = RunToken.random()
    private let interruption: Interruption
    private let interruptionItem: Poller.Item
    private let inputPlanes: [PlaneName: any InputPlane]
    private(set) var socket: CoordinatorSocket
    private let outputs: OutputMemory
    private(set) var links: [WorkerLink] = []
    private var sending = SendingLinks()
    private(set) var launched: LaunchedWorkers
    private(set) var joining = Joining()
    private var linkByPeer: [RoutingID: WorkerLink] = [:]
    private(set) var dispatcher: Dispatcher
    private(set) var workload: LoadedWorkload?
    private var trial: ActiveTrial?
    /// When it began to start its workers.
    private let launchedNanoseconds = Clock.nanoseconds
    /// How long it took until every worker had joined or was lost; nil before.
    package private(set) var joinNanoseconds: UInt64?
    /// How long it took until every worker was ready for the last workload; nil before.
    package private(set) var preparationNanoseconds: UInt64?
    /// The number of the last trial, from 1.
    package private(set) var trialCount = 0
    private var lastTickNanoseconds: UInt64 = 0
    private var useReading = UseReading()

    /// Starts the workers; returns when each has joined or is lost, and at least one has joined.
    package convenience init(
        _ configuration: ClusterConfiguration,
        interruption: Interruption
    ) throws(RunError) {
        try self.init(starting: configuration, interruption: interruption)
        try awaitWorkers()
    }

    /// Starts the workers; `awaitWorkers` must follow.
    package init(
        starting configuration: ClusterConfiguration,
        interruption: Interruption
    ) throws(RunError) {
        headwise_keep_freed_memory()
        try DescriptorLimit.provide(forWorkers: [configuration.processes])
        self.configuration = configuration
        self.interruption = interruption
        dispatcher = Dispatcher(limits: configuration.limits, now: Self.now)
        let inputPlanes = try PlaneName.makePlanes(sharesMemory: configuration.sharesMemory)
        self.inputPlanes = inputPlanes
        outputs = try OutputMemory(sharesMemory: configuration.sharesMemory)
        socket = try CoordinatorSocket(configuration, token)
        interruptionItem = socket.watch(interruption.descriptor)
        let memory =
            inputPlanes.values.compactMap(\.memory) + [outputs.gathered?.memory].compactMap { $0 }
        (links, launched) = try WorkerLink.start(configuration, token, memory, socket)
    }

    /// Returns when each worker has joined or is lost, and enough have joined.
    ///
    /// `say` gets what somebody has to know or do meanwhile, a sentence each.
    package func awaitWorkers(say: (String) -> Void = { _ in }) throws(RunError) {
        if let request = launched.request { say(request) }
        try waitForJoins(say)
        joinNanoseconds = Clock.nanoseconds - launchedNanoseconds
        if !configuration.admitsLateWorkers { socket.closeDoor() }
        if configuration.measuresLinks { try measureLinks() }
    }

    deinit { shutDown() }

    /// Ends every worker, waits until all are gone, and removes the cluster's files.
    ///
    /// No trial may follow. Call it before `exit`, which runs no `deinit`.
    package func shutDown() {
        for link in links { link.retire(nil, socket) }
        launched.end()
        socket.closeAfterSending()
    }

    // MARK: Workloads

    /// Gives every worker the problem and its resident inputs; returns when all live workers are
    /// ready.
    ///
    /// The memory of `inputs` must stay until the cluster is destroyed, even if another problem is
    /// loaded later: messages to a worker that died may still wait in the socket.
    package func load(
        _ workload: ClusterWorkload,
        inputs: borrowing AttentionInputs
    ) throws(RunError) {
        guard let plane = inputPlanes[workload.plane] else {
            preconditionFailure("a plane that shares memory needs a cluster that does")
        }
        let start = Clock.nanoseconds
        // Its memory goes before that of the next is there.
        self.workload = nil
        let loaded = try LoadedWorkload(workload, plane, outputs, inputs)
        self.workload = loaded
        handle(.resumed)
        for link in links where link.isLive {
            if let fault = try link.load(loaded, socket) { lose(link, fault) }
        }
        sending = SendingLinks(of: links)
        let limit = configuration.preparationLimit(workload.problem)
        try wait(limit, while: { $0.state == .preparing }) {
            .failed("did not prepare the problem within \($0)")
        }
        preparationNanoseconds = Clock.nanoseconds - start
        guard liveWorkerCount == 0 else { return }
        throw links.nonePrepared(faults)
    }

    // MARK: Trials

    /// Computes the loaded problem once, cut as `plan` says, into `output` (`[slice][row][Dv]`).
    ///
    /// Before the clock starts, the shared outputs are filled with the sentinel, so that bytes a
    /// worker does not write are noticed. The clock stops when all output is gathered in one tensor of
    /// the coordinator's memory; of shared outputs, `output` is a copy of it.
    ///
    /// `secondsPerQueryBlock` is the longest time that a healthy worker may need for one query
    /// block. A worker without progress for a multiple of it counts as wedged. `inputs` are whole
    /// tensors that replace the loaded ones in this trial alone; their memory must stay as long as
    /// that of the loaded ones. Only where it `isMeasured`, each thread's use is read, now and then.
    @unsafe
    package func runTrial(
        _ plan: ShardPlan,
        output: UnsafeMutableRawPointer,
        secondsPerQueryBlock: Double,
        inputs: [TensorName: UnsafeRawBufferPointer] = unsafe [:],
        isMeasured: Bool = true,
        isTraced: Bool = false
    ) throws(RunError) -> TrialReport {
        guard let workload else { preconditionFailure("a trial needs a workload") }
        try catchUp()
        // What they still write would reach this trial.
        try wait(configuration.limits.deadAfter, while: { $0.isLive && $0.isLate }) { _ in .late }
        // The workers sleep from here on.
        let reading = Clock.nanoseconds
        let isRead = isMeasured && useReading.isDue(at: reading)
        if isRead { try askForUse() }
        let usedBefore = links.map { $0.use(threads: isRead) }
        if isRead { useReading.noteReading(from: reading, to: Clock.nanoseconds) }
        workload.prepareTrial()
        for link in links where link.isLive { link.prepareTrial() }
        trialCount += 1
        trial = unsafe ActiveTrial(
            plan,
            workload.layout,
            outputs: workload.earlierOutputs + [workload.sharedOutput ?? output]
        )
        let outboxes = unsafe workload.outboxes(links.count, ofTrial: trialCount, own: inputs)
        for (link, outbox) in zip(links, outboxes) {
            if isTraced { try link.requestTrace(true, socket) }
            link.beginTrial(outbox, isTraced ? .empty(of: links.count) : nil)
        }
        sending = SendingLinks(of: links)
        let limit = configuration.wedgedAfter(secondsPerQueryBlock: secondsPerQueryBlock)
        let ownBefore = ProcessorUse.ofThisProcess
        var pauses = PauseWatch(.current, ready: PauseWatch.ready())
        let start = Clock.nanoseconds
        trial?.startNanoseconds = start
        handle(.trialStarted(trialCount, plan: plan, wedgedAfter: limit))
        defer { self.trial = nil }
        while trial?.endNanoseconds == nil, trial?.failure == nil {
            try step(atMost: PauseWatch.longestWait)
            pauses.note(.current, ready: PauseWatch.ready)
        }
        guard let trial, let end = trial.endNanoseconds else {
            let failure = trial?.failure.map { "\($0)" } ?? "it was given up"
            let kind = liveWorkerCount == 0 ? lossKind : .unfinished
            throw RunError(kind, "the trial cannot be finished: \(failure)")
        }
        let own = ProcessorUse.ofThisProcess.since(ownBefore)
        if isRead { try askForUse() }
        if let gathered = unsafe workload.sharedOutput {
            unsafe output.copyMemory(
                from: gathered,
                byteCount: workload.workload.problem.byteCount(of: .output)
            )
        }
        if isTraced { for link in links { try link.requestTrace(false, socket) } }
        return trial.report(trialCount, end, links, usedBefore, own, dispatcher, pauses)
    }

    /// Has far workers tell what they use, for which they have a moment.
    private func askForUse() throws(RunError) {
        for link in links { try link.askForUse(socket) }
        let limit = Self.now + .seconds(1)
        while links.contains(where: \.isAskedForUse), Self.now < limit {
            try step(atMost: PauseWatch.longestWait)
        }
        for link in links { link.giveUpAsking() }
    }

    /// Handles what arrived while the loop did not run, before the clock starts.
    private func catchUp() throws(RunError) {
        handle(.resumed)
        var turns = 0
        repeat {
            try socket.wait(.zero)
            try takeArrived()
            turns += 1
        } while socket.hasMessages && turns < 64
    }

    // MARK: Joining

    /// Waits for every worker's HELLO, up to the join limit.
    ///
    /// A worker that is killed or stays silent is lost, as it would be later, and the others
    /// continue without it. A worker that ends by itself has a reason, which will also hold for the
    /// others.
    private func waitForJoins(_ say: (String) -> Void) throws(RunError) {
        try wait(configuration.joinLimit, while: { $0.state == .expected }) {
            if let news = joining.news(links, launched) { say(news) }
            return joining.isHopeless(links, launched, at: Self.now)
        } _: {
            joining.note(waited: $0)
            return .silent($0)
        }
        if let shortage = joining.shortage(links, launched, configuration) {
            try interruption.checkForCause()
            throw shortage
        }
        guard liveWorkerCount == 0 else { return }
        try interruption.checkForCause()
        throw links.noneLeft(lossKind, faults, at: endpoint, configuration.joinLimit, strangers)
    }

    /// Handles a HELLO: welcomes the worker, or refuses it.
    private func join(_ hello: Hello, from peer: RoutingID) throws(RunError) {
        func refuse(_ reason: String) throws(RunError) {
            try socket.send(Refuse(reason: reason), to: peer)
        }
        let free = links.first { $0.state == .expected && socket.senderMayBe($0.ordinal) }?.ordinal
        guard let rank = hello.rank ?? free, links.indices.contains(rank),
            links[rank].state == .expected, socket.senderMayBe(rank)
        else {
            if linkByPeer[peer] == nil { socket.refuse(.rank) }
            return try refuse(joining.refusal(of: hello.rank, among: links))
        }
        let link = links[rank]
        link.join(hello, from: peer)
        socket.keepConnection()
        linkByPeer[peer] = link
        let welcome = Welcome(
            worker: link.ordinal,
            heartbeatMilliseconds: configuration.heartbeatMilliseconds,
            // A worker ends with its lifeline or its connection; it does not end because of silence alone.
            silenceLimitMilliseconds: 86_400_000
        )
        try socket.send(welcome, to: peer)
        handle(.workerJoined(link.id, ordinal: link.ordinal, credit: hello.credit))
    }

    // MARK: The loop

    /// Steps while a worker `isAwaited`; workers that still are after `limit` are lost.
    private func wait(
        _ limit: Duration,
        while isAwaited: (WorkerLink) -> Bool,
        orUntil isOver: () -> Bool = { false },
        _ reason: (Duration) -> FaultReason
    ) throws(RunError) {
        let start = Self.now
        var pauses = PauseWatch(.current, ready: PauseWatch.ready())
        while links.contains(where: isAwaited) {
            try step(atMost: PauseWatch.longestWait)
            pauses.note(.current, ready: PauseWatch.ready)
            if let failed = links.first(where: \.hasFailedToStart) {
                try interruption.checkForCause()
                throw RunError(
                    .environment,
                    "worker \(failed.ordinal) \(failed.lossReason(faults)); "
                        + [WorkerLink].startAdvice
                )
            }
            let waited = Self.now - start - pauses.paused
            guard waited > limit || isOver() else { continue }
            for link in links where isAwaited(link) { lose(link, reason(min(waited, limit))) }
        }
    }

    /// One turn: send what may be sent, wait, and handle what arrived.
    func step(atMost limit: Duration) throws(RunError) {
        try sending.pump(socket).forEach { lose($0, .disconnected) }
        try socket.wait(min(limit, dispatcher.limits.tickInterval))
        try takeArrived()
        let now = Clock.nanoseconds
        if Duration.nanoseconds(Int64(now - lastTickNanoseconds)) >= dispatcher.limits.tickInterval
        {
            lastTickNanoseconds = now
            for link in links where try link.isCutOff(socket) { lose(link, .disconnected) }
            handle(.tick)
        }
    }

    /// Handles the results of the last wait: signals, messages, ended workers.
    private func takeArrived() throws(RunError) {
        if socket.isReady(interruptionItem) { try interruption.check() }
        // Up to a limit, so that the other descriptors have a turn.
        for turn in 1...64 {
            var sender: WorkerLink?
            let arrival = try socket.receive { peer in
                sender = linkByPeer[peer]
                return sender != nil
            }
            guard let arrival else { break }
            guard case .message(let peer, let message) = arrival else { continue }
            try take(message, from: peer, sender)
            // Several short messages are answered together, which wakes fewer threads.
            guard message.header.payloadBytes > 0 || turn.isMultiple(of: 8) else { continue }
            try sending.pump(socket).forEach { lose($0, .disconnected) }
        }
        while let exit = socket.endedExit,
            !launched.take(exit, forget: { socket.forget(exit: $0) }),
            let link = links.first(where: { $0.hasExit(exit) })
        {
            lose(link, link.endReason)
        }
    }

    /// Takes a message of a worker, or the HELLO of a peer that is none yet.
    private func take(
        _ message: IncomingMessage,
        from peer: RoutingID,
        _ sender: WorkerLink?
    ) throws(RunError) {
        if case .hello(let hello) = message.content { return try join(hello, from: peer) }
        // We need nothing from a retired worker.
        guard let link = sender, link.isLive else { return }
        link.noteReceived(Header.byteCount + Int(message.header.payloadBytes))
        switch message.content {
        case .output(let output): place(output, from: link)
        case .result(let result): take(result, from: link)
        case .results(let batch):
            for result in batch.elements where link.isLive { take(result, from: link) }
        case .chunkAcknowledgement(let acknowledgement):
            if link.acknowledge(acknowledgement) { handle(.advanced(link.id)) }
        case .heartbeat(let beat): handle(.heartbeat(link.id, beat))
        case .ready:
            try link.becomeReady()
            handle(.heard(link.id))
        case .failed(let failed): take(failed, from: link)
        case .bye(let bye): lose(link, .left(bye.reason))
        case .echo(let echo):
            handle(.heard(link.id))
            switch try link.take(echo, socket) {
            case .taken(let fault): if let fault { lose(link, fault) }
            case .unasked: socket.refuse(.field)
            }
        case .use(let report):
            handle(.heard(link.id))
            if !link.take(report) { socket.refuse(.field) }
        case .hello, .welcome, .refuse, .workload, .task, .tasks, .chunk, .trace, .probe,
            .useRequest:
            socket.refuse(.kind)
        }
    }

    private func place(_ output: OutputMessage, from link: WorkerLink) {
        handle(.advanced(link.id))
        // The result may be of a former workload, whose output travelled on another route.
        guard isWanted(output.task, from: link) else { return }
        let fault = socket.withPayload { payload in
            trial?.withAssembly { link.place(payload, of: output, in: &$0) }
        }
        if let fault { lose(link, fault) }
    }

    private func take(_ result: ResultMessage, from link: WorkerLink) {
        defer { link.noteAnswer(to: result.task) }
        // The whole output must have arrived, each place once, before the result counts.
        if isWanted(result.task, from: link) {
            for writer in links.writers(besides: result.task) { lose(writer, .late) }
            if let fault = trial?.withAssembly({ link.complete(result, in: &$0) }) {
                return lose(link, fault)
            }
            trial?.noteComputed(result)
            if result.activityBytes > 0 { socket.withPayload(link.noteActivities) }
        }
        handle(.resultCompleted(link.id, result.task))
    }

    private func take(_ failed: Failed, from link: WorkerLink) {
        guard let task = failed.task else { return lose(link, .failed(failed.reason)) }
        link.noteAnswer(to: task)
        // After the task's trial, its account is closed.
        if isWanted(task, from: link) { link.noteAnswered() }
        handle(.taskRefused(link.id, task, reason: failed.reason))
    }

    /// Whether an answer to the task counts in the trial under way.
    private func isWanted(_ task: TaskIdentity, from link: WorkerLink) -> Bool {
        if case .stale = dispatcher.standing(of: task, from: link.id) { false } else { true }
    }

    /// Reports an event to the dispatcher and does what it decides.
    private func handle(_ event: DispatcherEvent) {
        let now = Clock.nanoseconds
        for action in dispatcher.handle(event, now: .nanoseconds(Int64(now))) {
            switch action {
            case .dispatch(let id, let task, _):
                guard let packed = trial?.noteSent(task.shard, at: now) else { continue }
                let link = links[id.rawValue]
                sending.add(link)
                link.dispatch(task, packed, at: now)
            case .accept(let id, _): links[id.rawValue].noteAccepted()
            case .duplicate, .stale, .suspected, .recovered: break  // They are counted elsewhere.
            case .terminate(let id, let reason): links[id.rawValue].retire(reason, socket)
            case .stepFinished: trial?.noteStepFinished()
            case .trialFinished: trial?.endNanoseconds = Clock.nanoseconds
            case .trialFailed(_, let failure): trial?.failure = failure
            }
        }
    }

    /// Handles the loss of a worker's process or connection.
    func lose(_ link: WorkerLink, _ reason: FaultReason) {
        guard link.isLive else { return }
        let reason = link.cause(of: reason)
        link.retire(reason, socket)
        handle(
            link.hasJoined
                ? .workerLost(link.id, reason)
                : .workerMissed(link.id, ordinal: link.ordinal, reason)
        )
    }
}
