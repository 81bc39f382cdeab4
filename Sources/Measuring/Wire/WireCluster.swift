import Attention
import Cluster
import Platform
import Scheduling
import Work

/// A real cluster whose workers do not compute, and the tasks that they are given.
///
/// A class, since its workers must end exactly once.
final class WireCluster {
    let workers: Int
    private let cluster: Cluster
    private let memory: WireMemory
    private let standIn: StandIn
    private var shardPlan: ShardPlan?
    private var payloadBytes = 0
    /// Whether each trial can bring its own payload.
    private var bringsPayload = false
    private var trialCount = 0
    private var seconds: Double { Double(standIn.nanoseconds(pairs: 0)) / 1e9 }

    /// Starts workers that hold `credit` tasks at a time, and do this with those without a payload.
    init(
        _ transport: Transport,
        workers: Int,
        credit: Int,
        standIn: StandIn,
        _ memory: WireMemory,
        network: RunNetwork = .loopback,
        pinning: Pinning,
        interruption: Interruption
    ) throws(RunError) {
        self.workers = workers
        self.memory = memory
        self.standIn = standIn
        cluster = try Cluster(
            ClusterConfiguration(
                workerCount: workers,
                workersPerProcess: Self.processes(workers, standIn).perProcess,
                transport: transport,
                bind: network.address,
                keys: network.keys,
                credit: credit,
                pinning: pinning,
                sharesMemory: System.isSharedMemoryUnlimited
            ),
            interruption: interruption
        )
    }

    deinit { cluster.shutDown() }

    /// How workers are spread over processes that do this with their tasks.
    static func processes(_ workers: Int, _ standIn: StandIn) -> WorkerProcesses {
        standIn.isWaiting
            ? WorkerProcesses(emulated: workers) : WorkerProcesses(workers: workers)
    }

    /// The route on which a payload of a plane, or of none, comes back.
    static func outputs(_ plane: PlaneName?, over transport: Transport) -> OutputRoute {
        guard System.isSharedMemoryUnlimited else { return .messages }
        guard let plane else { return .shared }
        return plane.sharesMemory || plane.holdsInputs && transport == .ipc ? .shared : .messages
    }

    /// Gives the workers tasks with `payloadBytes` each, or without any; nil for the outputs' usual route.
    func load(
        _ plane: PlaneName?,
        payloadBytes: Int,
        tasks: Int,
        outputs: OutputRoute? = nil
    ) throws(RunError) {
        let problem = WireMemory.problem(payloadBytes: payloadBytes, tasks: tasks)
        let workload = ClusterWorkload(
            problem: problem,
            instructionSets: .one(.baseline),
            plane: plane ?? .resident,
            // What workers do not read, they need not be sent.
            source: plane == nil ? .generated(kind: .uniform, seed: 1) : .external,
            outputs: outputs ?? Self.outputs(plane, over: cluster.configuration.transport),
            standIn: plane == nil ? standIn : .copying
        )
        try memory.withInputs { (inputs) throws(RunError) in
            try cluster.load(workload, inputs: inputs)
        }
        shardPlan = .bySlice(TaskGrid(problem.stages[0]), workerCount: workers)
        self.payloadBytes = plane == nil ? 0 : payloadBytes * tasks
        bringsPayload = plane.map { !$0.holdsInputs } ?? false
    }

    /// One trial: how long it took, the CPU time beside computing, and how many bytes came back wrong.
    struct Trial {
        var nanoseconds: UInt64
        /// Nil where nobody can tell, or nobody looked.
        var cpuNanoseconds: Double?
        var wrongBytes: Int
    }

    /// Runs the tasks once.
    func trial() throws(RunError) -> Trial {
        guard let shardPlan else { preconditionFailure("a trial needs tasks") }
        for _ in 0..<Self.mostAttempts {
            trialCount += 1
            let place = bringsPayload ? trialCount : 0
            memory.clear(payloadBytes)
            var own: [TensorName: UnsafeRawBufferPointer] = unsafe [:]
            if bringsPayload {
                unsafe own[.scores] = memory.payload(ofTrial: place, byteCount: payloadBytes)
            }
            let report = try unsafe cluster.runTrial(
                shardPlan,
                output: memory.returned,
                secondsPerQueryBlock: seconds,
                inputs: own
            )
            guard cluster.isWhole else { throw loss }
            guard report.pausedNanoseconds == 0 else { continue }
            let wrong = memory.wrongBytes(ofTrial: place, byteCount: payloadBytes)
            return Trial(
                nanoseconds: max(1, report.wallNanoseconds),
                cpuNanoseconds: report.cpuNanosecondsBesideComputing,
                wrongBytes: wrong
            )
        }
        throw RunError(
            .environment,
            "this run is stopped again and again, so nothing has a time; repeat where nothing stops it"
        )
    }

    private static let mostAttempts = 3

    private var loss: RunError {
        let fault = cluster.faults.last.map { "worker \($0.ordinal) (\($0.reason))" } ?? "a worker"
        return RunError(
            .unfinished,
            "\(fault) was lost, so the times are not those of \(counted(workers, "worker")); "
                + "repeat, with fewer --workers if it happens again"
        )
    }

    /// The memory of the largest worker, if known.
    var largestWorkerBytes: Int? { cluster.largestWorkerBytes }
}
