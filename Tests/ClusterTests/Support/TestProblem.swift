import Attention
import Glibc
import Keys
import Scheduling
import Synchronization
import TestSupport
import Testing
import Wire
import Work

@testable import Cluster
@testable import Platform

/// A problem, its inputs, and the output of one process.
///
/// A class, since workloads look at the memory of its inputs.
final class TestProblem {
    let problem: AttentionProblem
    let inputs: AttentionInputs
    let expected: [UInt32]
    let source: ClusterWorkload.Source
    private let kernel = AttentionKernel.best

    /// Generated inputs; `isExternal` changes them, so that no worker can have generated them.
    ///
    /// With `split`, the keys are cut for a cluster of so many workers; the process does not cut them.
    init(
        _ problem: AttentionProblem,
        seed: UInt64 = 1,
        isExternal: Bool = false,
        split: Split? = nil,
        workers: Int = 1
    ) throws {
        self.problem = split.map { problem.cut(by: $0, workerCount: workers) } ?? problem
        let inputs = try AttentionInputs(InputGenerator(problem, seed: seed))
        if isExternal {
            for tensor in [TensorName.query, .key, .value] {
                for element in inputs.bytes(of: tensor).bindMemory(to: Float.self).indices {
                    inputs.bytes(of: tensor).bindMemory(to: Float.self)[element] *= 0.75
                }
            }
        }
        expected = singleProcessOutput(inputs)
        self.inputs = inputs
        source = isExternal ? .external : .generated(kind: .uniform, seed: seed)
    }

    func workload(
        _ plane: PlaneName,
        outputs: OutputRoute = .messages
    ) -> ClusterWorkload {
        ClusterWorkload(
            problem: problem,
            instructionSets: .one(kernel.instructionSet),
            plane: plane,
            source: source,
            outputs: outputs
        )
    }

    func plan(
        workers: Int,
        split: Split = .auto,
        schedule: Schedule = .dynamic
    ) throws -> ShardPlan {
        let stages = problem.stages
        if let arcs = problem.arcs {
            return try .ring(
                grid: TaskGrid(stages[0]),
                rowParts: problem.rowsByArcs,
                arcCount: arcs,
                workerCount: workers,
                queryBlock: kernel.queryBlock,
                slicesTogether: problem.slicesTogether
            )
        }
        let steps = try (0..<problem.stepCount).map { step in
            let plans = try stages.map { stage in
                try ShardPlan.make(
                    grid: TaskGrid(stage, rows: problem.rows(of: stage, inStep: step)),
                    split: stage.split(split),
                    schedule: schedule,
                    workerCount: workers,
                    queryBlock: stage.rowBlock ?? kernel.queryBlock
                )
            }
            return ShardPlan.joined(plans, waitsFor: stages.map(\.waitsFor))
        }
        return problem.isInSteps
            ? .steps(steps, rows: stages.map { $0.rowCount / problem.stepCount }) : steps[0]
    }

    /// Runs one trial and returns what it reports and the elements that are not as expected.
    ///
    /// `others` is another problem of the same shape, whose inputs this trial has instead.
    func run(
        _ cluster: Cluster,
        _ plan: ShardPlan,
        others: TestProblem? = nil,
        isTraced: Bool = false
    ) throws -> (report: TrialReport, differences: [Int]) {
        var inputs: [TensorName: UnsafeRawBufferPointer] = [:]
        if let others {
            for tensor in TensorName.floats where problem.partCount(of: tensor) > 0 {
                inputs[tensor] = UnsafeRawBufferPointer(others.inputs.bytes(of: tensor))
            }
        }
        let expected = others?.expected ?? expected
        var output = [UInt32](repeating: OutputSentinel.bits, count: expected.count)
        let report = try output.withUnsafeMutableBytes { bytes in
            try cluster.runTrial(
                plan,
                output: bytes.baseAddress.unsafelyUnwrapped,
                secondsPerQueryBlock: 0.001,
                inputs: inputs,
                isTraced: isTraced
            )
        }
        for times in report.workers {
            #expect(
                times.computeNanoseconds + times.queueNanoseconds + times.transferNanoseconds
                    + times.mergeNanoseconds + times.idleNanoseconds == report.wallNanoseconds
            )
        }
        // Tests are not optimized: one element after the other takes seconds.
        let isEqual = output.withUnsafeBytes { output in
            expected.withUnsafeBytes { expected in
                output.count == expected.count
                    && memcmp(
                        output.baseAddress.unsafelyUnwrapped,
                        expected.baseAddress.unsafelyUnwrapped,
                        output.count
                    ) == 0
            }
        }
        let differences = isEqual ? [] : output.indices.filter { output[$0] != expected[$0] }
        return (report, differences)
    }

    /// Runs one trial whose output must be the single process's.
    @discardableResult
    func check(
        _ cluster: Cluster,
        split: Split = .auto,
        schedule: Schedule = .dynamic
    ) throws -> TrialReport {
        let plan = try plan(
            workers: cluster.configuration.workerCount,
            split: split,
            schedule: schedule
        )
        let (report, differences) = try run(cluster, plan)
        #expect(differences.isEmpty, "\(differences.count) elements differ")
        #expect(report.workers.reduce(0) { $0 + $1.shards } == plan.shards.count)
        #expect(report.contradictions == 0)
        return report
    }
}

/// Workers of the program under test.
enum RealWorkers {
    static func cluster(
        _ workerCount: Int,
        perProcess: Int = 1,
        transport: Transport = .ipc,
        bind: NetworkAddress = .loopback,
        keys: KeyFolder? = nil,
        threads: Int = 1,
        credit: Int = 2,
        faults: [Int: String] = [:],
        limits: DispatcherLimits = DispatcherLimits(),
        admitsLateWorkers: Bool = false,
        measuresLinks: Bool = false
    ) throws -> Cluster {
        var configuration = ClusterConfiguration(
            workerCount: workerCount,
            workersPerProcess: perProcess,
            threads: threads,
            transport: transport,
            bind: bind,
            keys: keys,
            credit: credit,
            faults: faults,
            limits: limits
        )
        configuration.launcher = RecordingLauncher()
        configuration.admitsLateWorkers = admitsLateWorkers
        configuration.measuresLinks = measuresLinks
        return try Cluster(configuration, interruption: TestInterruption.shared)
    }

    /// Sends a signal to one worker.
    static func signal(_ number: Int32, _ cluster: Cluster, worker: Int) {
        kill(process(of: worker, cluster), number)
    }

    /// The number of a worker's process, which several may share.
    static func process(of worker: Int, _ cluster: Cluster) -> Int32 {
        RecordingLauncher.processes.withLock { $0[cluster.endpoint]?[worker] ?? 0 }
    }
}

/// Starts the program under test, and remembers the processes of each endpoint by rank.
private struct RecordingLauncher: Launcher, Sendable {
    static let processes = Mutex<[String: [Int: Int32]]>([:])

    var sharesMemory: Bool { true }

    func start(_ seats: [WorkerSeat]) throws(RunError) -> LaunchedWorkers {
        let launched = try LocalLauncher(executable: PackageFolder.program).start(seats)
        for (seat, worker) in zip(seats, launched.workers) {
            let process =
                (worker as? ChildProcess)?.processIdentifier
                ?? (worker as? SharedProcess.Share)?.processIdentifier
            Self.processes.withLock { $0[seat.endpoint, default: [:]][seat.rank] = process }
        }
        return launched
    }
}

extension WorkerTensors {
    /// Tensors of a worker that sends its output.
    convenience init(_ problem: AttentionProblem) throws {
        let workload = Workload(problem: problem, instructionSet: .baseline)
        try self.init(
            problem,
            output: WorkerOutput(workload, memory: WorkerMemory())
        )
    }
}

extension AttentionProblem {
    /// A small operation of several stages; kernel regression takes data of one column.
    static func staged(_ operation: Operation, keyLength: Int) -> Self {
        let columns = operation.pooling == nil ? 16 : 1
        var problem = AttentionProblem(
            shape: AttentionShape(
                batch: 2,
                heads: 3,
                keyValueHeads: 3,
                queryLength: 90,
                keyLength: keyLength,
                headDimension: columns,
                valueDimension: columns
            )
        )
        problem.operation = operation
        return problem
    }
}
