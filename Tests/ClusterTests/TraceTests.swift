import Attention
import TestSupport
import Testing
import Traces
import Wire
import Work

@testable import Cluster

extension WorkerTrace {
    fileprivate func own(_ kind: Activity.Kind) -> [Activity] {
        own.activities.filter { $0.kind == kind }
    }

    fileprivate func ofCoordinator(_ kind: Activity.Kind) -> [Activity] {
        coordinator.activities.filter { $0.kind == kind }
    }
}

extension [Activity] {
    fileprivate var byteCount: UInt64 { reduce(0) { $0 + $1.byteCount } }

    fileprivate var nanoseconds: UInt64 {
        reduce(0) { $0 + $1.endNanoseconds - $1.beginNanoseconds }
    }
}

extension ProcessTests {
    @Suite struct TraceTests {
        private static let shape = AttentionShape.sample(
            queryLength: 300,
            keyLength: 64,
            headDimension: 16
        )

        @Test(arguments: PlaneName.allSamples, OutputRoute.allCases)
        func `a traced trial tells when each shard was computed, and no other trial does`(
            plane: PlaneName,
            outputs: OutputRoute
        ) throws {
            let cluster = try RealWorkers.cluster(2)
            let problem = try TestProblem(AttentionProblem(shape: Self.shape))
            try cluster.load(problem.workload(plane, outputs: outputs), inputs: problem.inputs)
            let plan = try problem.plan(workers: 2, split: .rows)
            for isTraced in [false, true, false, true] {
                let (report, differences) = try problem.run(cluster, plan, isTraced: isTraced)
                #expect(differences.isEmpty)
                guard isTraced else {
                    #expect(report.trace == nil)
                    continue
                }
                try check(#require(report.trace), report, plan.shards, outputs)
            }
            #expect(cluster.faults.isEmpty && cluster.refusals.isEmpty)
        }

        private func check(
            _ trace: TrialTrace,
            _ report: TrialReport,
            _ shards: [Shard],
            _ outputs: OutputRoute
        ) throws {
            #expect(trace.endNanoseconds - trace.startNanoseconds == report.wallNanoseconds)
            #expect(trace.shards == shards && trace.leftOut == 0 && trace.faults.isEmpty)
            let computed = trace.workers.flatMap { $0.own(.compute).compactMap(\.shard) }
            #expect(computed.sorted() == Array(shards.indices))
            for (worker, times) in zip(trace.workers, report.workers) {
                #expect(worker.tasks.count == times.shards)
                #expect(worker.tasks.allSatisfy { $0.answeredNanoseconds != nil })
                #expect(worker.own(.compute).nanoseconds == times.computeNanoseconds)
                // One clock, and nothing is received before it is sent.
                if times.shards > 0 { #expect(WorkerClock([worker]).relation == .shared) }
                let sent = worker.ofCoordinator(.send)
                #expect(worker.own(.receive).byteCount == sent.byteCount)
                #expect(worker.own(.receive).count == sent.count)
                #expect(worker.ofCoordinator(.copy).byteCount + sent.byteCount <= times.bytesIn)
                #expect(worker.ofCoordinator(.merge).nanoseconds >= times.mergeNanoseconds)
                let pieces = worker.own(.send)
                #expect(pieces.isEmpty == (outputs == .shared || times.shards == 0))
                // The shards of a result have no payload of their own.
                #expect(worker.ofCoordinator(.merge).byteCount == pieces.byteCount)
                #expect(worker.bytesInFlight.isEmpty == (sent.byteCount == 0))
            }
        }

        @Test func `every stage of an operation is traced`() throws {
            let cluster = try RealWorkers.cluster(2)
            let problem = try TestProblem(.staged(.linformer(keys: 20), keyLength: 90))
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            let plan = try problem.plan(workers: 2)
            let (report, differences) = try problem.run(cluster, plan, isTraced: true)
            #expect(differences.isEmpty)
            let trace = try #require(report.trace)
            let computed = trace.workers.flatMap { $0.own(.compute).compactMap(\.shard) }
            #expect(computed.sorted() == Array(plan.shards.indices))
            #expect(Set(trace.shards.map(\.stage)) == [0, 1, 2])
        }

        @Test func `a worker that is lost leaves what it told, and its fault`() throws {
            let cluster = try RealWorkers.cluster(2, faults: [1: "die:2"])
            let problem = try TestProblem(AttentionProblem(shape: Self.shape))
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            let plan = try problem.plan(workers: 2, split: .rows, schedule: .fixed)
            let (report, differences) = try problem.run(cluster, plan, isTraced: true)
            #expect(differences.isEmpty)
            let trace = try #require(report.trace)
            let fault = try #require(trace.faults.first)
            #expect(fault.worker == 1 && fault.reason.contains("signal 9"))
            #expect((trace.startNanoseconds...trace.endNanoseconds).contains(fault.moment))
            #expect(trace.workers[1].tasks.contains { $0.answeredNanoseconds == nil })
            // Its first result may have died with it.
            let computed = trace.workers.flatMap { $0.own(.compute).compactMap(\.shard) }
            #expect(computed.sorted() == Array(plan.shards.indices))
            #expect(trace.workers[1].own(.compute).count <= 1)
        }

        /// A worker in another language: it drops TRACE, or answers nonsense.
        @Test(arguments: [0, 32, 3200])
        func `a worker that does not trace computes all the same`(byteCount: Int) throws {
            let problem = try TestProblem(AttentionProblem(shape: Self.shape))
            let (staged, expected) = (problem.problem, problem.expected)
            try FakeWorkers().run(1) { worker in
                try worker.join()
                _ = try worker.prepare()
                while true {
                    let message = try worker.next()
                    guard case .task(let task) = message.content else { continue }
                    try worker.sendOutput(of: task, staged, from: expected)
                    let result = ResultMessage(
                        task: task.identity,
                        computeNanoseconds: 1,
                        queueNanoseconds: 1,
                        offCoreNanoseconds: 0,
                        activityBytes: byteCount
                    )
                    let nonsense = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 37) }
                    try worker.send(result, byteCount == 0 ? nil : nonsense)
                }
            } _: { cluster in
                try cluster.load(problem.workload(.resident), inputs: problem.inputs)
                let plan = try problem.plan(workers: 1, split: .rows)
                for isTraced in [true, false] {
                    let (report, differences) = try problem.run(cluster, plan, isTraced: isTraced)
                    #expect(differences.isEmpty && cluster.faults.isEmpty)
                    guard isTraced else { continue }
                    let worker = try #require(report.trace?.workers.first)
                    #expect(worker.own(.compute).count <= plan.shards.count * byteCount / 32)
                    #expect(worker.tasks.count == plan.shards.count)
                }
            }
        }
    }
}
