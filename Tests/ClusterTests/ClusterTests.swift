import Attention
import Glibc
import Scheduling
import TestSupport
import Testing
import Work

@testable import Cluster
@testable import Platform

extension ProcessTests {
    /// Whole clusters of real workers on problems that change.
    @Suite struct ClusterTests {
        static let shapes: [AttentionShape] = [
            .sample(),
            .sample(batch: 1, heads: 1, queryLength: 1, keyLength: 1, headDimension: 1),
            .sample(heads: 6, keyValueHeads: 2, queryLength: 300, keyLength: 70, headDimension: 17),
            .sample(batch: 1, heads: 2, queryLength: 1500, keyLength: 3, valueDimension: 200),
        ]
        static let masks: [Mask] = [
            .none, Mask(band: .causal, lengths: .perRow),
            Mask(lengths: .perBatch, visibility: .perBatch), Mask(visibility: .perSlice),
        ]

        @Test(arguments: [1, 2, 3])
        func `problem after problem comes out bit for bit`(workers: Int) throws {
            let cluster = try RealWorkers.cluster(workers, transport: workers == 3 ? .tcp : .ipc)
            var seed: UInt64 = 0
            for (shape, mask) in zip(Self.shapes, Self.masks) {
                for plane in [PlaneName.resident, .inline] {
                    for isExternal in [false, true] {
                        let outputs = OutputRoute.allCases[Int(seed / 2) % 2]
                        seed += 1
                        let problem = try TestProblem(
                            AttentionProblem(shape: shape, mask: mask),
                            seed: seed,
                            isExternal: isExternal
                        )
                        let workload = problem.workload(plane, outputs: outputs)
                        try cluster.load(workload, inputs: problem.inputs)
                        for split in [Split.auto, .rows] {
                            try problem.check(cluster, split: split)
                        }
                        try problem.check(cluster, split: .head, schedule: .fixed)
                    }
                }
            }
            #expect(cluster.liveWorkerCount == workers)
            #expect(cluster.faults.isEmpty)
            #expect(cluster.refusals.isEmpty)
        }

        private static let cutProblems: [AttentionProblem] = [
            AttentionProblem(
                shape: .sample(heads: 4, keyValueHeads: 2, queryLength: 1, keyLength: 6200)
            ),
            AttentionProblem(
                shape: .sample(heads: 2, keyValueHeads: 2, queryLength: 70, keyLength: 4200),
                mask: Mask(band: .causalBottomRight, lengths: .perRow),
                alibi: [0.1, 0.5],
                maskedRows: .uniform
            ),
            AttentionProblem(
                shape: .sample(
                    batch: 1,
                    heads: 3,
                    keyValueHeads: 1,
                    queryLength: 5,
                    keyLength: 2100
                ),
                mask: Mask(visibility: .perHead, bias: .shared),
                sinks: [0, 1, -1]
            ),
            AttentionProblem(
                shape: .sample(heads: 2, keyValueHeads: 2, queryLength: 3, keyLength: 2200),
                operation: .linformer(keys: 2100)
            ),
        ]

        @Test(arguments: PlaneName.allSamples, OutputRoute.allCases)
        func `cut keys come out bit for bit`(plane: PlaneName, outputs: OutputRoute) throws {
            let cluster = try RealWorkers.cluster(3, threads: 2, credit: 3)
            for (index, problem) in Self.cutProblems.enumerated() {
                let isExternal = index.isMultiple(of: 2)
                let cut = try TestProblem(problem, isExternal: isExternal, split: .keys)
                let others = try TestProblem(problem, seed: 2, split: .keys)
                try cluster.load(cut.workload(plane, outputs: outputs), inputs: cut.inputs)
                try cut.check(cluster, split: .keys)
                // A trial brings other numbers, but the same mask.
                if problem.mask == .none {
                    let plan = try cut.plan(workers: 3, split: .keys)
                    #expect(try cut.run(cluster, plan, others: others).differences.isEmpty)
                }
                for schedule in Schedule.allCases {
                    try cut.check(cluster, split: .rows, schedule: schedule)
                }
                #expect(cluster.faults.isEmpty)
                withExtendedLifetime((cut, others)) {}
            }
        }

        @Test(arguments: [1, 4], [1, 3])
        func `neither credit nor threads change a bit`(credit: Int, threads: Int) throws {
            let cluster = try RealWorkers.cluster(2, threads: threads, credit: credit)
            let problem = try TestProblem(
                AttentionProblem(shape: Self.shapes[2], mask: Mask(band: .causal))
            )
            try cluster.load(problem.workload(.inline), inputs: problem.inputs)
            for _ in 0..<5 { try problem.check(cluster, split: .rows) }
        }

        @Test(arguments: [1, 2])
        func `output that is sent early keeps its place`(threads: Int) throws {
            let cluster = try RealWorkers.cluster(2, threads: threads)
            let problem = try TestProblem(
                AttentionProblem(
                    shape: .sample(
                        batch: 2,
                        heads: 12,
                        queryLength: 1000,
                        keyLength: 40,
                        valueDimension: 96
                    )
                )
            )
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            for _ in 0..<5 {
                for split in [Split.head, .rows, .batch] {
                    try problem.check(cluster, split: split)
                }
            }
            #expect(cluster.faults.isEmpty)
        }

        /// One key: output grows faster than it can travel, and tasks end while earlier output
        /// still waits to be sent.
        @Test func `a worker that computes faster than its output travels stays in order`()
            throws
        {
            let cluster = try RealWorkers.cluster(1, credit: 4)
            let problem = try TestProblem(
                AttentionProblem(
                    shape: .sample(
                        batch: 1,
                        heads: 8,
                        queryLength: 4096,
                        keyLength: 1,
                        headDimension: 1,
                        valueDimension: 512
                    )
                )
            )
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            for _ in 0..<3 { try problem.check(cluster, split: .head, schedule: .fixed) }
            #expect(cluster.faults.isEmpty)
        }

        /// Every output has one place in the shared memory, and larger outputs follow smaller ones.
        @Test(arguments: [1, 2])
        func `outputs in shared memory are the single process's, and no file is left`(
            threads: Int
        ) throws {
            let cluster = try RealWorkers.cluster(2, threads: threads, credit: 3)
            for seed in 1..<5 as Range<UInt64> {
                for shape in Self.shapes + Self.shapes.reversed() {
                    let problem = try TestProblem(AttentionProblem(shape: shape), seed: seed)
                    let workload = problem.workload(.resident, outputs: .shared)
                    try cluster.load(workload, inputs: problem.inputs)
                    for split in [Split.head, .rows] { try problem.check(cluster, split: split) }
                    let pages = (problem.problem.byteCount(of: .output) + 4095) / 4096
                    for worker in 0..<2 {
                        var status = stat()
                        let process = RealWorkers.process(of: worker, cluster)
                        let memory = try inheritedMemory("headwise-gathered", of: process)
                        defer { close(memory) }
                        try #require(fstat(memory, &status) == 0)
                        // The worker's memory before this may still be mapped, but holds nothing.
                        #expect(status.st_blocks <= pages * 8)
                    }
                }
            }
            #expect(cluster.faults.isEmpty)
            #expect(cluster.refusals.isEmpty)
        }

        @Test(arguments: PlaneName.allSamples, OutputRoute.allCases)
        func `bytes are counted both ways`(
            plane: PlaneName,
            outputs: OutputRoute
        ) throws {
            let cluster = try RealWorkers.cluster(2)
            let problem = try TestProblem(AttentionProblem(shape: Self.shapes[2]))
            let workload = problem.workload(plane, outputs: outputs)
            try cluster.load(workload, inputs: problem.inputs)
            let report = try problem.check(cluster)
            let inputBytes = [TensorName.query, .key, .value]
                .reduce(0) { $0 + problem.problem.byteCount(of: $1) }
            let tasks = UInt64(report.attempts) * 64
            // Those that are sent together have a header for all of them, too.
            let headers = tasks...2 * tasks
            // Shared output is written in its place.
            let outputBytes = UInt64(problem.problem.byteCount(of: .output))
            #expect((report.bytesReceived > outputBytes) == (outputs == .messages))
            switch plane {
            case .inline: #expect(report.bytesSent > UInt64(inputBytes) + tasks)
            case .copied: #expect(report.bytesSent == UInt64(inputBytes) + tasks)
            case .resident, .shared: #expect(headers.contains(report.bytesSent))
            }
        }

        @Test func `an impossible workload is refused with its reason`() throws {
            let cluster = try RealWorkers.cluster(2)
            let problem = try TestProblem(AttentionProblem(shape: .sample(keyLength: 5)))
            var workload = problem.workload(.resident)
            // Equal weights over five keys cannot be exact.
            workload.source = .generated(kind: .exactMean, seed: 1)
            let error = #expect(throws: RunError.self) {
                try cluster.load(workload, inputs: problem.inputs)
            }
            #expect(error?.kind == .environment)
            guard case .failed = cluster.faults.first?.reason else {
                Issue.record("\(cluster.faults)")
                return
            }
            for part in ["exact-mean", "5 keys"] {
                #expect(error?.description.contains(part) == true, "\(part)")
            }
            #expect(cluster.liveWorkerCount == 0)
        }

        @Test func `a program that is no worker is refused with its exit status`() throws {
            let error = #expect(throws: RunError.self) {
                _ = try Cluster(
                    ClusterConfiguration(workerCount: 2, executable: "/bin/false"),
                    interruption: TestInterruption.shared
                )
            }
            #expect(error?.kind == .environment)
            let reason = "\(FaultReason.exited(status: 1))"
            #expect(error?.description.contains(reason) == true)
        }

        @Test func `nothing is left of a cluster that was shut down`() throws {
            let cluster = try RealWorkers.cluster(2)
            let path = cluster.endpoint.dropFirst("ipc://".count)
            let parent = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
            #expect(parent.contains("/headwise-"))
            #expect(access(parent, F_OK) != 0, "it is there after all have joined")
            let processes = (0..<2).map { RealWorkers.process(of: $0, cluster) }
            cluster.shutDown()
            for process in processes { #expect(kill(process, 0) != 0) }
            #expect(cluster.liveWorkerCount == 0)
        }
    }
}

extension PlaneName {
    static let allSamples: [Self] = [.resident, .inline]
}
