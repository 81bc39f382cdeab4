import Attention
import Glibc
import Platform
import Scheduling
import Synchronization
import TestSupport
import Testing
import Work

@testable import Cluster

/// Starts workers through `env`, as a batch system starts them through a program of its own.
private struct EnvLauncher: Launcher, Sendable {
    static let ranks = Mutex<[Int]>([])

    var sharesMemory: Bool { true }

    func start(_ seats: [WorkerSeat]) throws(RunError) -> LaunchedWorkers {
        LaunchedWorkers(
            try seats.map { seat throws(RunError) in
                Self.ranks.withLock { $0.append(seat.rank) }
                return try ChildProcess(
                    executable: "/usr/bin/env",
                    arguments: ["HEADWISE_RANK=\(seat.rank)", PackageFolder.program]
                        + seat.arguments,
                    token: seat.token,
                    memory: seat.memory.map(\.descriptor)
                )
            }
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

        private static let worker = "\(PackageFolder.program) worker --join {join}"

        private static func configuration(
            _ template: String,
            workers: Int = 3
        ) throws -> ClusterConfiguration {
            var configuration = ClusterConfiguration(
                workerCount: workers,
                launch: try Launch(template),
                joinLimit: patience
            )
            configuration.leastWorkers = nil
            return configuration
        }

        @Test(
            arguments: [
                "sh -c 'for i in $(seq {count}); do \(worker) & done; wait'",
                "sh -c 'for i in $(seq 0 2); do HEADWISE_RANK=$i \(worker) & done; wait'",
                // It ends before its workers have come.
                "sh -c 'for i in $(seq {count}); do \(worker) & done'",
                "sh -c 'for i in $(seq {count}); do setsid \(worker) >/dev/null 2>&1 & done'",
                "env \(worker) --rank {rank}",
            ],
            [Transport.ipc, .tcp]
        )
        func `workers of another program compute the same bits`(
            template: String,
            transport: Transport
        ) throws {
            var configuration = try Self.configuration(template)
            configuration.transport = transport
            #expect(!configuration.sharesMemory)
            let cluster = try Cluster(configuration, interruption: TestInterruption.shared)
            let problem = try TestProblem(AttentionProblem(shape: .sample(queryLength: 300)))
            for plane in [PlaneName.inline, .resident] {
                try cluster.load(
                    problem.workload(plane, outputs: .messages),
                    inputs: problem.inputs
                )
                for split in [Split.rows, .head] { try problem.check(cluster, split: split) }
            }
            #expect(cluster.faults.isEmpty && cluster.liveWorkerCount == 3)
            #expect(cluster.hasBegun)
            // They say it themselves.
            #expect(try #require(cluster.largestWorkerBytes) > 1 << 20)
        }

        @Test func `launchers have the places that somebody has given them`() throws {
            let folder = try TemporaryFolder()
            try folder.write("hosts", Array("a 2\nb # one\nc slots=4\n".utf8))
            let hosts = "ssh \(folder.file("hosts"))"
            for (launch, tasks, places) in [
                ("local", "6", 3), ("mpi", nil, 3), ("mpi", "6", 6), ("slurm", "6", 6),
                ("slurm", nil, nil), ("slurm", "0", nil), ("slurm", "x", nil), (hosts, "6", 7),
                ("external", "6", nil), ("env {worker}", "6", nil),
            ] as [(String, String?, Int?)] {
                let found = try Launch(launch).places(here: 3) { name in
                    name == "SLURM_NTASKS" ? tasks : nil
                }
                #expect(found == places, "\(launch), \(tasks ?? "none")")
            }
        }

        @Test func `a worker that is told to leave is lost, and the others go on`() throws {
            let folder = try TemporaryFolder()
            let pid = folder.file("pid")
            let template =
                "sh -c 'if [ {rank} = 1 ]; then echo $$ >\(pid); fi; exec \(Self.worker) --rank {rank}'"
            for signal in [SIGTERM, SIGKILL] {
                let cluster = try Cluster(
                    try Self.configuration(template),
                    interruption: TestInterruption.shared
                )
                let problem = try TestProblem(AttentionProblem(shape: .sample(queryLength: 300)))
                try cluster.load(
                    problem.workload(.inline, outputs: .messages),
                    inputs: problem.inputs
                )
                let text = try #require(SystemFiles.live.line(pid))
                try #require(kill(try #require(Int32(text)), signal) == 0)
                // Until its loss is noticed.
                var trials = 0
                while cluster.liveWorkerCount == 3, trials < 10_000 {
                    try problem.check(cluster, split: .rows)
                    trials += 1
                }
                #expect(cluster.faults.map(\.ordinal) == [1])
                let reason = try #require(cluster.faults.first?.reason)
                #expect(!reason.isOwn)
                if signal == SIGTERM, case .left(let words) = reason {
                    #expect(words.contains("15"))
                }
                try problem.check(cluster, split: .head)
            }
        }

        @Test(
            arguments: [
                // What a launcher says and its code.
                (
                    "sh -c 'echo no such queue >&2; exit 5' {join}", RunError.Kind.environment,
                    "no such queue"
                ),
                ("sh -c '\(worker) & echo half; exit 9'", .unfinished, "half"),
                ("sh -c 'echo killed; kill -9 $$' {join}", .unfinished, "killed"),
                ("sh -c '\(worker) & exit 9'", .unfinished, "{rank}"),
                (
                    "sh -c 'for i in 1 2 3; do \(worker) --rank 0 & done; exit 1'", .unfinished,
                    "rank 0"
                ),
                ("no-such-launcher {join}", .environment, "no-such-launcher"),
            ] as [(String, RunError.Kind, String)]
        )
        func `a launcher that does not start them all is told with its words`(
            template: String,
            kind: RunError.Kind,
            word: String
        ) throws {
            let error = #expect(throws: RunError.self) {
                _ = try Cluster(
                    try Self.configuration(template),
                    interruption: TestInterruption.shared
                )
            }
            #expect(error?.kind == kind, "\(error?.description ?? "")")
            #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
        }

        @Test func `fewer workers are enough where the configuration says so`() throws {
            var configuration = try Self.configuration(
                "sh -c '\(Self.worker) & \(Self.worker) & exit 1'"
            )
            configuration.leastWorkers = 2
            let cluster = try Cluster(configuration, interruption: TestInterruption.shared)
            #expect(cluster.liveWorkerCount == 2 && cluster.hasBegun)
            configuration.leastWorkers = 3
            #expect(throws: RunError.self) {
                _ = try Cluster(configuration, interruption: TestInterruption.shared)
            }
        }

        /// It is lost, and a run replaces it.
        @Test func `a local worker that never joined is no shortage`() throws {
            let configuration = ClusterConfiguration(
                workerCount: 2,
                executable: PackageFolder.program,
                faults: [1: "die:0"]
            )
            let cluster = try Cluster(configuration, interruption: TestInterruption.shared)
            #expect(cluster.liveWorkerCount == 1 && cluster.hasBegun)
        }

        @Test(arguments: [
            ("a 2\nb # last\n\n# none\nc slots=1\n", 4, ["a 0..<2", "b 2..<3", "c 3..<4"]),
            ("user@a 3", 2, ["user@a 0..<2"]),
        ])
        func `a file of hosts gives places in its order`(
            text: String,
            count: Int,
            places: [String]
        ) throws {
            let folder = try TemporaryFolder()
            let file = try folder.write("hosts", text)
            #expect(try HostFile(file).ranks(of: count).map { "\($0.host) \($0.ranks)" } == places)
            #expect(throws: RunError.self) { try HostFile(file).ranks(of: 100) }
        }

        @Test(arguments: ["a 0", "a b", "a 1 2", "-oProxyCommand=x", "a slots=", "a 1025"])
        func `a file of hosts that says something else is refused by its line`(text: String) throws
        {
            let folder = try TemporaryFolder()
            let file = try folder.write("hosts", "x 1\n\(text)\n")
            let error = #expect(throws: RunError.self) { try HostFile(file) }
            #expect(error?.description.contains("line 2") == true)
            #expect(throws: RunError.self) { try HostFile(folder.file("none")) }
            // Nobody writes to it, so whoever waits for that never ends.
            let pipe = folder.file("pipe")
            try #require(mkfifo(pipe, 0o600) == 0)
            #expect(throws: RunError.self) { try HostFile(pipe) }
        }
    }
}
