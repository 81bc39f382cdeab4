import Attention
import Plan
import Platform
import Record
import Work

extension PlaneDecision {
    /// Tasks of these sizes tell what a plane costs: headers are all of the small ones, and almost nothing of
    /// the large ones.
    private static let sizes = [(bytes: 4 << 10, tasks: 64), (bytes: 512 << 10, tasks: 8)]
    private static let leastRounds = 2
    private static let mostRounds = 12
    /// Rounds begin until so much time is over, the start of the workers included; one takes about 20 ms.
    private static let budgetNanoseconds: UInt64 = 50_000_000
    /// More workers tell no more, and take longer to start.
    private static let mostWorkers = 2

    /// Measures which plane is the fastest for the tasks of `plan`; nil if the plan names its plane.
    ///
    /// It takes about 0.1 s on a quiet machine. The workers are real ones that do not compute. By turns
    /// they get tasks of two sizes on every plane; of each the least time counts, since all that disturbs it
    /// makes it longer. `input` is the mask from the input file.
    static func measured(
        for plan: RunPlan,
        input: Mask,
        _ network: RunNetwork,
        _ pinning: Pinning,
        _ interruption: Interruption
    ) throws(RunError) -> PlaneDecision? {
        guard plan.plane == .auto, let workers = plan.workers.max() else { return nil }
        let start = Clock.nanoseconds
        let taskBytes = plan.usualTaskBytes
        func only(_ plane: PlaneName, _ obstacle: String) -> PlaneDecision {
            PlaneDecision(
                plane,
                obstacle: obstacle,
                taskBytes: taskBytes,
                nanoseconds: Clock.nanoseconds - start
            )
        }
        if let obstacle = plan.obstacleToSharing { return only(.inline, obstacle) }
        if let obstacle = plan.obstacleToSending(input) { return only(.copied, obstacle) }
        let count = min(workers, mostWorkers)
        var failure: RunError?
        for _ in 0..<mostAttempts {
            do throws(RunError) {
                try MemoryRoom.require(neededBytes(workers: count), for: "choosing a plane")
                let costs = try costs(plan, workers: count, network, pinning, interruption)
                return PlaneDecision(
                    taskBytes: taskBytes,
                    costs: costs,
                    nanoseconds: Clock.nanoseconds - start
                )
            } catch {
                guard error.kind == .environment || error.kind == .unfinished else { throw error }
                // A lost worker or a pause passes; what this machine lacks, it lacks again, and the run
                // says so where it lacks that, too.
                failure = error
            }
        }
        return only(.inline, "\(failure?.description ?? "nothing was measured")")
    }

    private static let mostAttempts = 3

    /// The payloads in the coordinator and in what it shares, and the processes.
    private static func neededBytes(workers: Int) -> Int {
        6 * largestBytes + 2 * RunPlan.bytes(of: WorkerProcesses(workers: workers))
    }

    private static var largestBytes: Int { sizes.map { $0.bytes * $0.tasks }.max() ?? 0 }

    private static func costs(
        _ plan: RunPlan,
        workers: Int,
        _ network: RunNetwork,
        _ pinning: Pinning,
        _ interruption: Interruption
    ) throws(RunError) -> [Cost] {
        let start = Clock.nanoseconds
        let memory = try WireMemory(byteCount: largestBytes)
        let cluster = try WireCluster(
            plan.transport,
            workers: workers,
            credit: plan.credit,
            standIn: .nothing,
            memory,
            network: network,
            pinning: pinning,
            interruption: interruption
        )
        var least = PlaneName.toChoose.map { _ in sizes.map { _ in UInt64.max } }
        var round = 0
        while round < leastRounds
            || round < mostRounds && Clock.nanoseconds - start < budgetNanoseconds
        {
            try interruption.check()
            for (index, plane) in PlaneName.toChoose.enumerated() {
                for (size, payload) in sizes.enumerated() {
                    try cluster.load(
                        plane,
                        payloadBytes: payload.bytes,
                        tasks: payload.tasks,
                        outputs: plan.on(plane).outputRoute
                    )
                    // New memory is touched in the first trial.
                    _ = try cluster.trial()
                    least[index][size] = min(least[index][size], try cluster.trial().nanoseconds)
                }
            }
            round += 1
        }
        return zip(PlaneName.toChoose, least).map { plane, times in
            let measured = zip(sizes, times).map { size, time in
                Measured(bytes: size.bytes, nanoseconds: Double(time) / Double(size.tasks))
            }
            return Cost(plane, measured[0], measured[1])
        }
    }
}

extension RunPlan {
    /// Tasks that a worker usually gets in a trial.
    private static let usualTasks = 8

    /// The bytes of inputs that a task of the largest point brings, roughly.
    fileprivate var usualTaskBytes: Int {
        let problem = largest.problem.attentionProblem()
        let bytes = TensorName.inputs.reduce(0) { $0 + problem.byteCount(of: $1) }
        return bytes / (Self.usualTasks * max(1, arrangement.workers.max() ?? 1))
    }

    /// Why the workers cannot share memory with the coordinator; nil if they can.
    fileprivate var obstacleToSharing: String? {
        guard arrangement.launch.isLocal else {
            return "--launch \(arrangement.launch) starts workers that share no memory with it"
        }
        return System.isSharedMemoryUnlimited
            ? nil : "the limits of ulimit -f or -v hold for shared memory, too"
    }

    /// Why the workers cannot be sent their inputs; nil if they can.
    ///
    /// Each then has memory for all of them.
    fileprivate func obstacleToSending(_ input: Mask) -> String? {
        guard let available = MemoryRoom.availableBytes() else { return nil }
        let needed = on(.inline).neededBytes(input: input) ?? .max
        guard needed > available else { return nil }
        return
            "inline needs \(amount(needed, .up)) of memory, but \(amount(available, .down)) are available"
    }

    /// The plan on the only plane that it can have; itself where there is a choice.
    var onOnlyPlane: RunPlan {
        arrangement.plane == .auto && obstacleToSharing != nil ? on(.inline) : self
    }

    /// The plane of a session's plan, which is chosen when the session begins.
    var inputPlane: PlaneName { arrangement.plane.name ?? .inline }
}
