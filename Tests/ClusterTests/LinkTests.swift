import Attention
import Glibc
import Scheduling
import TestSupport
import Testing
import Wire
import Work

@testable import Cluster
@testable import Platform

extension ProcessTests {
    /// The measurement of links when workers join.
    @Suite struct LinkTests {
        @Test(arguments: Transport.allCases)
        func `links are measured and the workers then work`(transport: Transport) throws {
            let cluster = try RealWorkers.cluster(2, transport: transport, measuresLinks: true)
            #expect(cluster.linkTimes.keys.sorted() == [0, 1])
            for times in cluster.linkTimes.values {
                #expect(times.leastRoundTripNanoseconds > 0)
                #expect(times.leastRoundTripNanoseconds <= times.roundTripNanoseconds)
            }
            #expect(cluster.refusals.isEmpty)
            let problem = try TestProblem(AttentionProblem(shape: .sample(queryLength: 300)))
            try cluster.load(problem.workload(.inline), inputs: problem.inputs)
            try problem.check(cluster, split: .head)
            #expect(cluster.faults.isEmpty)
        }

        @Test func `links are measured only where that is asked for`() throws {
            #expect(try RealWorkers.cluster(1).linkTimes.isEmpty)
        }

        @Test func `a worker that answers no probes is asked none`() throws {
            try FakeWorkers().run(1, measuresLinks: true) { worker in
                try worker.join()
                _ = try worker.prepare()
                try worker.waitForEnd()
            } _: { cluster in
                #expect(cluster.linkTimes.isEmpty)
                try Self.load(cluster)
                #expect(cluster.liveWorkerCount == 1)
            }
        }

        @Test func `a worker that answers too late is used all the same`() throws {
            try FakeWorkers().run(1, measuresLinks: true) { worker in
                try worker.join(answersProbes: true)
                let first = try worker.nextProbe()
                try worker.send(Echo(number: first.number, payloadBytes: 0))
                let second = try worker.nextProbe()
                _ = try worker.prepare()
                try worker.send(Echo(number: second.number, payloadBytes: 0))
                try worker.waitUntilTaken()
                try worker.waitForEnd()
            } _: { cluster in
                #expect(cluster.linkTimes[0] != nil)
                #expect(cluster.linkTimes[0]?.toWorkerBytesPerSecond == nil)
                try Self.load(cluster)
                #expect(cluster.liveWorkerCount == 1)
                #expect(cluster.faults.isEmpty)
            }
        }

        @Test func `an answer to nothing is counted, and the right one is taken`() throws {
            try FakeWorkers().run(1, measuresLinks: true) { worker in
                try worker.join(answersProbes: true)
                let first = try worker.nextProbe()
                try worker.send(Echo(number: first.number, payloadBytes: 3), [1, 2, 3])
                try worker.send(Echo(number: first.number + 1000, payloadBytes: 0))
                try worker.send(Echo(number: first.number, payloadBytes: 0))
                try Self.answerProbes(of: worker)
            } _: { cluster in
                #expect(cluster.refusals == [.field: 2])
                #expect(cluster.linkTimes[0] != nil)
            }
        }

        /// The second answer is never sent: its worker's process ends instead.
        @Test func `a worker that is lost while it is asked does not keep the others`() throws {
            try FakeWorkers().run(2, measuresLinks: true) { worker in
                try worker.join(answersProbes: true)
                if worker.seat.rank == 0 {
                    let probe = try worker.nextProbe()
                    try worker.send(Echo(number: probe.number, payloadBytes: 0))
                    _ = try worker.nextProbe()
                    kill(worker.seat.processIdentifier, SIGKILL)
                } else {
                    try Self.answerProbes(of: worker)
                }
                try worker.waitForEnd()
            } _: { cluster in
                #expect(cluster.liveWorkerCount == 1)
                #expect(cluster.faults.map(\.ordinal) == [0])
                #expect(cluster.faults.first?.reason == .signalled(Int(SIGKILL)))
                #expect(cluster.linkTimes[1] != nil)
            }
        }

        /// Until the end of the test.
        private static func answerProbes(of worker: borrowing FakeWorker) throws {
            while true {
                let probe = try worker.nextProbe()
                let payload = [UInt8](repeating: 1, count: probe.answerBytes)
                try worker.send(
                    Echo(number: probe.number, payloadBytes: payload.count),
                    payload.isEmpty ? nil : payload
                )
            }
        }

        private static func load(_ cluster: Cluster) throws {
            let problem = AttentionProblem(shape: .sample(batch: 1))
            let workload = ClusterWorkload(
                problem: problem,
                instructionSets: .one(.baseline),
                plane: .resident,
                source: .generated(kind: .uniform, seed: 1),
                outputs: .messages
            )
            try cluster.load(workload, inputs: try AttentionInputs(problem))
        }
    }
}
