import Attention
import Files
import Plan
import Platform
import Record
import Statistics
import Tensors
import Traces
import Work

/// Carries out one plan: base cases and clusters in turn, every output compared bit for bit.
///
/// The configurations are interleaved round by round, because the speed of this machine drifts by
/// more than the differences we look for. The workers of the other clusters wait in a poll and cost
/// nothing. The caller decides when to run: first `prepare`, then for every replicate
/// `startReplicate`, any number of rounds and `endReplicate`.
///
/// A class, since the command line's loop and its callbacks share it.
package final class Session {
    /// The plan of this session; its plane and outputs are never `auto`.
    package let plan: RunPlan
    /// Why it has this plane, where the plan left that to be chosen.
    package let planeDecision: PlaneDecision?
    package let expected: ExpectedOutput
    /// Where its coordinators listen.
    package let network: RunNetwork
    /// Receives the output of a trial; poisoned before each.
    private let output: TrialOutput
    /// Receives the output of the last point's trials, if it is to be written to a file.
    private let writtenOutput: TrialOutput?
    private let injectedFaults: [Int: String]
    /// How many copies of every configuration run: more than one shows how far equal configurations
    /// differ.
    private let copies: Int
    /// Whether the links of all workers are measured when they join.
    private let measuresLinks: Bool
    /// The processors of all configurations; the first threads of each take the first of them.
    package let claims: ProcessorClaims
    /// When the run began.
    private let startNanoseconds: UInt64
    private let interruption: Interruption
    private let say: (String) -> Void
    private var baseCases: [MeasuredBaseCase] = []
    private var points: [MeasuredPoint] = []
    /// The roofs of this machine, measured by `prepare`.
    private var roofs: MeasuredRoofs?

    /// Measures nothing yet but what the plan leaves open.
    ///
    /// `claims` are the processors that it takes; nil for those that the plan asks for, claimed. `say` gets
    /// what somebody has to know or do when workers start, a sentence each.
    package init(
        plan: RunPlan,
        inputs: consuming AttentionInputs,
        isExternal: Bool,
        claims: ProcessorClaims? = nil,
        injectedFaults: [Int: String] = [:],
        copies: Int = 1,
        measuresLinks: Bool = false,
        since startNanoseconds: UInt64 = Clock.nanoseconds,
        interruption: Interruption,
        say: @escaping (String) -> Void = { _ in }
    ) throws(RunError) {
        let network = try RunError.environment { () throws(ExperimentError) in
            try RunNetwork(plan)
        }
        try plan.launch.requirePossible(plan.workers)
        let kernel = try AttentionKernel(of: plan)
        let workers = Array([[Int]](repeating: plan.workers, count: copies).joined())
        let baseCases = [[(threads: Int, workers: Int)]](repeating: plan.baseCases, count: copies)
        let processes = workers.map { count in
            injectedFaults.isEmpty
                ? plan.processes(workers: count) : WorkerProcesses(workers: count)
        }
        try ThreadLimit.require(
            forWorkers: processes,
            threads: plan.threads,
            baseCaseThreads: baseCases.joined().map(\.threads)
        )
        try DescriptorLimit.provide(
            forWorkers: processes,
            baseCases: copies * plan.baseCases.count,
            claims: min(plan.mostThreads, Affinity.allowedProcessors.count)
        )
        let claims = claims ?? .claiming(plan)
        self.claims = claims
        let decision = try PlaneDecision.measured(
            for: plan,
            input: inputs.problem.mask,
            network,
            claims.pinning,
            interruption
        )
        self.network = network
        planeDecision = decision
        self.plan = plan.on(decision?.plane).withOutputRoute
        output = try TrialOutput(inputs.problem)
        writtenOutput = plan.output == nil ? nil : try TrialOutput(inputs.problem)
        expected = try ExpectedOutput(
            self.plan,
            kernel,
            inputs,
            isExternal: isExternal,
            interruption: interruption
        )
        self.injectedFaults = injectedFaults
        self.copies = copies
        self.measuresLinks = measuresLinks
        self.startNanoseconds = startNanoseconds
        self.interruption = interruption
        self.say = say
    }

    /// The clusters end first: messages in flight may still refer to the inputs.
    deinit { shutDown() }

    /// Measures the roofs, computes the reference output, and cuts the problems into shards.
    package func prepare(progress: (String) -> Void) throws(RunError) {
        progress("measuring the roofs")
        let core = try KernelRoofs.measure(expected.kernel, interruption: interruption)
        roofs = MeasuredRoofs(
            fmaGigaflopsPerSecond: core.fmaGigaflopsPerSecond,
            readGigabytesPerSecond: core.readGigabytesPerSecond,
            linkGigabytesPerSecond: try LinkRoof.measureGigabytesPerSecond(plan.transport),
            copyGigabytesPerSecond: plan.inputPlane.roof == .copying
                ? try CopyRoof.measureGigabytesPerSecond() : nil
        )
        progress(
            plan.compute == .kernel
                ? "computing the single-process output" : "preparing the tasks"
        )
        let cases = [[(threads: Int, workers: Int)]](repeating: plan.baseCases, count: copies)
        baseCases = cases.joined().map { threads, workers in
            MeasuredBaseCase(
                threads: threads,
                workers: workers,
                pinning: claims.pinning,
                plan,
                expected,
                output,
                interruption: interruption
            )
        }
        try expected.prepare()
        try makePoints()
    }

    private func makePoints() throws(RunError) {
        let counts = Array([[Int]](repeating: plan.workers, count: copies).joined())
        let place = ClusterPlace(
            pinning: claims.pinning,
            network: network,
            sharesProcesses: injectedFaults.isEmpty,
            measuresLinks: measuresLinks
        )
        for (index, workers) in counts.enumerated() {
            points.append(
                try MeasuredPoint(
                    workers: workers,
                    place: place,
                    plan,
                    expected,
                    index == counts.count - 1 ? writtenOutput ?? output : output,
                    proofOutput: output,
                    since: startNanoseconds,
                    interruption: interruption,
                    say: say
                )
            )
        }
    }

    // MARK: Replicates

    /// Ends the current worker processes and starts new ones for every point.
    ///
    /// Samples of one process are not independent: its memory addresses and the caches it shares
    /// stay the same for its whole life.
    package func startReplicate(_ number: Int, progress: (String) -> Void) throws(RunError) {
        shutDown()
        for base in baseCases { try base.start(replicate: number) }
        for point in points {
            progress("starting \(counted(point.workers, "worker"))")
            try point.start(replicate: number, faults: injectedFaults)
        }
    }

    /// The time of float64 checks so far, which is not part of any round.
    var checkNanoseconds: UInt64 { points.reduce(0) { $0 + $1.checkNanoseconds } }

    /// Runs the trial with other inputs for the points that still lack it.
    package func proveRest() throws(RunError) {
        for point in points { try point.proveRest() }
    }

    /// Ends all workers; the points without a trial with other inputs run it first.
    package func endReplicate() throws(RunError) {
        for point in points { try point.endReplicate() }
    }

    package func shutDown() {
        for base in baseCases { base.endProcess() }
        for point in points { point.endCluster() }
    }

    // MARK: Rounds

    /// Runs one trial of every configuration in random order, and returns how long each took.
    ///
    /// The order is random because a fixed order gives every configuration the same neighbour each
    /// time, and so always the same cache contents. In an audit every round has a different seed.
    package func measureRound(_ round: Int, isWarmup: Bool) throws(RunError) -> [UInt64] {
        if plan.audit { try changeSeed() }
        var times = [UInt64](repeating: 0, count: baseCases.count + points.count)
        for index in times.indices.shuffled() {
            try interruption.check()
            if index < baseCases.count {
                times[index] = try baseCases[index].measure(isWarmup: isWarmup)
            } else {
                let point = points[index - baseCases.count]
                times[index] = try point.measure(round, isWarmup: isWarmup)
            }
        }
        return times
    }

    private func changeSeed() throws(RunError) {
        try expected.changeSeed()
        for base in baseCases { try base.reload() }
        for point in points { try point.reload() }
    }

    /// Runs the trial with other inputs for some of the points that still lack it in this
    /// replicate; its place among the rounds is random.
    package func proveSome(afterRound round: Int) throws(RunError) {
        for point in points.shuffled() where point.needsProof {
            guard Int.random(in: 0..<Self.proofPlaces) == 0 else { continue }
            // If it lost all workers, the next trial replaces them.
            _ = try point.prove(round)
            // Neither the caches it changed nor a worker it lost may affect the next sample.
            _ = try point.measure(round, isWarmup: true)
        }
    }

    /// After each round, the trial follows with a chance of one in this number.
    private static let proofPlaces = 4

    // MARK: Single trials, which a comparison interleaves with those of another process

    /// Computes what every output must equal, and starts the clusters.
    ///
    /// No base case is measured: both sides of a comparison would have the same one.
    package func prepareTrials() throws(RunError) {
        try expected.compute()
        try makePoints()
        try startReplicate(0) { _ in }
    }

    /// Runs one trial of a point; says how long it took, and whether all bits were right.
    package func runTrial(
        ofPoint index: Int
    ) throws(RunError) -> (wallNanoseconds: UInt64, isOutputEqual: Bool) {
        try interruption.check()
        return try points[index].runComparedTrial()
    }

    /// What came to the addresses of all clusters so far; nil when nobody came.
    package var strangers: Strangers? {
        let all = points.reduce(Strangers()) { $0 + $1.strangers }
        return all.isEmpty ? nil : all
    }

    /// Verifies the output of a point's last trial, and then runs a trial of every point with other
    /// inputs.
    ///
    /// - Throws: What the latter found, if an output was kept or is wrong.
    package func verifyOutput(ofPoint index: Int) throws(RunError) -> VerificationReport {
        let report = try points[index].verify()
        for point in points { try point.requireProof() }
        return report
    }

    // MARK: Traces

    /// Runs a few trials of the last point, which are in no sample, and tells when every process did what.
    ///
    /// They end when they are enough for a file, or with a trial in which a worker was lost: what follows
    /// would be of a smaller cluster. A lost worker is a fault of the record, and no reason to fail here.
    /// What was traced before an error is in `trials`.
    package func trace(
        into trials: inout [TrialTrace],
        progress: (String) -> Void
    ) throws(RunError) {
        guard let point = points.last else { return }
        while TrialTrace.isRoom(after: trials), trials.allSatisfy(\.faults.isEmpty) {
            try interruption.check()
            progress("traced trial \(trials.count + 1)")
            do throws(RunError) {
                guard let trial = try point.traceTrial() else { return }
                trials.append(trial)
            } catch {
                guard error.kind == .unfinished else { throw error }
                return
            }
        }
    }

    // MARK: Results

    var baseCaseSamples: [[ReplicateSample]] { baseCases.map(\.replicateSamples) }
    var pointSamples: [[ReplicateSample]] { points.map(\.replicateSamples) }

    /// A record with the measurements so far.
    ///
    /// Keep it only briefly: if two values hold the samples, the next append copies them all.
    func updated(_ record: RunRecord) -> RunRecord {
        var record = record
        let single = baseCases.first?.replicateSamples
        record.roofs = roofs
        record.training = expected.training
        record.emulatedNanosecondsPerPair = expected.nanosecondsPerPair
        record.baseCases = recordedBaseCases
        record.points = points.map { $0.recorded(record.baseCases, single: single, roofs) }
        return record
    }

    private var recordedBaseCases: [BaseCase] { baseCases.compactMap { $0.recorded(roofs) } }

    /// Why the figures of the base cases cannot be believed, and with them every speedup.
    package var baseCaseReasons: [String] {
        guard let roofs else { return [] }
        return recordedBaseCases.flatMap { base in
            base.gigaflopsPerSecond.map {
                ImpossibleFigures.reasons(rate: $0, threads: base.threads, roofs: roofs)
            } ?? []
        }
    }

    /// Measures the roofs again, more thoroughly, when a figure is above one.
    ///
    /// A roof is the highest value measured. On a busy machine one measurement is too low, so a
    /// figure counts as impossible only above the best of many. When the time is over, the current
    /// measurement is the last one: under emulation each takes many times longer.
    package func confirmRoofs() {
        let end = ContinuousClock.now + Self.roofConfirmationTime
        for _ in 0..<Self.roofConfirmations {
            let isAbove = !baseCaseReasons.isEmpty || points.contains { $0.isAbove(roofs) }
            guard isAbove, ContinuousClock.now < end, var roofs else { return }
            roofs.fmaGigaflopsPerSecond = max(
                roofs.fmaGigaflopsPerSecond,
                KernelRoofs.fmaGigaflopsPerSecond(expected.kernel, rounds: 100)
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

    /// Writes to a file what the last point's workers computed in their last trial, right or wrong.
    ///
    /// `shape` is that of the output, `[B,H,L,Dv]` or `[H,L,Dv]`; nil for the point's own. Returns a
    /// phrase that says what the file holds.
    package func writeOutput(
        to file: inout TensorOutput,
        shape: [Int]?
    ) throws(RunError) -> String {
        guard let phrase = try points.last?.writeOutput(to: &file, shape: shape) else {
            throw RunError(.unfinished, "no trial was finished, so there is no output to write")
        }
        return phrase
    }
}

extension AttentionKernel {
    /// The kernel that a plan asks for, or the best of this processor.
    init(of plan: RunPlan) throws(RunError) {
        let instructionSet = plan.instructionSet?.strongest ?? .best
        guard let kernel = AttentionKernel(instructionSet) else {
            throw RunError(
                .environment,
                "--isa \(instructionSet.rawValue) is not available; this processor runs "
                    + InstructionSet.available.map(\.rawValue).joined(separator: ", ")
            )
        }
        self = kernel
    }
}
