import Attention
import Glibc
import TestSupport
import Testing
import Wire
import Work

// Testing has one, too.
import enum Platform.ExitStatus

@testable import Cluster
@testable import Platform

extension ProcessTests {
    /// Who gets in while workers join, and afterwards.
    @Suite struct DoorTests {
        /// The doorkeeper's thread may learn of a worker after the coordinator does.
        private func expect(_ strangers: Strangers, at cluster: Cluster) {
            let limit = Cluster.now + patience
            while cluster.strangers != strangers, Cluster.now < limit { sched_yield() }
            #expect(cluster.strangers == strangers)
        }

        @Test(arguments: Transport.allCases)
        func `a program with another token ends, and the worker joins`(
            transport: Transport
        ) throws {
            try FakeWorkers().run(1, transport: transport) { worker in
                let (readEnd, writeEnd) = try System.pipe()
                defer { for end in [readEnd, writeEnd] { System.close(end) } }
                try System.write(Array(RunToken.random().hexadecimal.utf8), to: writeEnd)
                let arguments = [
                    "worker", "--connect", worker.seat.endpoint, "--token-descriptor", "3",
                ]
                var stranger = try SpawnedProcess(
                    executable: PackageFolder.program,
                    arguments: arguments,
                    descriptors: [3: readEnd]
                )
                try #require(waitUntilReadable(stranger.exitDescriptor), "it did not end")
                let status = stranger.reap()
                #expect(status == .exited(code: 40))
                try worker.join()
                try worker.waitForEnd()
            } _: { cluster in
                #expect(cluster.liveWorkerCount == 1)
                expect(Strangers(refused: 1, wrongTokens: 1), at: cluster)
            }
        }

        @Test func `the port is closed once all workers have joined`() throws {
            let cluster = try RealWorkers.cluster(2, transport: .tcp)
            expect(Strangers(), at: cluster)
            let port = try #require(UInt16(cluster.endpoint.split(separator: ":").last ?? ""))
            let strangers = try (0..<10).map { _ in try RawConnection(port) }
            let problem = try TestProblem(AttentionProblem(shape: .sample(queryLength: 300)))
            try cluster.load(problem.workload(.inline), inputs: problem.inputs)
            for split in [Split.rows, .head] { try problem.check(cluster, split: split) }
            #expect(strangers.allSatisfy { !$0.isOpen(within: .zero) })
            #expect(cluster.strangers.unanswered >= 10)
            #expect(cluster.strangers.refused == 0)
            #expect(cluster.liveWorkerCount == 2)
        }
    }
}
