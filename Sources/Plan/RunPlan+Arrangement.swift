import Attention
import Work

extension RunPlan {
    /// How the work is divided among processes and carried between them.
    package struct Arrangement: Equatable, Sendable {
        /// The worker counts, one point each.
        package var workers = [2]
        /// Compute threads of each worker.
        package var threads = 1
        package var split = Split.auto
        package var schedule = Schedule.dynamic
        package var plane = PlaneChoice.named(.resident)
        package var transport = Transport.ipc
        /// The folder of the keys by which coordinator and workers know each other over tcp; when absent,
        /// workers show a token that only the coordinator's children know.
        package var keys: String?
        /// Where the coordinator listens over tcp: an address of its host, the name of an interface, or
        /// `network`; when absent, on loopback.
        package var bind: String?
        package var outputs = Outputs.auto
        /// How many shards a worker may hold at a time.
        package var credit = 2
        /// Whether the problem stays the same or grows with the workers, by a batch of `batch` per
        /// worker.
        package var mode = Mode.strong
        /// The instruction set of all workers, or of each; when absent, the best of the machine.
        package var instructionSet: InstructionSetChoice?
        /// Which processors the compute threads run on.
        package var pin = PinSpecification.auto
        /// What workers do with tasks.
        package var compute = ComputeSpecification.kernel
        /// What starts the workers.
        package var launch = Launch.local
        /// How many workers are enough; when absent, all.
        package var minWorkers: Int?
        /// How long workers have to come; when absent, 20 s on this machine and 60 s beyond.
        package var joinDeadline: Int?

        /// How long workers have to come, in seconds.
        package var joinSeconds: Int { joinDeadline ?? (launch.isLocal ? 20 : 60) }

        /// The warm-up rounds that new workers need at least.
        package var leastWarmups: Int { schedule == .weighted ? Schedule.trialsForSpeeds : 1 }

        static let fields = [
            // Worker counts pair the points.
            PlanField("workers", .procedure, \.arrangement.workers),
            PlanField("threads", .arrangement, \.arrangement.threads),
            PlanField("split", .arrangement, \.arrangement.split),
            PlanField("schedule", .arrangement, \.arrangement.schedule),
            PlanField("plane", .arrangement, \.arrangement.plane),
            PlanField("transport", .arrangement, \.arrangement.transport),
            PlanField("keys", .arrangement, \.arrangement.keys),
            PlanField("bind", .arrangement, \.arrangement.bind, absent: "loopback"),
            PlanField("outputs", .arrangement, \.arrangement.outputs, isWrittenAlways: false) {
                $0.outputRoute(canShare: true).rawValue
            },
            PlanField("credit", .arrangement, \.arrangement.credit),
            PlanField("mode", .problem, \.arrangement.mode),
            PlanField(
                "instructionSet",
                .arrangement,
                \.arrangement.instructionSet,
                flag: "--isa",
                absent: "best"
            ),
            PlanField("pin", .arrangement, \.arrangement.pin, isWrittenAlways: false),
            // Nothing that is measured with one is a figure of the other.
            PlanField("compute", .problem, \.arrangement.compute, isWrittenAlways: false),
            PlanField("launch", .arrangement, \.arrangement.launch, isWrittenAlways: false),
            PlanField("minWorkers", .procedure, \.arrangement.minWorkers, absent: "all"),
            PlanField("joinDeadline", .procedure, \.arrangement.joinDeadline),
        ]
    }

    /// How outputs reach the coordinator: in memory it shares with the worker, or as messages.
    package enum Outputs: String, PlanChoice {
        /// Shared memory where inputs are resident and workers connect by ipc, which is the best a
        /// cluster on one machine can do. Messages elsewhere, as over a network.
        case auto
        case shared, messages

        package init(_ route: OutputRoute) { self = Self(rawValue: route.rawValue) ?? .auto }
    }

    /// What grows with the workers in a sweep: nothing, or the batch.
    package enum Mode: String, PlanChoice {
        case strong, weak
    }
}
