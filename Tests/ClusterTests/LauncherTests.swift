import Attention
import Platform
import Synchronization
import TestSupport
import Testing
import Work

@testable import Cluster

/// Starts workers through `env`, as a batch system starts them through a program of its own.
private struct EnvLauncher: Launcher, Sendable {
    static let ranks = Mutex<[Int]>([])

    func start(_ seat: WorkerSeat) throws(RunError) -> any LaunchedWorker {
        Self.ranks.withLock { $0.append(seat.rank) }
        return try ChildProcess(
            executable: "/usr/bin/env",
            arguments: ["HEADWISE_RANK=\(seat.rank)", PackageFolder.program] + seat.arguments,
            token: seat.token,
            memory: seat.memory.map(\.descriptor)
        )
    }
}

extension ProcessTests {
    @Suite struct LauncherTests {
        @Test(arguments: OutputRoute.allCases)
        func `another launcher's workers compute the same bits`(outputs: OutputRoute) throws {
            var configuration = ClusterConfiguration(workerCount: 3)
            configuration.launcher = EnvLauncher()
            let cluster = try Cluster(configuration, interruption: TestInterruption.shared)
            let problem = try TestProblem(AttentionProblem(shape: .sample(queryLength: 300)))
            try cluster.load(problem.workload(.inline, outputs: outputs), inputs: problem.inputs)
            for split in [Split.rows, .head] { try problem.check(cluster, split: split) }
            #expect(cluster.faults.isEmpty && cluster.liveWorkerCount == 3)
            #expect(Set(EnvLauncher.ranks.withLock { $0 }) == [0, 1, 2])
        }
    }
}
