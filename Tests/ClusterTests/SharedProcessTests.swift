import Attention
import Glibc
import Platform
import Scheduling
import TestSupport
import Testing
import Work

@testable import Cluster

extension ProcessTests {
    /// Emulated workers, several in a process.
    @Suite struct SharedProcessTests {
        private static let taskNanoseconds: UInt64 = 200_000

        private let problem: TestProblem

        init() throws {
            problem = try TestProblem(AttentionProblem(shape: .sample(queryLength: 300)))
        }

        private func workload(
            _ plane: PlaneName = .resident,
            _ outputs: OutputRoute = .messages
        ) -> ClusterWorkload {
            var workload = problem.workload(plane, outputs: outputs)
            workload.standIn = .waiting(
                nanosecondsPerTask: Self.taskNanoseconds,
                nanosecondsPerPair: 0
            )
            return workload
        }

        /// Runs a trial in which each shard must have one result.
        @discardableResult
        private func check(_ cluster: Cluster, isTraced: Bool = false) throws -> TrialReport {
            let plan = try problem.plan(
                workers: cluster.configuration.workerCount,
                split: .rows,
                schedule: .fixed
            )
            let (report, _) = try problem.run(cluster, plan, isTraced: isTraced)
            #expect(report.workers.reduce(0) { $0 + $1.shards } == plan.shards.count)
            #expect(plan.shards.indices.allSatisfy { cluster.worker(ofShard: $0) != nil })
            #expect(report.contradictions == 0)
            for times in report.workers {
                #expect(times.computeNanoseconds >= Self.taskNanoseconds * UInt64(times.shards))
            }
            return report
        }

        @Test(arguments: PlaneName.allSamples, OutputRoute.allCases)
        func `every worker of a process answers its tasks`(
            plane: PlaneName,
            outputs: OutputRoute
        ) throws {
            // The last process has fewer.
            let cluster = try RealWorkers.cluster(5, perProcess: 3)
            let processes = (0..<5).map { RealWorkers.process(of: $0, cluster) }
            #expect(processes.allSatisfy { $0 > 0 })
            #expect(Set(processes[0..<3]).count == 1 && Set(processes[3..<5]).count == 1)
            #expect(processes[0] != processes[4])
            try cluster.load(workload(plane, outputs), inputs: problem.inputs)
            for isTraced in [false, true, false] {
                let report = try check(cluster, isTraced: isTraced)
                #expect(report.attempts == report.workers.reduce(0) { $0 + $1.shards })
                #expect(report.workers.allSatisfy { $0.shards > 0 })
                #expect(report.workers.allSatisfy { $0.use.cpuNanoseconds != nil })
                #expect((report.trace?.workers.count ?? 5) == 5)
            }
            #expect(cluster.faults.isEmpty && cluster.isWhole)
        }

        @Test func `if a process is killed, all its workers are lost, and the others go on`() throws
        {
            let cluster = try RealWorkers.cluster(6, perProcess: 3)
            try cluster.load(workload(), inputs: problem.inputs)
            try check(cluster)
            RealWorkers.signal(SIGKILL, cluster, worker: 4)
            while cluster.faults.count < 3 { try check(cluster) }
            #expect(Set(cluster.faults.map(\.ordinal)) == [3, 4, 5])
            #expect(cluster.faults.allSatisfy { $0.isLoss })
            #expect(cluster.faults.allSatisfy { $0.reason == .signalled(Int(SIGKILL)) })
            #expect(cluster.liveWorkerCount == 3 && !cluster.isWhole)
            try check(cluster)
            #expect(cluster.faults.count == 3)
        }

        @Test func `a process that is stopped is ended, with all its workers`() throws {
            let limits = DispatcherLimits(
                suspectAfter: .milliseconds(200),
                deadAfter: .milliseconds(600),
                wedgedAfter: .seconds(60)
            )
            let cluster = try RealWorkers.cluster(4, perProcess: 2, limits: limits)
            try cluster.load(workload(), inputs: problem.inputs)
            let process = RealWorkers.process(of: 0, cluster)
            RealWorkers.signal(SIGSTOP, cluster, worker: 0)
            while cluster.faults.count(where: \.isLoss) < 2 { try check(cluster) }
            #expect(Set(cluster.faults.filter(\.isLoss).map(\.ordinal)) == [0, 1])
            #expect(kill(process, 0) != 0)
            // At least one of them is lost for its own silence; what is said of another names it.
            let reasons = cluster.faults.filter(\.isLoss).map(\.reason)
            #expect(
                reasons.contains { if case .silent = $0 { true } else { false } },
                "\(reasons)"
            )
            for case .signalled(_, let reason) in reasons {
                #expect(reason?.contains("worker") == true, "\(reasons)")
            }
            try check(cluster)
        }

        @Test func `workers that share a process refuse to compute`() throws {
            let cluster = try RealWorkers.cluster(2, perProcess: 2)
            let error = #expect(throws: RunError.self) {
                try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            }
            #expect(error?.kind == .environment)
            #expect(error?.description.contains("process") == true, "\(String(describing: error))")
        }
    }
}
