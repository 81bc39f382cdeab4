import Attention
import Glibc
import Scheduling
import TestSupport
import Testing
import Work

@testable import Cluster
@testable import Platform

extension ProcessTests {
    /// Real workers that die, hang, stop or lie.
    @Suite struct FaultTests {
        private static let shortLimits = DispatcherLimits(
            suspectAfter: .milliseconds(200),
            deadAfter: .seconds(5),
            wedgedAfter: .milliseconds(600)
        )

        private func problem() throws -> TestProblem {
            try TestProblem(
                AttentionProblem(shape: .sample(queryLength: 300, keyLength: 64, headDimension: 16))
            )
        }

        @Test(arguments: PlaneName.allSamples, OutputRoute.allCases)
        func `a dead worker's shards are computed elsewhere`(
            plane: PlaneName,
            outputs: OutputRoute
        ) throws {
            let cluster = try RealWorkers.cluster(2, faults: [1: "die:2"])
            let problem = try problem()
            let workload = problem.workload(plane, outputs: outputs)
            try cluster.load(workload, inputs: problem.inputs)
            while cluster.faults.isEmpty { try problem.check(cluster, split: .head) }
            let fault = try #require(cluster.faults.first)
            #expect(fault.ordinal == 1)
            #expect(fault.isLoss)
            #expect(fault.reason == .signalled(Int(SIGKILL)))
            #expect(!fault.shards.isEmpty)
            #expect(cluster.liveWorkerCount == 1)
            try problem.check(cluster, split: .head)
        }

        private static let staged: [Operation] = [
            .linformer(keys: 20), .multiHead(.fused, .memory), .multiHead(.shared, .memory),
            .kernelRegression(.learned(Training(epochs: 2, rate: 0.01))),
        ]

        @Test(arguments: staged, [1, 4, 7])
        func `a worker that dies in any stage loses nothing`(
            operation: Operation,
            shard: Int
        ) throws {
            for (plane, outputs) in [
                (PlaneName.resident, OutputRoute.messages), (.resident, .shared),
                (.inline, .shared),
            ]
            where OutputRoute.available.contains(outputs) {
                let cluster = try RealWorkers.cluster(2, faults: [1: "die:\(shard)"])
                let problem = try TestProblem(.staged(operation, keyLength: 64))
                try cluster.load(
                    problem.workload(plane, outputs: outputs),
                    inputs: problem.inputs
                )
                while cluster.faults.isEmpty { try problem.check(cluster) }
                #expect(cluster.liveWorkerCount == 1)
                try problem.check(cluster, split: .head, schedule: .fixed)
            }
        }

        /// In the states, of which each of two workers has 6 shards or fewer, and in the fold.
        @Test(arguments: [1, 4, 7, 8])
        func `a worker that dies where keys are cut loses nothing`(shard: Int) throws {
            for (plane, outputs) in [
                (PlaneName.resident, OutputRoute.messages), (.inline, .shared), (.copied, .shared),
            ]
            where OutputRoute.available.contains(outputs) {
                let cluster = try RealWorkers.cluster(2, faults: [1: "die:\(shard)"])
                let problem = try TestProblem(
                    AttentionProblem(
                        shape: .sample(
                            heads: 4,
                            keyValueHeads: 2,
                            queryLength: 2,
                            keyLength: 4200
                        ),
                        mask: Mask(lengths: .perBatch)
                    ),
                    split: .keys
                )
                try cluster.load(
                    problem.workload(plane, outputs: outputs),
                    inputs: problem.inputs
                )
                while cluster.faults.isEmpty {
                    try problem.check(cluster, split: .keys, schedule: .fixed)
                }
                #expect(cluster.liveWorkerCount == 1)
                try problem.check(cluster, split: .keys)
            }
        }

        @Test func `a wedged worker is ended and its shards are computed elsewhere`() throws {
            let cluster = try RealWorkers.cluster(
                2,
                faults: [0: "wedge:1"],
                limits: Self.shortLimits
            )
            let problem = try problem()
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            while cluster.faults.isEmpty { try problem.check(cluster, split: .head) }
            let fault = try #require(cluster.faults.first)
            guard case .wedged(_, let shard) = fault.reason else {
                Issue.record("\(fault.reason)")
                return
            }
            #expect(fault.ordinal == 0)
            #expect(shard.map(fault.shards.contains) == true)
            #expect(kill(RealWorkers.process(of: 0, cluster), 0) != 0)
            try problem.check(cluster, split: .head)
        }

        /// Takes as long as the coordinator waits for workers to join.
        @Test func `workers killed or stopped before they join do not stop the others`() throws {
            let folder = try TemporaryFolder()
            let path = try folder.writeProgram(
                "worker",
                """
                case "$*" in *die:7*) kill -KILL $$ ;; *die:8*) kill -STOP $$ ;; esac
                exec '\(PackageFolder.program)' "$@"
                """
            )
            let cluster = try Cluster(
                ClusterConfiguration(
                    workerCount: 3,
                    executable: path,
                    faults: [0: "die:7", 2: "die:8"],
                    joinLimit: .seconds(5)
                ),
                interruption: TestInterruption.shared
            )
            #expect(cluster.liveWorkerCount == 1)
            #expect(
                cluster.faults.map(\.reason) == [
                    .unjoined(.signalled(Int(SIGKILL))), .unjoined(.silent(.seconds(5))),
                ]
            )
            #expect(cluster.faults.map(\.ordinal) == [0, 2])
            #expect(cluster.faults.map(\.isLoss) == [true, true])
            let problem = try problem()
            try cluster.load(problem.workload(.inline), inputs: problem.inputs)
            try problem.check(cluster, split: .rows)
            try problem.check(cluster, split: .head, schedule: .fixed)
            #expect(cluster.faults.count == 2)
        }

        /// One that says why it ends; the first changes the rank, which nobody expects.
        @Test(arguments: [
            ("words[4]=7", ["rank 7"]),
            // Other tests' files may be inherited, too, and would leave no room to load a library.
            (
                """
                for file in /proc/$$/fd/*; do
                    [ "${file##*/}" -lt 10 ] || eval "exec ${file##*/}>&-"
                done
                ulimit -n 20
                """, ["ulimit -n "]
            ),
            ("exit 0", ["status 0"]),
        ])
        func `a worker that cannot join gives its reason`(deed: String, parts: [String]) throws {
            let folder = try TemporaryFolder()
            let path = try folder.writeProgram(
                "worker",
                """
                words=("$@")
                \(deed)
                exec '\(PackageFolder.program)' "${words[@]}"
                """,
                shell: "/bin/bash"
            )
            let error = #expect(throws: RunError.self) {
                _ = try Cluster(
                    ClusterConfiguration(workerCount: 1, executable: path),
                    interruption: TestInterruption.shared
                )
            }
            #expect(error?.kind == .environment)
            for part in parts + ["joined"] {
                #expect(
                    error?.description.contains(part) == true,
                    "\(part) in \(error?.description ?? "")"
                )
            }
        }

        @Test func `a worker that is stopped is lost, before it joined as after it`() throws {
            let folder = try TemporaryFolder()
            let path = try folder.writeProgram("worker", "kill -STOP $$")
            let before = #expect(throws: RunError.self) {
                _ = try Cluster(
                    ClusterConfiguration(
                        workerCount: 1,
                        executable: path,
                        joinLimit: .seconds(1)
                    ),
                    interruption: TestInterruption.shared
                )
            }
            #expect(before?.kind == .unfinished)
            let limits = DispatcherLimits(
                suspectAfter: .milliseconds(200),
                deadAfter: .milliseconds(800)
            )
            let cluster = try RealWorkers.cluster(1, limits: limits)
            let problem = try problem()
            try cluster.load(problem.workload(.inline), inputs: problem.inputs)
            RealWorkers.signal(SIGSTOP, cluster, worker: 0)
            let after = #expect(throws: RunError.self) { try problem.check(cluster) }
            #expect(after?.kind == .unfinished)
            let fault = try #require(cluster.faults.last)
            #expect(fault.delay.map { $0 >= limits.suspectAfter } == true)
            #expect(fault.time <= Cluster.now)
        }

        @Test func `a trial without a worker left is unfinished, with the reason`() throws {
            let cluster = try RealWorkers.cluster(2, faults: [0: "die:1", 1: "die:2"])
            let problem = try problem()
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            for _ in 0..<2 {
                let error = #expect(throws: RunError.self) {
                    // One shard after the other, until both have had their fault.
                    while true { try problem.check(cluster, split: .head) }
                }
                #expect(error?.kind == .unfinished)
                let reason = FaultReason.signalled(Int(SIGKILL))
                #expect(cluster.faults.last?.reason == reason)
                #expect(error?.description.contains("\(reason)") == true)
            }
            #expect(cluster.faults.count == 2)
        }

        @Test func `a flipped bit is seen`() throws {
            let cluster = try RealWorkers.cluster(1, faults: [0: "corrupt:3"])
            let problem = try problem()
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            let plan = try problem.plan(workers: 1, split: .head)
            try #require(plan.shards.count >= 3)
            let shape = problem.problem.shape
            let end = plan.shards[2].slices.upperBound * shape.queryLength * shape.valueDimension
            #expect(try problem.run(cluster, plan).differences == [end - shape.valueDimension])
            // The same shard computed again is right.
            #expect(try problem.run(cluster, plan).differences.isEmpty)
        }

        @Test func `a stopped worker's shards are computed elsewhere until it goes on`() throws {
            let cluster = try RealWorkers.cluster(2, limits: Self.shortLimits)
            let problem = try problem()
            try cluster.load(problem.workload(.inline), inputs: problem.inputs)
            RealWorkers.signal(SIGSTOP, cluster, worker: 0)
            let report = try problem.check(cluster, split: .head)
            #expect(report.workers[0].shards == 0)
            #expect(cluster.faults.map(\.ordinal) == [0])
            guard case .silent = cluster.faults.first?.reason else {
                Issue.record("\(String(describing: cluster.faults.first))")
                return
            }
            RealWorkers.signal(SIGCONT, cluster, worker: 0)
            // Its results of the first trial are dropped, and it takes part again.
            while try problem.check(cluster, split: .head).workers[0].shards == 0 {}
            #expect(cluster.liveWorkerCount == 2)
            #expect(cluster.faults.allSatisfy { !$0.isLoss })
            #expect(cluster.isWhole)
        }

        @Test func `a stopped worker's stale work does not disturb the next workload`() throws {
            let cluster = try RealWorkers.cluster(2, credit: 4, limits: Self.shortLimits)
            let problem = try problem()
            let tiny = try TestProblem(AttentionProblem(shape: .sample(batch: 1, heads: 2)))
            for _ in 0..<3 {
                try cluster.load(problem.workload(.resident), inputs: problem.inputs)
                RealWorkers.signal(SIGSTOP, cluster, worker: 1)
                try problem.check(cluster, split: .rows)
                RealWorkers.signal(SIGCONT, cluster, worker: 1)
                // It gets the tasks of the last trial and this workload together.
                try cluster.load(tiny.workload(.resident), inputs: tiny.inputs)
                try tiny.check(cluster)
            }
            #expect(cluster.liveWorkerCount == 2)
        }

        @Test func `a worker that stays stopped is ended, also while a workload is loaded`() throws
        {
            let limits = DispatcherLimits(
                suspectAfter: .milliseconds(200),
                deadAfter: .milliseconds(800)
            )
            let cluster = try RealWorkers.cluster(2, limits: limits)
            let problem = try problem()
            RealWorkers.signal(SIGSTOP, cluster, worker: 1)
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            #expect(cluster.liveWorkerCount == 1)
            #expect(cluster.faults.map(\.isLoss) == [true])
            try problem.check(cluster)
        }

        /// So it is while other configurations run or an output is verified.
        @Test(.enabled(if: isThorough))
        func `a coordinator that does not read for long keeps its workers`() throws {
            // Frequent beats fill every pipe soon.
            let limits = DispatcherLimits(suspectAfter: .milliseconds(100))
            let cluster = try RealWorkers.cluster(2, limits: limits)
            let problem = try problem()
            try cluster.load(problem.workload(.inline), inputs: problem.inputs)
            try problem.check(cluster)
            let start = Cluster.now
            while Cluster.now - start < .seconds(8) { _ = singleProcessOutput(problem.inputs) }
            try problem.check(cluster)
            #expect(cluster.liveWorkerCount == 2)
            #expect(cluster.faults.isEmpty)
        }

        @Test func `a worker killed between trials is missed in the next`() throws {
            let cluster = try RealWorkers.cluster(3)
            let problem = try problem()
            try cluster.load(problem.workload(.inline), inputs: problem.inputs)
            for worker in 0..<2 {
                try problem.check(cluster, split: .rows)
                RealWorkers.signal(SIGKILL, cluster, worker: worker)
            }
            while cluster.liveWorkerCount > 1 { try problem.check(cluster, split: .rows) }
            #expect(Set(cluster.faults.map(\.ordinal)) == [0, 1])
            #expect(cluster.faults.allSatisfy { $0.reason == .signalled(Int(SIGKILL)) })
        }
    }
}
