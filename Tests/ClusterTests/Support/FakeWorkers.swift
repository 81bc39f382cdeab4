import Attention
import Glibc
import Keys
import Scheduling
import Synchronization
import TestSupport
import Testing
import Wire
import Work
import ZeroMQ

@testable import Cluster
@testable import Platform

/// Worker processes that only wait for their end, while threads of the test send their messages.
///
/// So a test decides every message that the coordinator gets.
final class FakeWorkers: Sendable {
    private let folder: TemporaryFolder
    private let executable: String
    /// Each process writes a line with its number, its rank, the endpoint and the token.
    private let started: Int32
    /// Readable once the test is over.
    private let stop: Int32
    private let failures = Mutex<[String]>([])

    init() throws {
        folder = try TemporaryFolder()
        stop = try System.eventDescriptor()
        let pipe = folder.path + "/started"
        try #require(mkfifo(pipe, 0o600) == 0)
        // It is also open for writing, so that it does not end between two writers.
        started = open(pipe, O_RDWR | O_CLOEXEC)
        executable = try folder.writeProgram(
            "worker",
            """
            echo "$$ $5 $3 $(head -c 32 <&3)" > "${0%/*}/started"
            exec cat <&3 > /dev/null
            """
        )
    }

    deinit {
        close(started)
        close(stop)
    }

    /// Runs `body` with a cluster whose workers each do as `role` says.
    func run(
        _ workerCount: Int,
        limits: DispatcherLimits = DispatcherLimits(),
        joinLimit: Duration = .seconds(20),
        transport: Transport = .ipc,
        keys: KeyFolder? = nil,
        measuresLinks: Bool = false,
        role: @escaping @Sendable (inout FakeWorker) throws -> Void,
        _ body: (Cluster) throws -> Void
    ) throws {
        let threads = try (0..<workerCount).map { _ in
            try PlainThread { [self] in
                do {
                    var worker = try FakeWorker(seat(), keys: keys, stop: stop)
                    try role(&worker)
                } catch is FakeWorker.Stopped {
                    // The test is over and this worker had no more messages.
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        defer {
            System.signal(eventDescriptor: stop)
            for thread in threads { thread.join() }
            #expect(failures.withLock { $0 } == [])
        }
        var configuration = ClusterConfiguration(
            workerCount: workerCount,
            transport: transport,
            keys: keys,
            executable: executable,
            limits: limits,
            joinLimit: joinLimit
        )
        configuration.measuresLinks = measuresLinks
        try body(try Cluster(configuration, interruption: TestInterruption.shared))
    }

    /// What one process was started with.
    struct Seat {
        var processIdentifier: Int32
        var rank: Int
        var endpoint: String
        var token: RunToken
    }

    private let reading = Mutex<Void>(())

    private func seat() throws -> Seat {
        // A line is written at once, but two readers must not share one.
        let line = try reading.withLock { _ in
            var bytes: [UInt8] = []
            while bytes.last != UInt8(ascii: "\n") {
                var items = [started, stop].map {
                    pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
                }
                poll(&items, 2, Int32(patience.components.seconds * 1000))
                if items[1].revents != 0 { throw FakeWorker.Stopped() }
                try #require(items[0].revents != 0, "no process was started")
                bytes += try System.read(1, from: started)
            }
            return String(decoding: bytes.dropLast(), as: UTF8.self)
        }
        let words = line.split(separator: " ").map(String.init)
        try #require(words.count == 4)
        return Seat(
            processIdentifier: try #require(Int32(words[0])),
            rank: try #require(Int(words[1])),
            endpoint: words[2],
            token: try #require(RunToken(hexadecimal: words[3]))
        )
    }
}

/// Memory that a worker process inherited, by its name; it is open for reading and writing.
func inheritedMemory(_ name: String, of process: Int32) throws -> Int32 {
    for number in 4..<8 {
        let path = "/proc/\(process)/fd/\(number)"
        var text = [CChar](repeating: 0, count: 256)
        guard readlink(path, &text, 255) > 0 else { continue }
        let target = String(
            decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
        if target.contains(name) { return open(path, O_RDWR | O_CLOEXEC) }
    }
    Issue.record("process \(process) has no memory \(name)")
    return -1
}

/// The messages of one fake worker.
struct FakeWorker: ~Copyable {
    struct Stopped: Error {}

    let seat: FakeWorkers.Seat
    private(set) var ordinal = 0
    private let peer: RawPeer
    private let stop: Int32

    /// It shows the key of its rank, or the token.
    init(_ seat: FakeWorkers.Seat, keys: KeyFolder? = nil, stop: Int32) throws {
        self.seat = seat
        self.stop = stop
        let own = try keys.map { try $0.workerKeys(rank: seat.rank) }
        peer =
            try own.map {
                try RawPeer(seat.endpoint, .keyClient($0.pair, server: $0.coordinator), stop: stop)
            } ?? RawPeer(seat.endpoint, seat.token, stop: stop)
    }

    /// Sends HELLO, of a worker that runs these instruction sets, and waits for its welcome.
    mutating func join(
        _ instructionSets: [InstructionSet] = InstructionSet.available,
        takesBatches: Bool? = nil,
        answersProbes: Bool? = nil
    ) throws {
        var hello = Hello(rank: seat.rank, credit: 2, instructionSets: instructionSets)
        hello.takesBatches = takesBatches
        hello.answersProbes = answersProbes
        try peer.send(hello)
        let answer = try next()
        guard case .welcome(let welcome) = answer.content else {
            throw Unexpected(answer)
        }
        peer.run = answer.header.run
        ordinal = welcome.worker
    }

    /// Takes a workload that comes without tensors, and is ready for it.
    func prepare() throws -> Workload {
        let message = try next()
        guard case .workload(let workload) = message.content else { throw Unexpected(message) }
        try peer.send(Header(kind: .ready, run: peer.run).bytes)
        return workload
    }

    func nextTask() throws -> WorkerTask {
        let message = try next()
        guard case .task(let task) = message.content else { throw Unexpected(message) }
        return task
    }

    func nextTasks() throws -> Batch<WorkerTask> {
        let message = try next()
        guard case .tasks(let batch) = message.content else { throw Unexpected(message) }
        return batch
    }

    func nextProbe() throws -> Probe {
        let message = try next()
        guard case .probe(let probe) = message.content else { throw Unexpected(message) }
        return probe
    }

    func next() throws -> IncomingMessage { try peer.next() }

    /// Lives on while it waits: without this a worker is as silent as its role.
    func nextTaskBeating() throws -> WorkerTask {
        let message = try peer.next { peer throws in
            try peer.send(Heartbeat(progress: 0, isComputing: false).header(run: peer.run).bytes)
        }
        guard case .task(let task) = message.content else { throw Unexpected(message) }
        return task
    }

    /// Returns when the coordinator has read all earlier messages.
    ///
    /// A second HELLO is refused, and messages of one peer are taken in order.
    func waitUntilTaken() throws {
        try send(.sample(rank: seat.rank))
        let message = try next()
        guard case .refuse = message.content else { throw Unexpected(message) }
    }

    func send<Body: SetupMessage>(_ body: Body) throws { try peer.send(body) }
    func send(_ message: some HotMessage, _ payload: [UInt8]? = nil) throws {
        try peer.send(message.header(run: peer.run).bytes, payload)
    }

    /// Answers a task with the rows of `output`, `[slice][row][Dv]`.
    func answer(_ task: WorkerTask, _ problem: AttentionProblem, from output: [UInt32]) throws {
        try sendOutput(of: task, problem, from: output)
        try sendResult(of: task)
    }

    func sendOutput(
        of task: WorkerTask,
        _ problem: AttentionProblem,
        from output: [UInt32]
    ) throws {
        let packed = packed(task, problem)
        let bytes = output.withUnsafeBytes { [UInt8]($0) }
        for index in 0..<packed.chunkCount {
            let range = packed.chunk(index)
            var payload: [UInt8] = []
            packed.forEachPiece(of: range) { payload += bytes[$1..<$1 + $0.count] }
            try send(
                OutputMessage(
                    task: task.identity,
                    byteOffset: range.lowerBound,
                    payloadBytes: range.count
                ),
                payload
            )
        }
    }

    func sendResult(
        of task: WorkerTask,
        computeNanoseconds: UInt64 = 1
    ) throws {
        try send(result(of: task, computeNanoseconds: computeNanoseconds))
    }

    func sendResults(of tasks: [WorkerTask]) throws {
        let batch = Batch(tasks.map { result(of: $0, computeNanoseconds: 1) })
        try peer.send(batch.header(run: peer.run).bytes, batch.payload(run: peer.run))
    }

    private func result(of task: WorkerTask, computeNanoseconds: UInt64) -> ResultMessage {
        ResultMessage(
            task: task.identity,
            computeNanoseconds: computeNanoseconds,
            queueNanoseconds: 1,
            offCoreNanoseconds: 0
        )
    }

    private func packed(_ task: WorkerTask, _ problem: AttentionProblem) -> PackedShard {
        PackedShard(task.shard, in: StageLayout(problem))
    }

    /// Waits for the end of the test.
    func waitForEnd() throws { while true { _ = try next() } }

    /// A message that the role does not expect.
    struct Unexpected: Error, CustomStringConvertible {
        let description: String
        init(_ message: IncomingMessage) { description = "unexpected \(message.content)" }
    }
}

/// A DEALER that sends a coordinator any message.
final class RawPeer {
    private let context: Context
    private let socket: Socket
    private var poller = Poller()
    private let stopItem: Poller.Item?
    private var envelope = Envelope()
    var run: UInt64 = 0

    /// Shows the token, if it has one; `stop` ends every wait once it is readable.
    convenience init(_ endpoint: String, _ token: RunToken?, stop: Int32? = nil) throws {
        try self.init(
            endpoint,
            token.map { .passwordClient(name: "worker", password: $0.hexadecimal) } ?? .none,
            stop: stop
        )
    }

    init(_ endpoint: String, _ security: SocketSecurity, stop: Int32? = nil) throws {
        context = try Context()
        var options = SocketOptions()
        options.linger = .seconds(1)
        options.heartbeatInterval = nil
        options.security = security
        options.usesIPv6 = endpoint.contains("[")
        socket = try Socket(context, kind: .dealer, options: options)
        try socket.connect(endpoint)
        _ = poller.add(socket)
        if let stop { stopItem = poller.add(fileDescriptor: stop) } else { stopItem = nil }
    }

    /// Waits for a message; `whileWaiting` is called at once and then every 10 ms.
    func next(
        whileWaiting: ((RawPeer) throws -> Void)? = nil
    ) throws -> IncomingMessage {
        let limit = Cluster.now + patience
        while try !socket.receive(into: &envelope) {
            try whileWaiting?(self)
            try poller.wait(whileWaiting == nil ? patience : .milliseconds(10))
            if let stopItem, !poller.events(of: stopItem).isEmpty { throw FakeWorker.Stopped() }
            try #require(Cluster.now < limit, "the coordinator said nothing")
        }
        return try envelope.message(ofRun: run == 0 ? nil : run)
    }

    /// Sends one or two frames, as soon as there is room.
    func send(_ header: [UInt8], _ payload: [UInt8]? = nil) throws {
        var writable = Poller()
        _ = writable.add(socket, for: .writable)
        try writable.wait(patience)
        var frame: Message? = try payload.map { try Message(copying: $0.span) }
        try #require(try socket.send(header: header.span, payload: &frame) == .sent)
    }

    func send<Body: SetupMessage>(_ body: Body) throws {
        let json = try body.payload()
        try send(Body.header(run: run, payloadBytes: json.count).bytes, json)
    }
}

extension SetupMessage where Self == Hello {
    /// The first message of a worker.
    static func sample(rank: Int) -> Hello {
        Hello(rank: rank, credit: 2, instructionSets: InstructionSet.available)
    }
}
