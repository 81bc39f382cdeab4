import Attention
import Glibc
import Scheduling
import TestSupport
// Testing has one, too.
import enum Platform.ExitStatus
import Testing
import Wire
import Work
import ZeroMQ

@testable import Cluster
@testable import Platform

extension ProcessTests {
    /// A real worker; the test is its coordinator.
    @Suite struct WorkerTests {
        /// Fast to compute, and far more output than all pipes together hold.
        private static let large = AttentionProblem(
            shape: .sample(
                batch: 1,
                heads: 2,
                queryLength: 12_000,
                keyLength: 1,
                headDimension: 1,
                valueDimension: 512
            )
        )
        private static let tiny = AttentionProblem(shape: .sample(batch: 1, heads: 1))

        @Test func `output that waits when a new workload comes is dropped`() throws {
            let coordinator = try FakeCoordinator()
            try coordinator.admit()
            try coordinator.load(Self.large)
            try coordinator.expectReady()
            try coordinator.give(trial: 1, shard: 0, slices: 0..<2, of: Self.large)
            // The first piece says that all is computed; the rest is not read before it is stale.
            let first = try coordinator.next { $0.isOutput }
            guard case .output = first.content else { return }
            try coordinator.load(Self.tiny)
            var staleBytes = 0
            let ready = try coordinator.next { message in
                if message.isOutput { staleBytes += Int(message.header.payloadBytes) }
                return message.header.kind == .ready || message.header.kind == .failed
            }
            guard case .ready = ready.content else {
                Issue.record("\(ready.content)")
                return
            }
            #expect(staleBytes < Self.large.byteCount(of: .output) / 2)
            try coordinator.check(Self.tiny, trial: 2)
        }

        @Test func `tasks and the next workload may arrive together`() throws {
            let coordinator = try FakeCoordinator()
            try coordinator.admit()
            let wide = AttentionProblem(shape: .sample(queryLength: 100, keyLength: 50))
            for round in 0..<20 {
                try coordinator.load(wide)
                try coordinator.expectReady()
                try coordinator.give(trial: 2 * round + 1, shard: 0, slices: 0..<4, of: wide)
                try coordinator.give(trial: 2 * round + 1, shard: 1, slices: 4..<8, of: wide)
                try coordinator.load(Self.tiny)
                try coordinator.expectReady()
                try coordinator.check(Self.tiny, trial: 2 * round + 2)
            }
        }

        @Test func `tasks of an earlier workload take no place from the next ones`() throws {
            let coordinator = try FakeCoordinator()
            try coordinator.admit()
            let long = StandIn.waiting(
                nanosecondsPerTask: 900_000_000_000,
                nanosecondsPerPair: 0
            )
            for trial in [1, 3] {
                try coordinator.load(Self.tiny, standIn: long)
                try coordinator.expectReady()
                for shard in 0..<2 {
                    try coordinator.give(
                        trial: trial,
                        shard: shard,
                        slices: 0..<1,
                        of: Self.tiny
                    )
                }
                try coordinator.load(Self.tiny)
                try coordinator.expectReady()
                try coordinator.check(Self.tiny, trial: trial + 1)
            }
        }

        @Test func `results come in the order of their output`() throws {
            let coordinator = try FakeCoordinator()
            try coordinator.admit()
            try coordinator.load(Self.large)
            try coordinator.expectReady()
            for trial in 1...3 {
                for shard in 0..<2 {
                    try coordinator.give(
                        trial: trial,
                        shard: shard,
                        slices: shard..<shard + 1,
                        of: Self.large
                    )
                }
                var shards: [Int] = []
                while shards.count(where: { $0 < 0 }) < 2 {
                    let message = try coordinator.next { $0.header.kind != .heartbeat }
                    switch message.content {
                    case .output(let output): shards.append(output.task.shard)
                    case .result(let result): shards.append(-1 - result.task.shard)
                    default: Issue.record("\(message.content)")
                    }
                }
                let order = shards.reduce(into: [Int]()) { if $0.last != $1 { $0.append($1) } }
                #expect(order == [0, -1, 1, -2])
            }
        }

        @Test(arguments: ["wedge:1", nil])
        func `a worker ends when its lifeline ends, even while it computes`(fault: String?) throws {
            let coordinator = try FakeCoordinator(fault: fault)
            try coordinator.admit()
            if fault != nil {
                try coordinator.load(Self.tiny)
                try coordinator.expectReady()
                try coordinator.give(trial: 1, shard: 0, slices: 0..<1, of: Self.tiny)
                // It reports that it computes, and never finishes.
                _ = try coordinator.next { message in
                    if case .heartbeat(let beat) = message.content {
                        beat.isComputing
                    } else {
                        false
                    }
                }
            }
            coordinator.cutLifeline()
            #expect(try coordinator.ending() == .exited(code: 31))
        }

        @Test(arguments: ["BYE", "REFUSE", "token"])
        func `a worker that is dismissed ends`(kind: String) throws {
            let coordinator = try FakeCoordinator()
            if kind == "token" {
                try coordinator.refuseToken()
                #expect(try coordinator.ending() == .exited(code: 40))
                return
            }
            if kind == "BYE" {
                try coordinator.admit()
                try coordinator.send(Bye(reason: "that was all"))
                #expect(try coordinator.ending() == .exited(code: 0))
            } else {
                _ = try coordinator.next { $0.header.kind == .hello }
                try coordinator.send(Refuse(reason: "not you"))
                #expect(try coordinator.ending() == .exited(code: 40))
            }
        }

        @Test func `a worker that meets another protocol ends`()
            throws
        {
            let coordinator = try FakeCoordinator()
            _ = try coordinator.next { $0.header.kind == .hello }
            let json = try Bye(reason: "in other words").payload()
            let header = Bye.header(run: 0x1234, payloadBytes: json.count).bytes
            try coordinator.send(header.ofVersion(9), json)
            #expect(try coordinator.ending() == .exited(code: 40))
        }

        /// First without memory, then with less than the output needs.
        @Test(arguments: [0, 1 << 20])
        func `a worker without enough shared memory refuses the workload`(offset: Int) throws {
            let coordinator = try FakeCoordinator(memoryBytes: offset)
            try coordinator.admit()
            try coordinator.load(
                Self.tiny,
                sharedOutputOffset: offset,
                gatheredOffset: offset
            )
            try expectRefusal(coordinator, offset + Self.tiny.byteCount(of: .output))
        }

        /// First without memory, then with less than the earlier stages need.
        @Test(arguments: [0, 1 << 20])
        func `a worker without enough gathered memory refuses the workload`(offset: Int) throws {
            let coordinator = try FakeCoordinator(memoryBytes: offset)
            try coordinator.admit()
            var staged = Self.tiny
            staged.operation = .linformer(keys: 1)
            try coordinator.load(staged, gatheredOffset: offset)
            try expectRefusal(coordinator, offset + StageLayout(staged).earlierByteCount)
        }

        private func expectRefusal(_ coordinator: FakeCoordinator, _ neededBytes: Int) throws {
            let message = try coordinator.next { $0.header.kind != .heartbeat }
            guard case .failed(let failed) = message.content else {
                Issue.record("\(message.content)")
                return
            }
            #expect(failed.reason.contains("\(neededBytes) bytes"), "\(failed.reason)")
            coordinator.cutLifeline()
            #expect(try coordinator.ending() == .exited(code: 40))
        }

        @Test func `a wrong token ends a worker before it sends a message`() throws {
            let coordinator = try FakeCoordinator(token: "no token at all")
            coordinator.cutLifeline()
            #expect(try coordinator.ending() == .exited(code: 40))
        }

        /// A later coordinator may use words that this program does not know, and needs an answer.
        @Test(arguments: [("uniform", "golden"), ("none", "spiral")])
        func `a workload with an unknown word is refused, not guessed`(
            word: String,
            other: String
        ) throws {
            let coordinator = try FakeCoordinator()
            try coordinator.admit()
            let workload = Workload(
                problem: Self.tiny,
                instructionSet: AttentionKernel.best.instructionSet,
                generated: .init(seed: 5, values: .uniform)
            )
            let text = String(decoding: try workload.payload(), as: UTF8.self)
            let json = Array(text.replacing("\"\(word)\"", with: "\"\(other)\"").utf8)
            try coordinator.send(
                Workload.header(run: coordinator.run, payloadBytes: json.count).bytes,
                json
            )
            let message = try coordinator.next { $0.header.kind != .heartbeat }
            guard case .failed(let failed) = message.content else {
                Issue.record("\(message.content)")
                return
            }
            #expect(failed.reason.contains(other))
            coordinator.cutLifeline()
            #expect(try coordinator.ending() == .exited(code: 40))
        }
    }
}

/// The coordinator's end of one real worker: a ROUTER and a lifeline.
private final class FakeCoordinator {
    private let folder: TemporaryFolder
    private let context: Context
    private let admission: Admission
    private let socket: Socket
    private var poller = Poller()
    private var envelope = Envelope()
    let run: UInt64 = 0x1234
    private var process: SpawnedProcess
    private var lifeline: Int32

    private let token: String

    /// The worker is started with `token`.
    init(
        token: String = "00112233445566778899aabbccddeeff",
        fault: String? = nil,
        memoryBytes: Int = 0
    ) throws {
        folder = try TemporaryFolder()
        self.token = token
        context = try Context()
        admission = try Admission(context)
        var options = SocketOptions()
        // What is not read stays with the worker.
        options.receiveHighWaterMark = 1
        options.heartbeatInterval = nil
        options.security = .passwordServer
        socket = try Socket(context, kind: .router, options: options)
        let endpoint = try socket.bind("ipc://\(folder.path)/coordinator")
        let (readEnd, writeEnd) = try System.pipe()
        defer { close(readEnd) }
        lifeline = writeEnd
        try System.write(Array(token.utf8), to: writeEnd)
        var arguments = ["worker", "--connect", endpoint, "--rank", "0", "--token-descriptor", "3"]
        var descriptors: [Int32: Int32] = [3: readEnd]
        if let fault { arguments += ["--fault", fault] }
        let memory = memoryBytes > 0 ? try System.sharedMemory(name: "test") : nil
        defer { if let memory { close(memory) } }
        if let memory {
            try System.grow(memory, to: memoryBytes)
            descriptors[4] = memory
            arguments += ["--output-descriptor", "4", "--gathered-descriptor", "4"]
            arguments += ["--input-descriptor", "4"]
        }
        process = try SpawnedProcess(
            executable: PackageFolder.program,
            arguments: arguments,
            descriptors: descriptors
        )
        _ = poller.add(socket)
        _ = poller.add(admission.socket)
    }

    /// Refuses the worker while it connects.
    func refuseToken() throws {
        let limit = Cluster.now + patience
        while try !admission.answer({ _ in nil }) {
            try poller.wait(patience)
            try #require(Cluster.now < limit, "the worker did not connect")
        }
    }

    deinit {
        cutLifeline()
    }

    func cutLifeline() {
        if lifeline >= 0 { close(lifeline) }
        lifeline = -1
    }

    func ending() throws -> ExitStatus {
        try #require(waitUntilReadable(process.exitDescriptor), "it did not end")
        return process.reap()
    }

    /// The next message that `isWanted`.
    func next(where isWanted: (IncomingMessage) -> Bool) throws -> IncomingMessage {
        let limit = Cluster.now + patience
        while true {
            while try !socket.receive(into: &envelope) {
                try poller.wait(patience)
                let known = Credentials.password(name: "worker", password: token)
                _ = try admission.answer { $0 == known ? "" : nil }
                try #require(Cluster.now < limit, "the worker said nothing")
            }
            let message = try envelope.message(ofRun: run)
            if isWanted(message) { return message }
        }
    }

    func send<Body: SetupMessage>(_ body: Body) throws {
        let json = try body.payload()
        try send(Body.header(run: run, payloadBytes: json.count).bytes, json)
    }

    func send(_ header: [UInt8], _ payload: [UInt8]?) throws {
        var frame: Message? = try payload.map { try Message(copying: $0.span) }
        let sender = envelope.sender
        let peer = try #require(sender, "nobody has spoken")
        let outcome = try socket.send(to: peer, header: header.span, payload: &frame)
        try #require(outcome == .sent)
    }

    /// Welcomes the worker.
    func admit() throws {
        _ = try next { $0.header.kind == .hello }
        try send(
            Welcome(worker: 0, heartbeatMilliseconds: 20, silenceLimitMilliseconds: 86_400_000)
        )
    }

    func load(
        _ problem: AttentionProblem,
        values: ValueKind = .uniform,
        standIn: StandIn? = nil,
        sharedOutputOffset: Int? = nil,
        gatheredOffset: Int? = nil
    ) throws {
        try send(
            Workload(
                problem: problem,
                instructionSet: AttentionKernel.best.instructionSet,
                generated: .init(seed: 5, values: values),
                sharedOutputOffset: sharedOutputOffset,
                gatheredOffset: gatheredOffset,
                standIn: standIn
            )
        )
    }

    func expectReady() throws {
        let message = try next { $0.header.kind == .ready || $0.header.kind == .failed }
        try #require(message.header.kind == .ready, "\(message.content)")
    }

    /// Sends a task of whole slices.
    func give(trial: Int, shard: Int, slices: Range<Int>, of problem: AttentionProblem) throws {
        let task = WorkerTask(
            identity: TaskIdentity(trial: trial, shard: shard, attempt: 1),
            shard: Shard(slices: slices, rows: 0..<problem.shape.queryLength)
        )
        try send(task.header(run: run).bytes, nil)
    }

    /// Lets the worker compute all of a small problem and compares.
    func check(_ problem: AttentionProblem, trial: Int) throws {
        try give(trial: trial, shard: 0, slices: 0..<problem.shape.sliceCount, of: problem)
        _ = try next { $0.isOutput && $0.header.trial == UInt32(trial) }
        let expected = singleProcessOutput(
            try AttentionInputs(InputGenerator(problem, seed: 5))
        )
        let bytes = envelope.payload.copiedBytes
        #expect(expected.withUnsafeBytes { [UInt8]($0) } == bytes)
        _ = try next { $0.header.kind == .result && $0.header.trial == UInt32(trial) }
    }
}

extension IncomingMessage {
    /// Whether it is a piece of output.
    fileprivate var isOutput: Bool { header.kind == .output }
}
