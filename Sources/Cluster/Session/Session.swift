import Attention
import Experiment
import Scheduling
import Timing

/// Carries out one plan: base cases and clusters in turn, every output compared bit for bit.
///
/// The configurations are interleaved round by round, because this machine's speed drifts by more
/// than the differences that are looked for; workers of a cluster whose turn it is not wait in a
/// poll and cost nothing.
///
/// A class, since the command line's loop and its callbacks share it.
package final class Session {
    package let plan: RunPlan
    package let problem: AttentionProblem
    package let kernel: AttentionKernel
    /// Floating-point operations of the visible (query, key) pairs.
    package let floatingPointOperations: Double
    package var baseCases: [MeasuredBaseCase] = []
    package var points: [MeasuredPoint] = []
    /// The FMA peak of one thread in GFLOP/s.
    package private(set) var peakGigaflopsPerSecond: Double?

    let inputs: AttentionInputs
    let interruption: Interruption
    private let source: ClusterWorkload.Source
    private let executable: String
    private let injectedFaults: [Int: String]
    /// What one process with one thread made of the inputs: what every output must equal.
    private let reference: Slab
    /// Where the output of a trial comes together; poisoned before each.
    private let output: Slab

    package init(
        plan: RunPlan,
        inputs: consuming AttentionInputs,
        isExternal: Bool,
        executable: String = "/proc/self/exe",
        injectedFaults: [Int: String] = [:],
        interruption: Interruption
    ) throws(ClusterError) {
        let problem = inputs.problem
        let instructionSet = plan.instructionSet ?? .best
        guard let kernel = AttentionKernel(instructionSet) else {
            throw ClusterError(
                .environment,
                "--isa \(instructionSet.rawValue): this processor runs "
                    + InstructionSet.available.map(\.rawValue).joined(separator: ", ")
            )
        }
        let byteCount = problem.byteCount(of: .output)
        let reference = try ClusterError.environment { () throws(AttentionError) in
            try AttentionInputs.slab(.output, byteCount: byteCount)
        }
        let output = try ClusterError.environment { () throws(AttentionError) in
            try AttentionInputs.slab(.output, byteCount: byteCount)
        }
        floatingPointOperations = unsafe problem.visibleFloatingPointOperations(inputs.view)
        self.plan = plan
        self.problem = problem
        self.kernel = kernel
        self.inputs = inputs
        source =
            isExternal
            ? .external
            : .generated(kind: ValueKind(rawValue: plan.values) ?? .uniform, seed: plan.seed)
        self.executable = executable
        self.injectedFaults = injectedFaults
        self.interruption = interruption
        self.reference = reference
        self.output = output
    }

    /// The clusters end first: what they sent may still look at the inputs.
    deinit { points = [] }

    /// Measures the roof, computes what every output must equal, and starts the clusters.
    package func prepare(progress: (String) -> Void) throws(ClusterError) {
        progress("measuring the roof")
        peakGigaflopsPerSecond = try KernelRoofs.measure(kernel).fmaGigaflopsPerSecond
        progress("computing the single-process output")
        let single = MeasuredBaseCase(threads: 1, cancellation: interruption.cancellation)
        unsafe single.compute(kernel, problem, inputs.view, output: reference.floats)
        try interruption.check()
        baseCases = [single]
        for workers in plan.workers {
            let threads = workers * plan.threads
            if !baseCases.contains(where: { $0.threads == threads }) {
                baseCases.append(
                    MeasuredBaseCase(threads: threads, cancellation: interruption.cancellation)
                )
            }
        }
        for workers in plan.workers {
            progress("starting \(workers) \(workers == 1 ? "worker" : "workers")")
            points.append(try startPoint(workers: workers))
        }
    }

    private func startPoint(workers: Int) throws(ClusterError) -> MeasuredPoint {
        let cluster = try Cluster(
            ClusterConfiguration(
                workerCount: workers,
                threads: plan.threads,
                transport: plan.transport == .tcp ? .tcp : .ipc,
                credit: plan.credit,
                executable: executable,
                faults: injectedFaults
            ),
            interruption: interruption
        )
        try cluster.load(
            ClusterWorkload(
                problem: problem,
                instructionSet: kernel.instructionSet,
                plane: plan.plane == .inline ? .inline : .resident,
                source: source
            ),
            inputs: inputs
        )
        return MeasuredPoint(workers: workers, cluster: cluster, shardPlan: try shardPlan(workers))
    }

    private func shardPlan(_ workers: Int) throws(ClusterError) -> ShardPlan {
        let view = unsafe inputs.view
        do throws(SchedulingError) {
            return try ShardPlan.make(
                shape: problem.shape,
                split: Split(rawValue: plan.split.rawValue) ?? .auto,
                schedule: plan.schedule == .static ? .fixed : .dynamic,
                workerCount: workers,
                queryBlock: kernel.queryBlock,
                cost: { slice, rows in
                    let pairs = unsafe problem.visiblePairs(
                        slice: slice,
                        rows: rows,
                        lengths: view.lengths,
                        visibility: view.visibility
                    )
                    return Double(pairs)
                }
            )
        } catch {
            throw ClusterError(.environment, "\(error)")
        }
    }

    // MARK: Rounds

    /// One trial of every configuration, in an order that changes from round to round.
    package func measureRound(_ round: Int, isWarmup: Bool) throws(ClusterError) {
        var order = Array(0..<baseCases.count + points.count)
        // Rotating is enough to give every configuration every neighbour in turn.
        order = Array(order[(round % order.count)...] + order[..<(round % order.count)])
        for index in order {
            try interruption.check()
            poisonOutput()
            if index < baseCases.count {
                try measureBase(baseCases[index], isWarmup: isWarmup)
            } else {
                try measureCluster(
                    points[index - baseCases.count],
                    trial: round,
                    isWarmup: isWarmup
                )
            }
        }
    }

    private func measureBase(
        _ base: MeasuredBaseCase,
        isWarmup: Bool
    ) throws(ClusterError) {
        let start = Clock.nanoseconds
        unsafe base.compute(kernel, problem, inputs.view, output: output.floats)
        let elapsed = Clock.nanoseconds - start
        // What an interruption cut short is no sample.
        try interruption.check()
        if !isWarmup { base.samplesNanoseconds.append(elapsed) }
        if !isOutputEqual { base.mismatchedTrials += 1 }
    }

    private func measureCluster(
        _ point: MeasuredPoint,
        trial: Int,
        isWarmup: Bool
    ) throws(ClusterError) {
        let report = try unsafe point.cluster.runTrial(
            point.shardPlan,
            output: output.base,
            secondsPerQueryBlock: secondsPerQueryBlock
        )
        let isEqual = isOutputEqual
        point.note(report, trial: trial, isWarmup: isWarmup, isOutputEqual: isEqual)
        if !isEqual || point.verification == nil {
            point.verification = try verify()
        }
    }

    /// How long a worker may take for one query block at the very worst.
    private var secondsPerQueryBlock: Double {
        let shape = problem.shape
        let operations =
            2 * Double(kernel.queryBlock) * Double(shape.keyLength)
            * Double(shape.headDimension + shape.valueDimension)
        // A slow machine, shared with many others.
        return operations / 2e8
    }

    // MARK: Proof

    private var isOutputEqual: Bool {
        unsafe BitwiseComparison(output.floats, reference.floats, shape: problem.shape).isEqual
    }

    private func poisonOutput() {
        unsafe OutputSentinel.fill(output.floats, count: problem.byteCount(of: .output) / 4)
    }

    /// The output that stands in memory now, against single process and float64 reference.
    private func verify() throws(ClusterError) -> VerificationReport {
        let mode = VerificationMode(rawValue: plan.verify) ?? .sampled
        var kind: ValueKind?
        if case .generated(let generatedKind, _) = source { kind = generatedKind }
        do throws(AttentionError) {
            let verifier = try unsafe Verifier(
                problem,
                inputs.view,
                valueKind: kind,
                seed: plan.seed,
                mode: mode,
                queryBlock: kernel.queryBlock
            )
            return unsafe verifier.verify(
                output: output.floats,
                singleProcessOutput: reference.floats
            )
        } catch {
            throw ClusterError(.environment, "the output cannot be verified: \(error)")
        }
    }

    /// Writes the output to a file; every trial's has the same bits.
    package func writeOutput(
        to file: inout TensorOutput,
        shape: [Int]
    ) throws(ExperimentError) {
        try unsafe file.write(
            UnsafeBufferPointer(start: reference.floats, count: reference.byteCount / 4),
            shape: shape
        )
    }

    /// Ends all workers.
    package func shutDown() {
        for point in points { point.cluster.shutDown() }
    }
}
