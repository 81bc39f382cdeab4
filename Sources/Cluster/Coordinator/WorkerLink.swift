import Attention
import Platform
import Scheduling
import Traces
import Wire
import Work
import ZeroMQ

/// The coordinator's view of one worker: its process, its connection, and what travels between
/// them.
///
/// A class, since the cluster looks it up by ordinal and by connection.
final class WorkerLink {
    enum State: Equatable {
        /// Started, but has sent nothing yet.
        case expected
        /// Welcomed, without a workload.
        case joined
        /// Making or receiving its inputs.
        case preparing
        case ready
        case gone
    }

    let ordinal: Int
    private let process: any LaunchedWorker
    /// The ways in which the worker's output can come back.
    private let planes: [OutputRoute: any OutputPlane]
    /// The one of the loaded workload.
    private var output: (route: OutputRoute, plane: any OutputPlane)?
    private var stage = State.expected
    private var peer: RoutingID?
    /// What the worker said of itself, but for its rank.
    private var hello: Hello?
    /// What it computes the loaded workload with.
    private var instructionSet: InstructionSet?
    private var probing = LinkProbing()
    private var told = ToldUse()
    private var outbox: Outbox?
    private var account = TrialAccount()
    /// Why the worker is gone.
    private var ending: FaultReason?

    /// A worker that was started, whose output can come back on these ways.
    private init(
        _ ordinal: Int,
        _ process: any LaunchedWorker,
        _ planes: [OutputRoute: any OutputPlane]
    ) {
        self.ordinal = ordinal
        self.process = process
        self.planes = planes
    }

    /// Starts all workers, which say HELLO to `socket`.
    static func start(
        _ configuration: ClusterConfiguration,
        _ token: RunToken,
        _ memory: [InheritedMemory],
        _ socket: borrowing CoordinatorSocket
    ) throws(RunError) -> (links: [WorkerLink], launched: LaunchedWorkers) {
        var (planes, seats) = ([[OutputRoute: any OutputPlane]](), [WorkerSeat]())
        for ordinal in 0..<configuration.workerCount {
            var own: [OutputRoute: any OutputPlane] = [:]
            for route in OutputRoute.allCases
            where configuration.sharesMemory || !route.sharesMemory {
                own[route] = try route.makePlane()
            }
            planes.append(own)
            seats.append(
                WorkerSeat(
                    rank: ordinal,
                    process: ordinal / configuration.workersPerProcess,
                    endpoint: socket.endpoint,
                    token: token.hexadecimal,
                    keys: configuration.keys?.path,
                    threads: configuration.threads,
                    credit: configuration.credit,
                    processors: configuration.pinning.processors(
                        ofWorker: ordinal,
                        workerCount: configuration.workerCount,
                        threads: configuration.threads
                    ),
                    fault: configuration.faults[ordinal],
                    memory: own.values.compactMap(\.memory) + memory,
                    join: socket.joinFolder
                )
            )
        }
        let launched = try configuration.launcher.start(seats)
        let links = zip(launched.workers, planes).enumerated().map { ordinal, worker in
            WorkerLink(ordinal, worker.0, worker.1)
        }
        for descriptor in launched.workers.compactMap(\.endDescriptor) + launched.descriptors {
            try socket.watch(exit: descriptor)
        }
        return (links, launched)
    }

    var id: WorkerID { WorkerID(ordinal) }
    var state: State { stage }
    var isLive: Bool { stage != .gone }
    var hasJoined: Bool { peer != nil }
    /// Where the worker computes, and with what; nil until it has a workload.
    var origin: WorkerOrigin? {
        instructionSet.map { WorkerOrigin(ordinal, $0, host: hello?.host, hello?.processor) }
    }
    /// What the worker's process used of the processors so far, by its threads if these are asked for.
    ///
    /// That of a far worker is what it has told.
    func use(threads: Bool) -> ProcessorUse {
        guard isFar else { return process.use(threads: threads) }
        return threads ? told.processors : ProcessorUse()
    }
    /// The memory of the worker's process, if known.
    var residentBytes: Int? { isFar ? told.residentBytes : process.residentBytes }
    /// Whether nobody here can look at the worker's process.
    private var isFar: Bool { process.endDescriptor == nil }

    // MARK: Beginning and end

    func join(_ hello: Hello, from peer: RoutingID) {
        self.hello = hello
        probing.isPossible = hello.answersProbes ?? false
        told.isPossible = isFar && hello.reportsUse == true
        self.peer = peer
        stage = .joined
    }

    /// Whether this descriptor becomes readable when the process ends.
    func hasExit(_ descriptor: Int32) -> Bool { process.endDescriptor == descriptor }

    /// How the process has ended, which a wait found.
    var endReason: FaultReason { FaultReason(process.reap(), lastWords: process.lastWords) }

    /// If a process ends, its connection breaks too; how the process ended says more.
    func cause(of reason: FaultReason) -> FaultReason {
        guard reason == .disconnected, let ending = process.endingIfAny() else { return reason }
        return FaultReason(ending, lastWords: process.lastWords)
    }

    /// Makes sure that the worker is gone.
    func retire(_ reason: FaultReason?, _ socket: borrowing CoordinatorSocket) {
        guard isLive else { return }
        ending = reason
        stage = .gone
        outbox = nil
        account.abandoned(at: Clock.nanoseconds)
        account.trace?.ended(at: Clock.nanoseconds)
        if let end = process.endDescriptor {
            socket.forget(exit: end)
        } else if let peer {
            let reason = reason.map { "\($0)" } ?? "the run is over"
            // One that does not get it ends with its connection.
            _ = try? socket.send(Bye(reason: reason), to: peer)
        }
        process.kill()
    }

    /// Whether the connection of a worker has ended whose process nobody here watches; it takes a message
    /// to find out.
    func isCutOff(_ socket: borrowing CoordinatorSocket) throws(RunError) -> Bool {
        guard isLive, isFar, let peer else { return false }
        var payload: Message?
        let beat = Heartbeat(progress: 0, isComputing: false).header(run: socket.run)
        return try socket.send(beat, payload: &payload, to: peer) == .unreachable
    }

    /// Whether the worker has ended by itself instead of joining.
    var hasFailedToStart: Bool {
        !hasJoined && ending?.isOwn == true
    }

    /// Whether the worker was lost because it stayed silent and never joined.
    var isSilentSinceStart: Bool {
        if !hasJoined, case .silent = ending { true } else { false }
    }

    /// Whether the worker ended because of something it found, and not because of an outside event.
    func isUnable(_ faults: [FaultRecord]) -> Bool {
        faults.last { $0.ordinal == ordinal }?.reason.isOwn == true
    }

    func lossReason(_ faults: [FaultRecord]) -> String {
        let reason = faults.last { $0.ordinal == ordinal }?.reason ?? ending
        return reason.map { "\($0)" } ?? "ended"
    }

    // MARK: The link itself

    /// Begins to measure how fast the link is; returns why the worker cannot be asked.
    func beginProbing(
        _ socket: borrowing CoordinatorSocket,
        largestPayload: Int
    ) throws(RunError) -> FaultReason? {
        guard isLive, let peer else { return nil }
        return try probing.begin(largestPayload: largestPayload, through: socket, to: peer)
    }

    var isProbed: Bool { isLive && probing.isUnderWay }

    func endProbing(_ isValid: Bool) { probing.end(isValid) }

    /// Takes the answer to a probe.
    func take(
        _ echo: Echo,
        _ socket: borrowing CoordinatorSocket
    ) throws(RunError) -> LinkProbing.Answer {
        guard let peer else { return .unasked }
        return try probing.take(echo, through: socket, from: peer)
    }

    /// How fast the link was; nil if it was not measured.
    var linkTimes: LinkTimes? { probing.times }

    // MARK: What the process uses

    /// Asks a far worker what its process has used.
    func askForUse(_ socket: borrowing CoordinatorSocket) throws(RunError) {
        guard isLive, told.isPossible, let peer else { return }
        var payload: Message?
        let header = told.request().header(run: socket.run)
        // One that takes no message answers none.
        if try socket.send(header, payload: &payload, to: peer) != .sent { told.giveUp() }
    }

    var isAskedForUse: Bool { isLive && told.isAwaited }

    func giveUpAsking() { told.giveUp() }

    /// Takes what the worker says that it has used; false if nobody asked.
    func take(_ report: UseReport) -> Bool { told.take(report) }

    // MARK: Workloads and trials

    /// Gives the worker a workload and the inputs that come before any trial; returns why it cannot
    /// take them.
    func load(
        _ loaded: LoadedWorkload,
        _ socket: borrowing CoordinatorSocket
    ) throws(RunError) -> FaultReason? {
        guard let peer, let hello else { return nil }
        let workload = loaded.workload
        let sets = workload.instructionSets
        let set = sets.set(ofWorker: ordinal, having: hello.instructionSets)
        guard let set else {
            // Another worker in its place would have the same machine.
            let offered = hello.instructionSets.joined(separator: ", ")
            let wanted = sets.candidates(ofWorker: ordinal).map(\.rawValue)
                .joined(separator: " or ")
            throw RunError(
                .environment,
                "worker \(ordinal)\(hello.host.map { " on \($0)" } ?? "") runs \(offered), but is to use "
                    + "\(wanted); give --isa one that all workers have, or own, with which each uses the "
                    + "best that it has"
            )
        }
        instructionSet = set
        guard let plane = planes[workload.outputs] else {
            preconditionFailure("a plane that shares memory needs a cluster that does")
        }
        var message = loaded.message
        message.instructionSet = set
        try plane.load(workload.problem, &message)
        output = (workload.outputs, plane)
        stage = .preparing
        outbox = loaded.outbox
        return try socket.send(message, to: peer) == .sent ? nil : .disconnected
    }

    func becomeReady() throws(RunError) {
        guard stage == .preparing else { return }
        try output?.plane.open()
        stage = .ready
    }

    /// Prepares the memory that the worker will write to, before the clock starts.
    func prepareTrial() { output?.plane.prepareTrial() }

    /// Whether the worker may still write the output of an earlier trial where that of the next is to
    /// be gathered.
    var isLate: Bool { output?.plane.isLate == true }

    /// Whether the worker may still write where the output of this later attempt is to be put.
    func mayWrite(_ task: TaskIdentity) -> Bool { output?.plane.mayWrite(task) == true }

    /// Begins a trial; of a traced one, `trace` is to be filled.
    func beginTrial(_ outbox: Outbox, _ trace: WorkerTrace?) {
        self.outbox = outbox
        // A trace shows each task on its way.
        self.outbox?.sendsTogether = hello?.takesBatches == true && trace == nil
        account = TrialAccount(trace: trace)
    }

    /// What was done when in the trial, if it was traced.
    var trace: WorkerTrace? { account.trace }

    /// Asks the worker to say when it does what, or no longer to.
    func requestTrace(_ isWanted: Bool, _ socket: borrowing CoordinatorSocket) throws(RunError) {
        guard isLive, let peer else { return }
        var payload: Message?
        let header = TraceRequest(isWanted: isWanted).header(run: socket.run)
        // A worker that is gone, or takes nothing, is noticed by what it does not do.
        _ = try socket.send(header, payload: &payload, to: peer)
    }

    func dispatch(_ task: TaskIdentity, _ shard: PackedShard, at now: UInt64) {
        outbox?.append(task, shard.shard)
        output?.plane.expect(task, shard)
        account.dispatched(at: now)
        account.trace?.dispatched(task, at: now)
    }

    /// The worker's times in a trial that ended at `end`.
    func times(at end: UInt64, wall: UInt64, since before: ProcessorUse) -> WorkerTimes {
        account.used(use(threads: before.voluntarySwitches != nil).since(before))
        return account.close(at: end, wall: wall)
    }

    // MARK: Messages

    /// Whether messages wait to be sent.
    var hasWaiting: Bool { isLive && outbox?.isEmpty == false }

    /// Sends as many messages as the window allows.
    func pump(_ socket: borrowing CoordinatorSocket) throws(RunError) -> Outbox.Progress {
        guard let peer else { return .done }
        return try outbox?.send(through: socket, to: peer, &account) ?? .done
    }

    func noteReceived(_ byteCount: Int) { account.received(byteCount) }
    func noteAccepted() { account.accepted() }
    func noteAnswered() { account.answered(at: Clock.nanoseconds) }

    /// Notes that chunks have arrived; false when that is no news.
    func acknowledge(_ message: ChunkAcknowledgement) -> Bool {
        guard outbox?.acknowledge(message) == true else { return false }
        account.trace?.acknowledged(count: message.count, at: Clock.nanoseconds)
        return true
    }

    /// Puts a piece of output in its place; returns what is wrong with it.
    func place(
        _ payload: Span<UInt8>,
        of output: OutputMessage,
        in assembly: inout OutputAssembly
    ) -> FaultReason? {
        guard let (route, plane) = self.output else { return nil }
        let start = Clock.nanoseconds
        defer {
            account.merged(Clock.nanoseconds - start)
            account.did(.merge, of: output.task, since: start, byteCount: payload.count)
        }
        assembly.instructionSet = instructionSet
        switch plane.place(payload, of: output, in: &assembly) {
        case nil: return .failed("sent output that was to stand in \(route.place)")
        case .misfit:
            return .failed("sent output that does not fit into shard \(output.task.shard)")
        case .placed, .repeated, .contradicted: return nil
        }
    }

    /// Takes the result of a task, whose output must be complete; returns what is wrong with it.
    func complete(_ result: ResultMessage, in assembly: inout OutputAssembly) -> FaultReason? {
        let start = Clock.nanoseconds
        assembly.instructionSet = instructionSet
        let byteCount = output?.plane.complete(result.task, in: &assembly)
        let end = Clock.nanoseconds
        account.merged(end - start)
        account.did(.merge, of: result.task, since: start, byteCount: byteCount ?? 0)
        guard let byteCount else {
            return .failed("announced shard \(result.task.shard) but sent only a part")
        }
        account.gathered(byteCount)
        account.computed(
            result.computeNanoseconds,
            queued: result.queueNanoseconds,
            offCore: result.offCoreNanoseconds
        )
        account.answered(at: end)
        return nil
    }

    /// Notes that a task was answered, even if nobody needs its output any more.
    func noteAnswer(to task: TaskIdentity) {
        output?.plane.noteAnswer(to: task)
        if account.trace != nil { account.trace?.answered(task, at: Clock.nanoseconds) }
    }

    /// Takes what the worker says that it did.
    func noteActivities(_ payload: Span<UInt8>) {
        if account.trace != nil { account.trace?.told(ActivityLog(payload: payload)) }
    }
}

extension [WorkerLink] {
    /// Who may still write where the output of a later attempt is to be put.
    ///
    /// They end before it is put there: what they have not finished, such as partial sums, would be read.
    func writers(besides task: TaskIdentity) -> [WorkerLink] {
        task.isRepeated ? filter { $0.isLive && $0.mayWrite(task) } : []
    }
}

extension FaultReason {
    init(_ status: ExitStatus, lastWords: String? = nil) {
        switch status {
        case .exited(let code): self = .exited(status: Int(code), reason: lastWords)
        case .signalled(let number): self = .signalled(Int(number), reason: lastWords)
        case .unknown: self = .failed("ended in an unknown way")
        }
    }
}
