import Attention
import Keys
import Platform
import Scheduling
import Work

/// How a cluster is started.
package struct ClusterConfiguration: Sendable {
    package var workerCount: Int
    /// Workers of each process; more than one only where they wait instead of computing.
    package var workersPerProcess: Int
    /// Compute threads of each worker.
    package var threads: Int
    package var transport: Transport
    /// At which address of this host workers connect over tcp.
    package var bind: NetworkAddress
    /// By which coordinator and workers know each other; nil for a token that only the coordinator's
    /// children know.
    package var keys: KeyFolder?
    /// Shards a worker may hold at a time.
    package var credit: Int
    /// Which processors the workers' threads take.
    package var pinning: Pinning
    /// What starts the workers.
    var launcher: any Launcher & Sendable
    /// How many workers are enough; nil for all.
    package var leastWorkers: Int?
    /// Whether workers get memory to share outputs in.
    package var sharesMemory: Bool
    /// A fault to inject, by worker ordinal, as `headwise worker --fault` takes it.
    package var faults: [Int: String]
    package var limits: DispatcherLimits
    /// How long starting and joining may take.
    package var joinLimit: Duration
    /// Whether the links are measured when all workers have joined, which takes some milliseconds each.
    package var measuresLinks = false
    package static let thisProgram = "/proc/self/exe"
    /// Whether the address stays open after all workers have joined.
    var admitsLateWorkers = false

    package init(
        workerCount: Int,
        workersPerProcess: Int = 1,
        threads: Int = 1,
        transport: Transport = .ipc,
        bind: NetworkAddress = .loopback,
        keys: KeyFolder? = nil,
        credit: Int = 2,
        pinning: Pinning = Pinning(),
        launch: Launch = .local,
        executable: String = Self.thisProgram,
        sharesMemory: Bool = true,
        faults: [Int: String] = [:],
        limits: DispatcherLimits = DispatcherLimits(),
        joinLimit: Duration = .seconds(20)
    ) {
        self.workerCount = workerCount
        self.workersPerProcess = workersPerProcess
        self.threads = threads
        self.transport = transport
        self.bind = bind
        self.keys = keys
        self.credit = credit
        self.pinning = pinning
        launcher =
            launch.isLocal
            ? LocalLauncher(executable: executable) : ForeignLauncher(launch: launch)
        self.sharesMemory = sharesMemory && launcher.sharesMemory
        self.faults = faults
        self.limits = limits
        self.joinLimit = joinLimit
    }

    /// How the workers are spread over processes.
    var processes: WorkerProcesses {
        WorkerProcesses(workers: workerCount, perProcess: workersPerProcess)
    }

    /// Ten beats may be lost before a worker is suspected.
    var heartbeatMilliseconds: Int {
        let (seconds, attoseconds) = limits.suspectAfter.components
        let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        return max(10, milliseconds / 10)
    }

    /// How long a worker may make no progress, if a healthy one needs so long for a query block at most.
    func wedgedAfter(secondsPerQueryBlock seconds: Double) -> Duration {
        max(limits.wedgedAfter, .seconds(min(seconds * 4, 1e6)))
    }

    /// The longest time that making or receiving the tensors may take.
    func preparationLimit(_ problem: AttentionProblem) -> Duration {
        let byteCount = TensorName.allCases.reduce(0) { $0 + problem.byteCount(of: $1) }
        // A slow machine that swaps: 20 MB/s, shared by all workers.
        let seconds = Double(byteCount) * Double(workerCount) / 20e6
        return joinLimit + .seconds(seconds.rounded(.up))
    }
}
