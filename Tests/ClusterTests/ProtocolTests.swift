import Attention
import Glibc
import Scheduling
import Synchronization
import TestSupport
import Testing
import Wire
import Work

@testable import Cluster
@testable import Platform

extension ProcessTests {
    /// How a coordinator reacts to unusual messages of workers.
    @Suite struct ProtocolTests {
        private static let shortLimits = DispatcherLimits(
            suspectAfter: .milliseconds(100),
            deadAfter: .seconds(5)
        )

        /// Four slices of more than one row; the right output is made up, not computed.
        private static let problem = AttentionProblem(shape: .sample(batch: 1))
        private static let output = (0..<UInt32(4 * 6 * 2)).map { $0 &* 0x9E37_79B9 }

        /// Loads the problem and runs `trials` of one slice per shard.
        private func run(
            _ cluster: Cluster,
            trials: Int = 1,
            workers: Int = 1,
            outputs: OutputRoute = .messages,
            check: (TrialReport, [UInt32]) -> Void
        ) throws {
            let inputs = try AttentionInputs(Self.problem)
            let workload = ClusterWorkload(
                problem: Self.problem,
                instructionSets: .one(.baseline),
                plane: .resident,
                source: .generated(kind: .uniform, seed: 1),
                outputs: outputs
            )
            try cluster.load(workload, inputs: inputs)
            let plan = try ShardPlan.make(
                grid: TaskGrid(Self.problem.stages[0]),
                split: .head,
                schedule: .fixed,
                workerCount: workers,
                queryBlock: 1
            )
            for _ in 0..<trials {
                var output = [UInt32](repeating: 0, count: Self.output.count)
                let report = try output.withUnsafeMutableBytes { bytes in
                    try cluster.runTrial(
                        plan,
                        output: bytes.baseAddress.unsafelyUnwrapped,
                        secondsPerQueryBlock: 0.001
                    )
                }
                check(report, output)
            }
        }

        @Test func `the results of a correct fake worker are taken`() throws {
            try FakeWorkers().run(1) { worker in
                try worker.join()
                _ = try worker.prepare()
                while true { try worker.answer(worker.nextTask(), Self.problem, from: Self.output) }
            } _: { cluster in
                try run(cluster, trials: 3) { report, output in
                    #expect(output == Self.output)
                    #expect(report.attempts == 4)
                    #expect(report.workers.map(\.shards) == [4])
                }
                #expect(cluster.faults.isEmpty)
            }
        }

        /// Four shards and a credit of two: two batches, each answered at once or one by one.
        @Test(arguments: [false, true])
        func `a worker that takes batches gets the tasks that wait together`(
            answersTogether: Bool
        ) throws {
            try FakeWorkers().run(1) { worker in
                try worker.join(takesBatches: true)
                _ = try worker.prepare()
                let first = try worker.nextTasks().elements
                #expect(first.map(\.identity.shard) == [0, 1])
                for task in first {
                    try worker.sendOutput(of: task, Self.problem, from: Self.output)
                }
                if answersTogether {
                    try worker.sendResults(of: first)
                    let second = try worker.nextTasks().elements
                    #expect(second.map(\.identity.shard) == [2, 3])
                    for task in second { try worker.answer(task, Self.problem, from: Self.output) }
                } else {
                    for task in first {
                        try worker.sendResult(of: task)
                        try worker.answer(worker.nextTask(), Self.problem, from: Self.output)
                    }
                }
            } _: { cluster in
                try run(cluster) { report, output in
                    #expect(output == Self.output)
                    #expect(report.workers.map(\.shards) == [4])
                }
                #expect(cluster.faults.isEmpty)
            }
        }

        @Test func `endless durations are cut to the trial`() throws {
            try FakeWorkers().run(1) { worker in
                try worker.join()
                _ = try worker.prepare()
                while true {
                    let task = try worker.nextTask()
                    try worker.sendOutput(of: task, Self.problem, from: Self.output)
                    try worker.sendResult(
                        of: task,
                        computeNanoseconds: 1 << 62 - 1
                    )
                }
            } _: { cluster in
                try run(cluster, trials: 3) { report, _ in
                    #expect(report.workers[0].computeNanoseconds <= report.wallNanoseconds)
                }
            }
        }

        /// Both workers get two shards; the first falls silent, so that the other computes its
        /// shards, too, and comes back before the other has answered all of them.
        @Test(arguments: [false, true])
        func `a late duplicate is compared with the first result`(isSpoilt: Bool) throws {
            let isAnswered = try Gate()
            let isRepeated = try Gate()
            try FakeWorkers().run(2, limits: Self.shortLimits) { worker in
                try worker.join()
                _ = try worker.prepare()
                let own = [try worker.nextTask(), try worker.nextTask()]
                if worker.ordinal == 1 {
                    try isAnswered.wait()
                    var output = Self.output
                    if isSpoilt { output = output.map { $0 ^ 1 } }
                    try worker.answer(own[0], Self.problem, from: output)
                    try worker.waitUntilTaken()
                    isRepeated.open()
                    return try worker.waitForEnd()
                }
                for task in own { try worker.answer(task, Self.problem, from: Self.output) }
                // Those of the silent one follow.
                let others = [try worker.nextTaskBeating(), try worker.nextTaskBeating()]
                    .sorted { $0.identity.shard < $1.identity.shard }
                #expect(others.map(\.identity.attempt) == [2, 2])
                try worker.answer(others[0], Self.problem, from: Self.output)
                try worker.waitUntilTaken()
                isAnswered.open()
                try isRepeated.wait()
                try worker.answer(others[1], Self.problem, from: Self.output)
            } _: { cluster in
                try run(cluster, workers: 2) { report, output in
                    #expect(output == Self.output)
                    #expect(report.duplicates == 1)
                    #expect(report.contradictions == (isSpoilt ? 1 : 0))
                }
                #expect(cluster.faults.map(\.ordinal) == [1])
                #expect(cluster.isWhole)
            }
        }

        /// Output that does not fit, or a result without its output, ends its worker.
        @Test(arguments: ["nothing", "half", "twice", "beyond", "elsewhere"])
        func `a worker that announces output it did not send is given up`(kind: String) throws {
            try FakeWorkers().run(1) { worker in
                try worker.join()
                _ = try worker.prepare()
                let task = try worker.nextTask()
                switch kind {
                case "half": try worker.sendPiece(of: task, byteOffset: 0, byteCount: 24)
                case "twice":
                    try worker.sendOutput(of: task, Self.problem, from: Self.output)
                    try worker.sendOutput(of: task, Self.problem, from: Self.output)
                case "beyond": try worker.sendPiece(of: task, byteOffset: 1 << 18, byteCount: 48)
                case "elsewhere": try worker.sendPiece(of: task, byteOffset: 4, byteCount: 44)
                default: break
                }
                try worker.sendResult(of: task)
                try worker.waitForEnd()
            } _: { cluster in
                let error = #expect(throws: RunError.self) {
                    try run(cluster) { _, _ in }
                }
                #expect(error?.kind == .environment)
                guard case .failed = cluster.faults.first?.reason else {
                    Issue.record("\(cluster.faults)")
                    return
                }
                #expect(cluster.liveWorkerCount == 0)
            }
        }

        /// The second result of a shard is taken when the first worker, which is late, can write no more.
        @Test func `a late worker writes nothing over the output of another`() throws {
            let limits = DispatcherLimits(suspectAfter: .milliseconds(100), deadAfter: .seconds(30))
            // Signalled once a shard of the late worker was taken from another, and once the late worker
            // has written, or cannot any more.
            let (isTaken, isWritten) = (try System.eventDescriptor(), try System.eventDescriptor())
            defer { for descriptor in [isTaken, isWritten] { System.close(descriptor) } }
            @Sendable func waitFor(_ descriptor: Int32) {
                var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&item, 1, Int32(patience.components.seconds * 1000))
            }
            try FakeWorkers().run(2, limits: limits) { worker in
                try worker.join()
                let workload = try worker.prepare()
                let process = worker.seat.processIdentifier
                if worker.seat.rank == 0 {
                    let first = try worker.nextTask()
                    waitFor(isTaken)
                    // A process that has ended writes nothing.
                    if kill(process, 0) == 0 {
                        try write(first, of: process, workload, from: Self.output.map { ~$0 })
                    }
                    System.signal(eventDescriptor: isWritten)
                    _ = try worker.next()
                }
                func answer(_ task: WorkerTask, of worker: borrowing FakeWorker) throws {
                    try write(task, of: process, workload, from: Self.output)
                    try worker.sendResult(of: task)
                }
                while true {
                    let task = try worker.nextTaskBeating()
                    guard task.identity.isRepeated else {
                        try answer(task, of: worker)
                        continue
                    }
                    // The late worker had two, and both come at once.
                    let other = try worker.nextTaskBeating()
                    try answer(task, of: worker)
                    try worker.waitUntilTaken()
                    System.signal(eventDescriptor: isTaken)
                    waitFor(isWritten)
                    try answer(other, of: worker)
                }
            } _: { cluster in
                try run(cluster, trials: 2, workers: 2, outputs: .shared) { report, output in
                    #expect(output == Self.output)
                    #expect(report.contradictions == 0)
                }
                let losses = cluster.faults.filter(\.isLoss)
                #expect(losses.map(\.reason) == [.late] && losses.map(\.ordinal) == [0])
                #expect(cluster.liveWorkerCount == 1)
            }
        }

        /// Writes the made-up output of a task where the worker would write it.
        private func write(
            _ task: WorkerTask,
            of process: Int32,
            _ workload: Workload,
            from output: [UInt32]
        ) throws {
            let memory = try inheritedMemory(
                task.identity.isRepeated ? "headwise-output" : "headwise-gathered",
                of: process
            )
            defer { close(memory) }
            let offset = try #require(
                task.identity.isRepeated ? workload.sharedOutputOffset : workload.gatheredOffset
            )
            let sliceBytes = 4 * Self.output.count / Self.problem.shape.sliceCount
            let first = task.shard.slices.lowerBound * sliceBytes
            let count = task.shard.slices.count * sliceBytes
            let written = output.withUnsafeBytes { bytes in
                bytes.baseAddress.map { pwrite(memory, $0 + first, count, off_t(offset + first)) }
            }
            try #require(written == count)
        }

        @Test(arguments: [true, false])
        func `where outputs are shared, a late message is dropped and a new one ends its sender`(
            isLate: Bool
        ) throws {
            try FakeWorkers().run(1) { worker in
                try worker.join()
                let offset = try #require(try worker.prepare().gatheredOffset)
                let process = worker.seat.processIdentifier
                let memory = try inheritedMemory("headwise-gathered", of: process)
                defer { close(memory) }
                let byteCount = Self.output.count * 4
                // A worker cannot shrink the memory that the coordinator maps.
                #expect(ftruncate(memory, 0) != 0)
                while true {
                    let task = try worker.nextTask()
                    // The output before is overwritten.
                    try #require(pwrite(memory, Self.output, byteCount, off_t(offset)) == byteCount)
                    var other = task
                    if isLate { other.identity.trial -= 1 }
                    let spoilt = Self.output.map { $0 ^ 1 }
                    try worker.sendOutput(of: other, Self.problem, from: spoilt)
                    try worker.sendResult(of: task)
                }
            } _: { cluster in
                guard !isLate else {
                    try run(cluster, trials: 2, outputs: .shared) { _, output in
                        #expect(output == Self.output)
                    }
                    return #expect(cluster.faults.isEmpty)
                }
                let error = #expect(throws: RunError.self) {
                    try run(cluster, outputs: .shared) { _, _ in }
                }
                #expect(error?.kind == .environment)
                guard case .failed(let reason) = cluster.faults.first?.reason else {
                    Issue.record("\(cluster.faults)")
                    return
                }
                #expect(error?.description.contains(reason) == true)
            }
        }

        @Test func `results of no task are dropped`() throws {
            try FakeWorkers().run(1) { worker in
                try worker.join()
                _ = try worker.prepare()
                while true {
                    let task = try worker.nextTask()
                    let spoilt = Self.output.map { $0 ^ 1 }
                    for (trial, shard, attempt) in [(-1, 0, 0), (1, 0, 0), (0, 0, 1), (0, 99, 0)] {
                        var other = task
                        other.identity.trial += trial
                        other.identity.shard += shard
                        other.identity.attempt += attempt
                        try worker.answer(other, Self.problem, from: spoilt)
                    }
                    try worker.answer(task, Self.problem, from: Self.output)
                    // The same answer a second time.
                    try worker.answer(task, Self.problem, from: spoilt)
                }
            } _: { cluster in
                try run(cluster, trials: 2) { report, output in
                    #expect(output == Self.output)
                    #expect(report.contradictions == 0)
                }
                #expect(cluster.faults.isEmpty)
            }
        }

        @Test func `a shard that every worker refuses ends the trial with the reason`() throws {
            try FakeWorkers().run(2) { worker in
                try worker.join()
                _ = try worker.prepare()
                while true {
                    let task = try worker.nextTask()
                    try worker.send(Failed(reason: "it is Sunday", task: task.identity))
                }
            } _: { cluster in
                let error = #expect(throws: RunError.self) {
                    try run(cluster, workers: 2) { _, _ in }
                }
                #expect(error?.kind == .environment)
                #expect(error?.description.contains("it is Sunday") == true)
            }
        }

        /// Its kernel would end with an illegal instruction, and so would that of another in its place.
        @Test(arguments: [1, 2])
        func `a worker without the instruction set of the problem ends the run`(
            workers: Int
        ) throws {
            try FakeWorkers().run(workers) { worker in
                let isLast = worker.seat.rank == workers - 1
                try worker.join(isLast ? [.avx2] : InstructionSet.available)
                _ = try worker.next()
                if isLast { Issue.record("it was given a workload") }
                _ = try worker.next()
            } _: { cluster in
                let error = #expect(throws: RunError.self) { try run(cluster) { _, _ in } }
                #expect(error?.kind == .environment)
                for name in [InstructionSet.avx2, .baseline] {
                    #expect(error?.description.contains(name.rawValue) == true)
                }
            }
        }

        @Test func `messages only a coordinator sends are counted`() throws {
            try FakeWorkers().run(1) { worker in
                try worker.join()
                _ = try worker.prepare()
                let task = try worker.nextTask()
                try worker.send(task)
                try worker.send(Refuse(reason: "I refuse you"))
                try worker.answer(task, Self.problem, from: Self.output)
                while true { try worker.answer(worker.nextTask(), Self.problem, from: Self.output) }
            } _: { cluster in
                try run(cluster) { _, output in #expect(output == Self.output) }
                #expect(cluster.refusals == [.kind: 2])
            }
        }

        @Test(arguments: ["version", "rank"])
        func `a worker of another version or rank is refused`(kind: String) throws {
            let reasons = Mutex<[String]>([])
            let error = #expect(throws: RunError.self) {
                try FakeWorkers().run(1, joinLimit: .milliseconds(300)) { worker in
                    let peer = try RawPeer(worker.seat.endpoint, worker.seat.token)
                    let rank = worker.seat.rank + (kind == "rank" ? 1 : 0)
                    let json = try Hello.sample(rank: rank).payload()
                    var header = Hello.header(run: 0, payloadBytes: json.count).bytes
                    if kind == "version" { header = header.ofVersion(4) }
                    try peer.send(header, json)
                    guard case .refuse(let refuse) = try peer.next().content else {
                        Issue.record("it was not refused")
                        return
                    }
                    reasons.withLock { $0.append(refuse.reason) }
                } _: { _ in
                    Issue.record("it was let in")
                }
            }
            #expect(error?.kind == .unfinished)
            #expect(error?.description.contains("--workers") == true)
            let expected = ["version": "4", "rank": "rank 1"][kind]
            #expect(reasons.withLock { $0.first }?.contains(expected ?? "?") == true)
        }

        @Test func `the coordinator waits only so long for a worker to join`() throws {
            let error = #expect(throws: RunError.self) {
                try FakeWorkers().run(2, joinLimit: .milliseconds(300)) { _ in
                } _: { _ in
                    Issue.record("nobody said hello")
                }
            }
            #expect(error?.kind == .unfinished)
            for part in ["0, 1", "--workers"] {
                #expect(error?.description.contains(part) == true, "\(part)")
            }
        }
    }
}

extension [UInt8] {
    /// A header of a later protocol; nobody checks its checksum, since the version is read first.
    func ofVersion(_ version: UInt8) -> [UInt8] {
        var header = self
        header[4] = version
        return header
    }
}

/// A gate that one thread waits at and another opens.
final class Gate: Sendable {
    private let descriptor: Int32
    init() throws { descriptor = try System.eventDescriptor() }
    deinit { close(descriptor) }
    func open() { System.signal(eventDescriptor: descriptor) }
    func wait() throws { try #require(waitUntilReadable(descriptor), "nobody came") }
}

extension FakeWorker {
    /// One piece of made-up output.
    func sendPiece(of task: WorkerTask, byteOffset: Int, byteCount: Int) throws {
        try send(
            OutputMessage(
                task: task.identity,
                byteOffset: byteOffset,
                payloadBytes: byteCount
            ),
            [UInt8](repeating: 1, count: byteCount)
        )
    }
}
