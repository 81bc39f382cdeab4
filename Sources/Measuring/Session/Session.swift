import Attention
import Cluster
import Files
import Plan
import Platform
import Record
import Scheduling
import Statistics
import Tensors
import Work

/// Carries out one plan: base cases and clusters in turn, every output compared bit for bit.
///
/// The configurations are interleaved round by round, because the speed of this machine drifts by
/// more than the differences we look for. The workers of the other clusters wait in a poll and cost
/// nothing. The caller decides when to run: first `prepare`, then for every replicate
/// `startReplicate` and any number of rounds.
///
/// A class, since the command line's loop and its callbacks share it.
package final class Session {
    /// The plan of this session; its outputs are never `auto`.
    package let plan: RunPlan
    package let kernel: AttentionKernel
    package var baseCases: [MeasuredBaseCase] = []
    package var points: [MeasuredPoint] = []
    /// The roofs of this machine, measured by `prepare`.
    package private(set) var roofs: MeasuredRoofs?
    /// The number of the current replicate, counted from 0.
    package private(set) var replicate = -1

    /// The inputs of the largest problem; a smaller problem uses the first batch elements.
    let inputs: AttentionInputs
    let interruption: Interruption
    var source: ClusterWorkload.Source
    private let mask: Mask
    private let executable: String
    private let injectedFaults: [Int: String]
    /// How many copies of every configuration run: more than one shows how far equal configurations
    /// differ.
    private let copies: Int
    /// The output of one process, which every other output must equal, those of the base cases too.
    let reference: Slab
    /// Receives the output of a trial; poisoned before each.
    let output: Slab
    /// Receives the output of the last point's trials, if it is to be written to a file.
    private let writtenOutput: Slab
    /// The inputs that proof trials use in place of `inputs`.
    var others: OtherInputs?
    /// For each earlier seed of an audit, a checksum of every row of the right output.
    var formerRowChecksums: [[UInt64]] = []
    /// Seeds whose outputs were the same as before, so that the audit proved nothing.
    var equalSeeds = 0

    package init(
        plan: RunPlan,
        inputs: consuming AttentionInputs,
        isExternal: Bool,
        executable: String = "/proc/self/exe",
        injectedFaults: [Int: String] = [:],
        copies: Int = 1,
        interruption: Interruption
    ) throws(ClusterError) {
        let instructionSet = plan.instructionSet ?? .best
        guard let kernel = AttentionKernel(instructionSet) else {
            throw ClusterError(
                .environment,
                "--isa \(instructionSet.rawValue) is not available; this processor runs "
                    + InstructionSet.available.map(\.rawValue).joined(separator: ", ")
            )
        }
        try ThreadLimit.require(forWorkers: plan.workers, threads: plan.threads)
        try DescriptorLimit.provide(
            forWorkers: Array([[Int]](repeating: plan.workers, count: copies).joined()),
            baseCases: copies * plan.baseCases.count
        )
        let byteCount = inputs.problem.byteCount(of: .output)
        let reference = try Self.outputSlab(byteCount)
        let output = try Self.outputSlab(byteCount)
        let writtenOutput = try Self.outputSlab(plan.output == nil ? 0 : byteCount)
        mask = inputs.problem.mask
        self.plan = plan.withOutputRoute
        self.kernel = kernel
        self.inputs = inputs
        source =
            isExternal
            ? .external
            : .generated(kind: plan.values, seed: plan.seed)
        self.executable = executable
        self.injectedFaults = injectedFaults
        self.copies = copies
        self.interruption = interruption
        self.reference = reference
        self.output = output
        self.writtenOutput = writtenOutput
    }

    /// The clusters end first: messages in flight may still refer to the inputs.
    deinit { shutDown() }

    private static func outputSlab(_ byteCount: Int) throws(ClusterError) -> Slab {
        try ClusterError.environment { () throws(AttentionError) in
            try AttentionInputs.slab(.output, byteCount: byteCount)
        }
    }

    var outputRoute: OutputRoute { plan.outputRoute(canShare: System.isSharedMemoryUnlimited) }

    /// Measures the roofs, computes the reference output, and cuts the problems into shards.
    package func prepare(progress: (String) -> Void) throws(ClusterError) {
        progress("measuring the roofs")
        let core = try KernelRoofs.measure(kernel, interruption: interruption)
        roofs = MeasuredRoofs(
            fmaGigaflopsPerSecond: core.fmaGigaflopsPerSecond,
            readGigabytesPerSecond: core.readGigabytesPerSecond,
            linkGigabytesPerSecond: try LinkRoof.measureGigabytesPerSecond(plan.transport),
            copyGigabytesPerSecond: outputRoute.roof == .copying
                ? try CopyRoof.measureGigabytesPerSecond() : nil
        )
        progress("computing the single-process output")
        makeBaseCases()
        try computeReference()
        try makePoints()
    }

    /// Measures the roofs again, more thoroughly, when a figure is above one.
    ///
    /// A roof is the highest value measured. On a busy machine one measurement is too low, so a
    /// figure counts as impossible only above the best of many. When the time is over, the current
    /// measurement is the last one: under emulation each takes many times longer.
    package func confirmRoofs() {
        let end = ContinuousClock.now + Self.roofConfirmationTime
        for _ in 0..<Self.roofConfirmations {
            guard isAboveRoof, ContinuousClock.now < end, var roofs else { return }
            roofs.fmaGigaflopsPerSecond = max(
                roofs.fmaGigaflopsPerSecond,
                KernelRoofs.fmaGigaflopsPerSecond(kernel, rounds: 100)
            )
            if let link = roofs.linkGigabytesPerSecond,
                // If this measurement fails, the best one so far stays.
                let again = try? LinkRoof.measureGigabytesPerSecond(plan.transport)
            {
                roofs.linkGigabytesPerSecond = max(link, again)
            }
            if let copy = roofs.copyGigabytesPerSecond,
                // As above.
                let again = try? CopyRoof.measureGigabytesPerSecond()
            {
                roofs.copyGigabytesPerSecond = max(copy, again)
            }
            self.roofs = roofs
        }
    }

    /// Sometimes the two ends of a connection slow each other down for a whole measurement, which
    /// then shows a tenth of the usual value.
    private static let roofConfirmations = 8
    private static let roofConfirmationTime = Duration.seconds(10)

    private var isAboveRoof: Bool {
        !baseCaseReasons.isEmpty
            || points.contains {
                !roofReasons($0, SampleSummary($0.replicateSamples)).isEmpty
            }
    }

    func makePoints() throws(ClusterError) {
        for workers in [[Int]](repeating: plan.workers, count: copies).joined() {
            let problem = problem(workers: workers)
            points.append(
                MeasuredPoint(
                    workers: workers,
                    problem: problem,
                    floatingPointOperations: unsafe problem.visibleFloatingPointOperations(
                        inputs.view
                    ),
                    shardPlan: try shardPlan(problem, workers: workers),
                    isProvedByTrials: !plan.audit
                )
            )
        }
    }

    /// The problem of the point with this worker count.
    private func problem(workers: Int) -> AttentionProblem {
        plan.forPoint(workers: workers).problem.attentionProblem(input: mask)
    }

    private func makeBaseCases() {
        let wanted = [[(threads: Int, workers: Int)]](repeating: plan.baseCases, count: copies)
        baseCases = wanted.joined().map { threads, workers in
            let problem = problem(workers: workers)
            return MeasuredBaseCase(
                threads: threads,
                problem: problem,
                floatingPointOperations: unsafe problem.visibleFloatingPointOperations(inputs.view)
            )
        }
    }

    /// Computes the output of the largest problem; a smaller problem's output is the beginning of
    /// it.
    ///
    /// The bits do not depend on the threads, so all cores share the work.
    func computeReference() throws(ClusterError) {
        let team = ThreadTeam(
            threadCount: Affinity.allowedProcessors.count,
            cancellation: interruption.cancellation
        )
        unsafe team.forwardWhole(kernel, inputs.problem, inputs.view, output: reference.floats)
        try interruption.check()
    }

    private func shardPlan(
        _ problem: AttentionProblem,
        workers: Int
    ) throws(ClusterError) -> ShardPlan {
        try unsafe ShardPlan.make(
            problem,
            inputs.view,
            kernel,
            split: plan.split,
            schedule: plan.schedule,
            workerCount: workers
        )
    }

    // MARK: Replicates

    /// Ends the current worker processes and starts new ones for every point.
    ///
    /// Samples of one process are not independent: its memory addresses and the caches it shares
    /// stay the same for its whole life.
    package func startReplicate(
        _ number: Int,
        progress: (String) -> Void
    ) throws(ClusterError) {
        replicate = number
        for base in baseCases { base.endProcess() }
        for point in points { point.endCluster() }
        for base in baseCases { base.begin(try startProcess(of: base)) }
        for point in points {
            let noun = point.workers == 1 ? "worker" : "workers"
            progress("starting \(point.workers) \(noun)")
            point.begin(try startCluster(of: point, faults: injectedFaults))
        }
    }

    private func startProcess(of base: MeasuredBaseCase) throws(ClusterError) -> BaseCaseProcess {
        let process = try BaseCaseProcess(
            threads: base.threads,
            processors: Affinity.processors(
                ofWorker: 0,
                workerCount: 1,
                threads: base.threads,
                among: Affinity.allowedProcessors
            ),
            executable: executable,
            interruption: interruption
        )
        try process.load(base.problem, kernel.instructionSet, inputs: inputs)
        return process
    }

    /// Starts new workers for a point that lost one; faults that were already injected are not
    /// injected again.
    func replaceWorkers(of point: MeasuredPoint) throws(ClusterError) {
        // End the old cluster first: both at once might need more open files than were counted.
        point.endCluster()
        point.replace(try startCluster(of: point, faults: [:]))
    }

    private func startCluster(
        of point: MeasuredPoint,
        faults: [Int: String]
    ) throws(ClusterError) -> Cluster {
        let cluster = try Cluster(
            ClusterConfiguration(
                workerCount: point.workers,
                threads: plan.threads,
                transport: plan.transport,
                credit: plan.credit,
                executable: executable,
                sharesMemory: outputRoute.sharesMemory || plan.plane.sharesMemory,
                faults: faults
            ),
            interruption: interruption
        )
        try load(point.problem, into: cluster)
        return cluster
    }

    func load(_ problem: AttentionProblem, into cluster: Cluster) throws(ClusterError) {
        try cluster.load(
            ClusterWorkload(
                problem: problem,
                instructionSet: kernel.instructionSet,
                plane: plan.plane,
                source: source,
                outputs: outputRoute
            ),
            inputs: inputs
        )
    }

    /// Ends all processes.
    package func shutDown() {
        for base in baseCases { base.endProcess() }
        for point in points { point.endCluster() }
    }

    // MARK: The output

    /// The memory that receives the output of a point's trials.
    @unsafe
    func output(of point: MeasuredPoint) -> UnsafeMutablePointer<Float> {
        point === points.last && plan.output != nil
            ? unsafe writtenOutput.floats : unsafe output.floats
    }

    /// Writes to a file what the last point's workers computed in their last trial, right or wrong.
    ///
    /// - Parameters:
    ///   - file: Becomes whole, in the layout of the plan.
    ///   - shape: That of the output, `[B,H,L,Dv]` or `[H,L,Dv]`; nil for the point's own.
    /// - Returns: A phrase that says what the file holds.
    /// - Throws: `ClusterError` when there was no trial, or the file cannot be written.
    package func writeOutput(
        to file: inout TensorOutput,
        shape: [Int]?
    ) throws(ClusterError) -> String {
        guard let point = points.last, point.comparedTrials > 0 else {
            throw ClusterError(.unfinished, "no trial was finished, so there is no output to write")
        }
        let output = unsafe output(of: point)
        let elements = unsafe UnsafeBufferPointer(
            start: UnsafePointer(output),
            count: point.problem.byteCount(of: .output) / 4
        )
        try ClusterError.environment { () throws(ExperimentError) in
            try unsafe file.write(
                elements,
                shape: shape ?? point.problem.shape.outputShape,
                layout: plan.layout
            )
        }
        let workers = point.workers == 1 ? "1 worker" : "\(point.workers) workers"
        let difference = point.lastDifference.map { "; it differs from one process: \($0)" }
        return "the output of \(workers) in the last trial\(difference ?? "")"
    }
}
