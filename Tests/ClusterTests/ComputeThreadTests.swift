import Attention
import Scheduling
import TestSupport
import Testing
import Work

@testable import Cluster
@testable import Platform

/// The compute thread of a worker, without sockets.
@Suite struct ComputeThreadTests {
    private static let block = AttentionKernel.best.queryBlock
    /// Two query blocks of rows, and a few more.
    private static let rows = 0..<block * 2 + 5
    private static let shape = AttentionShape.sample(queryLength: rows.count, keyLength: 30)

    /// A compute thread that is ended and joined whatever a test finds.
    private func withThread(
        threads: Int = 1,
        fault: InjectedFault? = nil,
        _ body: (ComputeThread) throws -> Void
    ) throws {
        let compute = try ComputeThread(threads: threads, depth: 8, fault: fault)
        let thread = try compute.start()
        defer {
            compute.submit(.stop)
            thread.join()
        }
        try body(compute)
    }

    private func workload(
        _ problem: AttentionProblem,
        seed: UInt64? = 7
    ) throws -> ComputeWorkload {
        ComputeWorkload(
            tensors: try WorkerTensors(problem),
            kernel: .best,
            generated: seed.map { (.uniform, $0) }
        )
    }

    private func job(
        _ shard: Int,
        _ slices: Range<Int>,
        _ rows: Range<Int>,
        _ inputs: TrialInputs? = nil
    ) -> ComputeJob {
        .shard(
            ShardJob(
                task: WorkerTask(
                    identity: TaskIdentity(trial: 1, shard: shard, attempt: 1),
                    shard: Shard(slices: slices, rows: rows)
                ),
                inputs: inputs,
                arrivalNanoseconds: 0
            )
        )
    }

    private func output(_ tensors: WorkerTensors) -> [UInt32] {
        let bytes = tensors.outputBytes(
            TaskIdentity(trial: 1, shard: 0, attempt: 1),
            0..<tensors.problem.byteCount(of: .output)
        )
        return [UInt32](bytes.bindMemory(to: UInt32.self))
    }

    private func expected(_ problem: AttentionProblem, seed: UInt64 = 7) throws -> [UInt32] {
        singleProcessOutput(try AttentionInputs(InputGenerator(problem, seed: seed)))
    }

    @Test(arguments: [1, 3])
    func `shards in any order make the single-process output`(threads: Int) throws {
        let problem = AttentionProblem(shape: Self.shape, mask: Mask(band: .causal))
        let workload = try workload(problem)
        try withThread(threads: threads) { compute in
            compute.submit(.prepare(workload))
            guard case .prepared = compute.outcomes.wait() else {
                Issue.record("it did not prepare")
                return
            }
            compute.submit(job(0, 3..<8, Self.rows.dropFirst(Self.block)))
            compute.submit(job(1, 0..<8, Self.rows.prefix(Self.block)))
            compute.submit(job(2, 0..<3, Self.rows.dropFirst(Self.block)))
            for shard in 0..<3 {
                guard case .computed(let done, _) = compute.outcomes.wait() else {
                    Issue.record("a shard was not computed")
                    return
                }
                #expect(done.identity.shard == shard)
            }
            #expect(compute.progress > 0)
        }
        #expect(try output(workload.tensors) == expected(problem))
    }

    @Test func `a shard that waits when the workload changes is computed with its own tensors`()
        throws
    {
        let large = AttentionProblem(shape: Self.shape)
        let tiny = AttentionProblem(
            shape: .sample(batch: 1, heads: 1, queryLength: 1, keyLength: 1)
        )
        let before = try workload(large)
        let after = try workload(tiny)
        try withThread { compute in
            compute.submit(.prepare(before))
            compute.submit(job(0, 0..<8, Self.rows))
            compute.submit(.prepare(after))
            compute.submit(job(1, 0..<1, 0..<1))
            for _ in 0..<4 { _ = compute.outcomes.wait() }
        }
        #expect(try output(before.tensors) == expected(large))
        #expect(try output(after.tensors) == expected(tiny))
    }

    @Test func `an impossible workload is answered with the reason`() throws {
        // Equal weights over five keys cannot be exact.
        let problem = AttentionProblem(shape: .sample(keyLength: 5))
        var workload = try workload(problem)
        workload.generated = (.exactMean, 7)
        try withThread { compute in
            compute.submit(.prepare(workload))
            guard case .preparationFailed(let reason) = compute.outcomes.wait() else {
                Issue.record("it prepared what cannot be")
                return
            }
            #expect(!reason.isEmpty)
        }
    }

    @Test(arguments: [1, 2])
    func `output is announced while the rest is computed`(threads: Int) throws {
        // Each slice fills a chunk.
        let problem = AttentionProblem(
            shape: .sample(
                batch: 1,
                heads: 16,
                queryLength: 1024,
                keyLength: 64,
                valueDimension: 128
            )
        )
        let sliceBytes = 1024 * 128 * 4
        let workload = try workload(problem)
        var announced: [Int] = []
        try withThread(threads: threads) { compute in
            compute.submit(.prepare(workload))
            guard case .prepared = compute.outcomes.wait() else {
                Issue.record("it did not prepare")
                return
            }
            // A busy machine may let one shard end unseen, not hundreds.
            for shard in 0..<300 where announced.isEmpty {
                compute.submit(job(shard, 0..<16, 0..<1024))
                var isComputed = false
                while !isComputed {
                    System.wait(eventDescriptor: compute.outcomes.descriptor)
                    if let partial = compute.takePartialOutput() {
                        #expect(partial.job.identity.shard == shard)
                        announced.append(partial.byteCount)
                    }
                    isComputed = compute.outcomes.take() != nil
                }
                #expect(compute.takePartialOutput() == nil)
            }
        }
        #expect(!announced.isEmpty)
        #expect(announced == announced.sorted())
        for byteCount in announced {
            #expect(byteCount % (sliceBytes * threads) == 0)
            #expect(byteCount < 16 * sliceBytes)
        }
        #expect(try output(workload.tensors) == expected(problem))
    }

    @Test func `the thread ends on request before any workload`() throws {
        try withThread { _ in }
    }

    @Test func `the fault corrupt flips one bit of the shard it names`() throws {
        let problem = AttentionProblem(shape: Self.shape)
        let workload = try workload(problem)
        try withThread(fault: .corrupt(shard: 2)) { compute in
            compute.submit(.prepare(workload))
            compute.submit(job(0, 0..<4, Self.rows))
            compute.submit(job(1, 4..<8, Self.rows))
            for _ in 0..<3 { _ = compute.outcomes.wait() }
        }
        let differences = zip(output(workload.tensors), try expected(problem)).map { $0 ^ $1 }
        #expect(
            differences.enumerated().filter { $0.element != 0 }.map(\.offset) == [
                8 * Self.rows.count * 2 - 2
            ]
        )
        #expect(differences.contains(1))
    }

    @Test func `the fault stale keeps the first output, also in the next workload`()
        throws
    {
        let problem = AttentionProblem(shape: Self.shape)
        let workloads = [try workload(problem), try workload(problem, seed: 8)]
        try withThread(fault: .stale(shard: 2)) { compute in
            for workload in workloads {
                compute.submit(.prepare(workload))
                compute.submit(job(0, 0..<4, Self.rows))
                compute.submit(job(1, 4..<8, Self.rows))
                for _ in 0..<3 { _ = compute.outcomes.wait() }
            }
        }
        for workload in workloads { #expect(try output(workload.tensors) == expected(problem)) }
    }

    @Test func `inputs of one trial replace the held inputs in that trial alone`() throws {
        let problem = AttentionProblem(shape: Self.shape, mask: Mask(lengths: .perBatch))
        let held = try AttentionInputs(InputGenerator(problem, seed: 7))
        let others = try AttentionInputs(InputGenerator(problem, seed: 8))
        let tensors: [TensorName] = [.query, .key, .value, .lengths]
        var inputs = try TrialInputs(problem)
        let workload = try workload(problem, seed: nil)
        for tensor in tensors {
            let (mine, other) = (bytes(held, tensor), bytes(others, tensor))
            let isHeld = workload.tensors.place(mine.span, tensor: tensor, byteOffset: 0)
            let isPlaced = inputs.place(other.span, tensor: tensor, byteOffset: 0)
            let isBeyond = inputs.place(other.span, tensor: tensor, byteOffset: 1)
            #expect(isHeld && isPlaced && !isBeyond)
        }
        try withThread { compute in
            compute.submit(.prepare(workload))
            _ = compute.outcomes.wait()
            compute.submit(job(0, 0..<8, Self.rows, inputs))
            _ = compute.outcomes.wait()
            #expect(output(workload.tensors) == singleProcessOutput(others))
            compute.submit(job(0, 0..<8, Self.rows))
            _ = compute.outcomes.wait()
            #expect(output(workload.tensors) == singleProcessOutput(held))
        }
    }

    @Test func `tensors that come after a task are not its inputs`() throws {
        let problem = AttentionProblem(shape: Self.shape)
        let others = try AttentionInputs(InputGenerator(problem, seed: 8))
        let workload = try workload(problem)
        let (query, key) = (bytes(others, .query), bytes(others, .key))
        var inputs = try TrialInputs(problem)
        let isBefore = inputs.place(query.span, tensor: .query, byteOffset: 0)
        let task = job(0, 0..<8, Self.rows, inputs)
        let isAfter = inputs.place(key.span, tensor: .key, byteOffset: 0)
        let mixed = try AttentionInputs(InputGenerator(problem, seed: 7))
        let isMixed = mixed.place(query.span, tensor: .query, byteOffset: 0)
        #expect(isBefore && isAfter && isMixed)
        try withThread { compute in
            compute.submit(.prepare(workload))
            compute.submit(task)
            for _ in 0..<2 { _ = compute.outcomes.wait() }
        }
        #expect(output(workload.tensors) == singleProcessOutput(mixed))
    }

    private func bytes(_ inputs: borrowing AttentionInputs, _ tensor: TensorName) -> [UInt8] {
        Array(inputs.bytes(of: tensor))
    }

    @Test func `the fault skip writes nothing`() throws {
        let problem = AttentionProblem(shape: Self.shape)
        let workload = try workload(problem)
        try withThread(fault: .skip(shard: 2)) { compute in
            compute.submit(.prepare(workload))
            compute.submit(job(0, 0..<4, Self.rows))
            compute.submit(job(1, 4..<8, Self.rows))
            compute.submit(job(2, 0..<4, 0..<Self.block))
            for _ in 0..<4 { _ = compute.outcomes.wait() }
        }
        let found = output(workload.tensors)
        let wanted = try expected(problem)
        #expect(found[..<(found.count / 2)] == wanted[..<(wanted.count / 2)])
        #expect(found[(found.count / 2)...].allSatisfy { $0 == 0 })
    }

    @Test(arguments: [InjectedFault.slow(percent: 300), .stall(percent: 1)])
    func `a fault that slows a worker changes no bit`(fault: InjectedFault) throws {
        let problem = AttentionProblem(shape: Self.shape)
        let workload = try workload(problem)
        var computeNanoseconds: [UInt64] = []
        try withThread(fault: fault) { compute in
            compute.submit(.prepare(workload))
            _ = compute.outcomes.wait()
            compute.submit(job(0, 0..<8, Self.rows))
            if case .computed(_, let times) = compute.outcomes.wait() {
                computeNanoseconds.append(times.computeNanoseconds)
            }
        }
        #expect(computeNanoseconds.count == 1)
        #expect(try output(workload.tensors) == expected(problem))
    }

    @Test func `a slow worker pays in every shard, a stalling one every ten milliseconds`() {
        var slow = InjectedDelays(.slow(percent: 10))
        var stalling = InjectedDelays(.stall(percent: 10))
        let shards: [UInt64] = [4_000_000, 5_000_000, 999_999, 1, 30_000_000, 9_999_999, 1]
        #expect(
            shards.map { slow.nanoseconds(afterComputing: $0) }
                == [400_000, 500_000, 99_999, 0, 3_000_000, 999_999, 0]
        )
        #expect(
            shards.map { stalling.nanoseconds(afterComputing: $0) }
                == [0, 0, 0, 1_000_000, 3_000_000, 0, 1_000_000]
        )
        for fault in [nil, .die(shard: 3), .stale(shard: 1)] as [InjectedFault?] {
            var none = InjectedDelays(fault)
            #expect(none.nanoseconds(afterComputing: 50_000_000) == 0)
        }
    }

    @Test(arguments: [
        ("die:0", InjectedFault.die(shard: 0)), ("die:1", .die(shard: 1)),
        ("wedge:3", .wedge(shard: 3)),
        ("corrupt:70000", .corrupt(shard: 70000)), ("stale:2", .stale(shard: 2)),
        ("spoil:1", .spoil(shard: 1)), ("skip:4", .skip(shard: 4)),
        ("slow:5", .slow(percent: 5)), ("slow:10000", .slow(percent: 10000)),
        ("stall:10", .stall(percent: 10)), ("stall:10000", .stall(percent: 10000)),
    ])
    func `a fault is parsed`(text: String, fault: InjectedFault) {
        #expect(InjectedFault(text) == fault)
    }

    @Test(arguments: [
        "", "die", "die:", ":1", "die:-1", "die:1:2", "die:x", "Die:1", " die:1", "melt:1",
        "stale:0", "slow:0", "slow:-5", "slow:10001", "slow:5%", "stall:0", "stall:10001",
        "die:99999999999999999999",
    ])
    func `a text that is no fault is refused`(text: String) {
        #expect(InjectedFault(text) == nil)
    }
}
