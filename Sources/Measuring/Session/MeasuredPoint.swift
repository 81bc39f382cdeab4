import Attention
import Cluster
import Files
import Plan
import Platform
import Record
import Scheduling
import Statistics
import Tensors
import Traces
import Work

/// One cluster of a session and everything measured of it.
///
/// A class, since rounds add to it one trial at a time.
final class MeasuredPoint {
    let workers: Int
    private var place: ClusterPlace
    private let plan: RunPlan
    private let problem: AttentionProblem
    private let figures: PointFigures
    private var shards: PointShards
    private let stages: [Stage]
    private let expected: ExpectedOutput
    /// Receives the output of the trials, but not of the proof trials.
    private let output: TrialOutput
    private let proofOutput: TrialOutput
    private let interruption: Interruption
    /// Gets what somebody has to know or do when workers start.
    private let say: (String) -> Void
    /// The cluster of the current replicate.
    private var cluster: Cluster?
    private var replicate = 0
    /// The time of float64 checks so far.
    private(set) var checkNanoseconds: UInt64 = 0
    private var lastRound = 0
    private var tally = TrialTally()
    private var checks: OutputChecks
    private var faultLog: FaultLog
    private var hosts: WorkerHosts
    /// What came to the addresses of the earlier clusters.
    private var formerStrangers = Strangers()
    private var linkTally = LinkTally()
    private var starts = StartTally()
    private var recovery = Recovery()

    init(
        workers: Int,
        place: ClusterPlace,
        _ plan: RunPlan,
        _ expected: ExpectedOutput,
        _ output: TrialOutput,
        proofOutput: TrialOutput,
        since startNanoseconds: UInt64,
        interruption: Interruption,
        say: @escaping (String) -> Void
    ) throws(RunError) {
        self.workers = workers
        self.place = place
        self.plan = plan
        problem = expected.problem(workers: workers).cut(by: plan.split, workerCount: workers)
        figures = PointFigures(
            workers: workers,
            plan: plan,
            problem: problem,
            floatingPointOperations: plan.compute == .kernel
                ? unsafe problem.visibleFloatingPointOperations(expected.view) : nil
        )
        shards = try PointShards(problem, expected, plan.arrangement, workers: workers)
        stages = problem.stages
        self.expected = expected
        self.output = output
        self.proofOutput = proofOutput
        self.interruption = interruption
        self.say = say
        checks = OutputChecks(isAudit: plan.audit, areComputed: plan.compute == .kernel)
        faultLog = FaultLog(since: startNanoseconds)
        hosts = WorkerHosts(plan)
    }

    // MARK: Workers

    /// Starts the workers of a new replicate.
    func start(replicate: Int, faults: [Int: String]) throws(RunError) {
        self.replicate = replicate
        recovery.beginReplicate()
        try startCluster(faults: faults)
    }

    /// Gives the workers the inputs again, after they have changed.
    func reload() throws(RunError) {
        guard let cluster else { return }
        do throws(RunError) {
            try expected.load(problem, into: cluster)
        } catch {
            try replaceWorkers(after: error)
        }
    }

    func endCluster() {
        guard let cluster else { return }
        faultLog.noteEnd(of: cluster)
        formerStrangers = strangers
        linkTally.note(cluster)
        // Processes that follow each other on this machine have the same links.
        if plan.launch.isLocal, linkTally.isKnown(ofAll: workers) { place.measuresLinks = false }
        cluster.shutDown()
        self.cluster = nil
    }

    /// What came to the addresses of all its clusters.
    var strangers: Strangers { formerStrangers + (cluster?.strangers ?? Strangers()) }

    private func startCluster(faults: [Int: String]) throws(RunError) {
        // End the old cluster first: both at once might need more open files than were counted.
        endCluster()
        do throws(RunError) {
            let cluster = try Cluster(
                starting: place.configuration(plan, workerCount: workers, faults: faults),
                interruption: interruption
            )
            self.cluster = cluster
            shards.beginWorkers()
            try cluster.awaitWorkers(say: say)
            try expected.load(problem, into: cluster)
            starts.note(cluster)
            hosts.note(cluster.origins, replicate: replicate)
        } catch {
            return try replaceWorkers(after: error)
        }
        checks.begin()
    }

    /// Starts new workers after all were lost, or throws what ended them.
    private func replaceWorkers(after loss: RunError) throws(RunError) {
        // Those that did not come once would not come at once again.
        guard loss.kind == .unfinished, cluster?.hasBegun != false,
            recovery.next(after: .lostWorkers(isFinished: false)) == .replaceWorkers
        else { throw loss }
        // Faults that were already injected are not injected again.
        try startCluster(faults: [:])
    }

    // MARK: Trials

    /// One trial by all workers; returns how long it took.
    ///
    /// A trial that loses a worker shows that the cluster survives the loss, but it and all later
    /// trials would measure a smaller cluster. So all workers are replaced and the trial is
    /// repeated.
    func measure(_ round: Int, isWarmup: Bool) throws(RunError) -> UInt64 {
        recovery.beginTrial()
        while true {
            let attempt = try attempt(round, isWarmup: isWarmup)
            switch recovery.next(after: attempt.outcome) {
            case .proceed: return attempt.nanoseconds
            case .repeatTrial: continue
            case .replaceWorkers:
                try startCluster(faults: [:])
                try warmUp(round)
            case .giveUp: throw attempt.loss ?? TrialAttempt.allLost
            }
        }
    }

    /// New processes have not touched their memory yet, so a warm-up comes first.
    ///
    /// If it loses workers, the next trial does, too.
    private func warmUp(_ round: Int) throws(RunError) {
        for _ in 0..<plan.arrangement.leastWarmups { _ = try attempt(round, isWarmup: true) }
    }

    private func attempt(_ round: Int, isWarmup: Bool) throws(RunError) -> TrialAttempt {
        do throws(RunError) {
            return try runTrial(round, isWarmup: isWarmup)
        } catch {
            guard error.kind == .unfinished else { throw error }
            if let cluster, !isWarmup { tally.noteUnfinished(attempts: cluster.attemptCount) }
            return TrialAttempt(outcome: .lostWorkers(isFinished: false), loss: error)
        }
    }

    /// Runs one trial and checks its output.
    private func runTrial(_ round: Int, isWarmup: Bool) throws(RunError) -> TrialAttempt {
        if let cluster {
            faultLog.noteNextTrial(of: cluster, isWarmup ? .warmup(round) : .measured(round))
        }
        let (cluster, report) = try unsafe compute(into: output, isMeasured: !isWarmup)
        // Outputs that nobody computed are not looked at.
        let isEqual = plan.compute == .kernel ? try check(report) : true
        lastRound = round
        tally.note(
            report,
            round: round,
            replicate: replicate,
            isWarmup: isWarmup,
            isEqual: isEqual,
            isWhole: cluster.isWhole,
            stages: stages
        )
        let isPaused = report.pausedNanoseconds > 0
        return TrialAttempt(
            outcome: !cluster.isWhole
                ? .lostWorkers(isFinished: true) : isPaused ? .paused : .complete,
            nanoseconds: report.wallNanoseconds
        )
    }

    /// Compares the output of a trial, and verifies it if it is the first or wrong; returns whether all
    /// bits are right.
    ///
    /// The float64 check can take longer than all trials, so its time is counted apart.
    private func check(_ report: TrialReport) throws(RunError) -> Bool {
        let agreement = try expected.agreement(of: output, problem, parts) { maker(of: $0) }
        if checks.note(agreement, contradictions: report.contradictions) {
            let start = Clock.nanoseconds
            checks.verification = try verify()
            checkNanoseconds += Clock.nanoseconds - start
        }
        return agreement.isEqual
    }

    /// Runs one trial that is in no figure of the point, for a comparison.
    ///
    /// - Returns: Its wall time, and whether every bit of the output was the single process's.
    /// - Throws: What stopped it, which a lost worker is too: the others may have finished, but not
    ///   in a time that says anything.
    func runComparedTrial() throws(RunError) -> (wallNanoseconds: UInt64, isOutputEqual: Bool) {
        recovery.beginTrial()
        var (_, report) = try unsafe compute(into: output)
        while report.pausedNanoseconds > 0 {
            guard recovery.next(after: .paused) == .repeatTrial else {
                throw RunError(
                    .environment,
                    "the machine or this run is stopped again and again, so the trial has no time; "
                        + "repeat where nothing stops it"
                )
            }
            (_, report) = try unsafe compute(into: output)
        }
        try interruption.check()
        try requireWhole()
        let agreement = try expected.agreement(of: output, problem, parts) { maker(of: $0) }
        return (report.wallNanoseconds, agreement.isEqual)
    }

    /// Runs a trial that is in no sample, and tells when every process did what; its output is checked.
    ///
    /// The measured output stays as it is: it may still be written to a file.
    func traceTrial() throws(RunError) -> TrialTrace? {
        if let cluster { faultLog.noteNextTrial(of: cluster, .traced) }
        let (_, report) = try unsafe compute(into: proofOutput, isTraced: true)
        if plan.compute == .kernel {
            let agreement = try expected.agreement(of: proofOutput, problem, parts) {
                maker(of: $0)
            }
            checks.noteTraced(agreement, contradictions: report.contradictions)
        }
        return report.trace
    }

    /// Verifies the output of the last trial against the single process and the float64 reference.
    func verify() throws(RunError) -> VerificationReport {
        try unsafe expected.verify(output, problem, parts, earlier: cluster?.earlierOutputs ?? [])
    }

    /// The parts of the last output, where workers have different instruction sets.
    private var parts: [OutputPart] { cluster.map(shards.parts) ?? [] }

    @unsafe
    private func compute(
        into output: TrialOutput,
        inputs: [TensorName: UnsafeRawBufferPointer] = unsafe [:],
        isMeasured: Bool = false,
        isTraced: Bool = false
    ) throws(RunError) -> (Cluster, TrialReport) {
        guard let cluster else {
            preconditionFailure("a replicate must be started before it is measured")
        }
        try shards.renew()
        output.poison(problem)
        let report = try unsafe cluster.runTrial(
            shards.plan,
            output: UnsafeMutableRawPointer(output.floats),
            secondsPerQueryBlock: expected.secondsPerQueryBlock,
            inputs: inputs,
            isMeasured: isMeasured,
            isTraced: isTraced
        )
        if cluster.isWhole { shards.note(report) }
        return (cluster, report)
    }

    /// Who made an element of the last output wrong: " (worker 1, shard 3)".
    ///
    /// It may be the worker of an earlier stage.
    private func maker(of element: ElementIndex, isProof: Bool = false) -> String {
        guard let cluster else { return "" }
        let last = problem.stages.count - 1
        var place = (stage: last, slice: element.slice, row: element.row)
        if last > 0,
            let earlier = unsafe expected.firstDifference(
                inEarlier: cluster.earlierOutputs,
                problem,
                isProof: isProof
            )
        {
            place = earlier
        }
        return shards.maker(ofStage: place.stage, slice: place.slice, row: place.row, in: cluster)
    }

    /// Throws if a worker was lost.
    private func requireWhole() throws(RunError) {
        // A worker that was silent for a while and answers again is still the same worker.
        if let cluster, cluster.liveWorkerCount < workers, let fault = cluster.faults.last {
            throw RunError(
                .unfinished,
                "worker \(fault.ordinal) of \(workers) was lost (\(fault.reason)), so the "
                    + "trial has no time; find the cause with 'headwise run' first"
            )
        }
    }

    // MARK: Proof that outputs are computed, and not kept from an earlier trial

    /// Whether the current workers still have to compute a trial with other inputs.
    var needsProof: Bool { checks.needsProof }

    /// Runs one trial with other inputs.
    ///
    /// Workers get no announcement, and the trial is in no sample. Its output must be right for
    /// these inputs.
    ///
    /// - Returns: Why it was not finished, if it lost all workers; then the proof is still needed.
    func prove(_ round: Int) throws(RunError) -> RunError? {
        try interruption.check()
        let tensors = unsafe try expected.otherTensors()
        if let cluster { faultLog.noteNextTrial(of: cluster, .proof) }
        let report: TrialReport
        do throws(RunError) {
            (_, report) = try unsafe compute(into: proofOutput, inputs: tensors)
        } catch {
            guard error.kind == .unfinished else { throw error }
            return error
        }
        let agreement = try expected.agreement(ofProof: proofOutput, problem, parts) {
            maker(of: $0, isProof: true)
        }
        checks.noteProof(agreement, contradictions: report.contradictions)
        return nil
    }

    /// Ends the workers, after the trial with other inputs if it did not run yet.
    func endReplicate() throws(RunError) {
        try proveRest()
        endCluster()
    }

    /// Runs the trial with other inputs if the current workers did not run it yet.
    func proveRest() throws(RunError) {
        while needsProof, let cluster {
            let loss = try prove(lastRound)
            guard loss != nil || !cluster.isWhole else { continue }
            switch recovery.next(after: .lostWorkers(isFinished: loss == nil)) {
            case .proceed, .repeatTrial: continue
            case .replaceWorkers:
                try startCluster(faults: [:])
                try warmUp(lastRound)
            case .giveUp: throw loss ?? TrialAttempt.allLost
            }
        }
    }

    /// Runs the trial with other inputs as a comparison's part of the proof, if there was any trial.
    ///
    /// - Throws: What it found, when an output was kept or is wrong.
    func requireProof() throws(RunError) {
        guard needsProof, let cluster, cluster.trialCount > 0 else { return }
        if let loss = try prove(0) { throw loss }
        try requireWhole()
        try checks.requireProof("with \(counted(workers, "worker"))")
    }

    var replicateSamples: [ReplicateSample] { tally.replicateSamples }

    /// Writes to a file what the workers computed in their last trial, right or wrong.
    ///
    /// Returns a phrase that says what the file holds; nil when there was no trial.
    func writeOutput(to file: inout TensorOutput, shape: [Int]?) throws(RunError) -> String? {
        guard let difference = checks.lastOutput else { return nil }
        try output.write(problem, to: &file, shape: shape, layout: plan.layout)
        return "the output of \(counted(workers, "worker")) in the last trial\(difference)"
    }

    /// What was measured so far, beside the base cases of the same rounds.
    ///
    /// `single` are the samples of the first base case.
    func recorded(
        _ bases: [BaseCase],
        single: [ReplicateSample]?,
        _ roofs: MeasuredRoofs?
    ) -> RunPoint {
        let equalSeeds = expected.equalSeeds
        let verification = checks.summary(equalSeeds: equalSeeds)
        let wall = SampleSummary(replicateSamples)
        return RunPoint(
            workers: workers,
            workersPerProcess: place.processes(plan, workerCount: workers).sharing,
            threads: plan.threads,
            batch: plan.recordedBatch(problem),
            split: shards.plan.split,
            plane: plan.inputPlane,
            transport: plan.transport,
            outputs: plan.outputRoute,
            shards: shards.plan.shards.count,
            speeds: shards.recordedSpeeds,
            samples: tally.samples,
            summary: wall.map { figures.summary($0, bases, imbalance: tally.samples.imbalance) },
            steps: wall.flatMap { figures.steps($0, tally.steps) },
            bytesSent: tally.bytesSent,
            bytesReceived: tally.bytesReceived,
            moving: figures.moving(tally.samples),
            attempts: tally.attempts,
            duplicates: tally.duplicates,
            incompleteTrials: tally.incompleteTrials,
            pausedTrials: tally.pausedTrials > 0 ? tally.pausedTrials : nil,
            replacements: recovery.replacements,
            hosts: hosts.recorded,
            faults: faultLog.faults(with: cluster),
            strangers: strangers.isEmpty ? nil : strangers,
            links: linkTally.links(with: cluster),
            starts: starts.recorded,
            verification: verification,
            verdict: Verdict(
                // The time of a wrong output means nothing.
                reasons: (verification.status == .disagrees ? verification.reasons : [])
                    + checks.invalidReasons(equalSeeds: equalSeeds)
                    + figures.roofReasons(wall, tally, roofs)
                    + figures.speedupReasons(replicateSamples, single),
                sentence: ""
            )
        )
    }

    /// Whether a figure is above a measured roof.
    func isAbove(_ roofs: MeasuredRoofs?) -> Bool {
        !figures.roofReasons(SampleSummary(replicateSamples), tally, roofs).isEmpty
    }
}
