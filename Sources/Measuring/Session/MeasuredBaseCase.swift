import Attention
import Plan
import Platform
import Record
import Scheduling
import Statistics

/// One process without ZeroMQ and its samples: what a cluster is compared with.
///
/// A class, since rounds add to it one sample at a time.
final class MeasuredBaseCase {
    private let threads: Int
    private let pinning: Pinning
    private let plan: RunPlan
    private let problem: AttentionProblem
    /// Counts the visible (query, key) pairs only.
    private let floatingPointOperations: Double
    /// What must be read and written, without the keys that nobody sees.
    private let tensorBytes: Int
    private let expected: ExpectedOutput
    private let output: TrialOutput
    private let interruption: Interruption
    /// The process of the current replicate.
    private var process: BaseCaseProcess?
    private var replicate = 0
    private var samples: [(replicate: Int, times: ProcessTimes)] = []
    /// Trials, warm-up included, whose output differed from the right one in at least one bit.
    private var mismatchedTrials = 0
    /// Measured trials during which the run was stopped.
    private var pausedTrials = 0
    private var recovery = Recovery()

    /// The base case of the point with this worker count.
    init(
        threads: Int,
        workers: Int,
        pinning: Pinning,
        _ plan: RunPlan,
        _ expected: ExpectedOutput,
        _ output: TrialOutput,
        interruption: Interruption
    ) {
        self.threads = threads
        self.pinning = pinning
        self.plan = plan
        problem = expected.problem(workers: workers)
        let view = unsafe expected.view
        floatingPointOperations = unsafe problem.visibleFloatingPointOperations(view)
        tensorBytes = unsafe problem.tensorBytes(
            lengths: view.lengths,
            visibility: view.visibility
        )
        self.expected = expected
        self.output = output
        self.interruption = interruption
    }

    /// Starts the process of a new replicate.
    func start(replicate: Int) throws(RunError) {
        self.replicate = replicate
        recovery.beginReplicate()
        try startProcess()
    }

    private func startProcess() throws(RunError) {
        do throws(RunError) {
            try startOneProcess()
        } catch {
            try replaceProcess(after: error)
        }
    }

    /// Starts a new process after the last one was lost, or throws what ended it.
    private func replaceProcess(after loss: RunError) throws(RunError) {
        guard loss.kind == .unfinished,
            recovery.next(after: .lostWorkers(isFinished: false)) == .replaceWorkers
        else { throw loss }
        try startProcess()
    }

    private func startOneProcess() throws(RunError) {
        // The old one first: both at once might need more open files than were counted.
        endProcess()
        let process = try BaseCaseProcess(
            threads: threads,
            processors: pinning.processors(ofWorker: 0, workerCount: 1, threads: threads),
            interruption: interruption
        )
        try expected.load(problem, into: process)
        self.process = process
    }

    /// Sends the inputs again, after they have changed.
    func reload() throws(RunError) {
        guard let process else { return }
        do throws(RunError) {
            try expected.load(problem, into: process)
        } catch {
            try replaceProcess(after: error)
        }
    }

    func endProcess() { process = nil }

    /// Runs one trial, and returns how long it took.
    ///
    /// A trial that was paused or that lost its process has no time and is repeated, as one of
    /// workers is.
    func measure(isWarmup: Bool) throws(RunError) -> UInt64 {
        recovery.beginTrial()
        var isFresh = false
        while true {
            let times: ProcessTimes
            let isPaused: Bool
            do throws(RunError) {
                // A new process has not touched its memory yet.
                if isFresh { _ = try runTrial() }
                isFresh = false
                (times, isPaused) = try runTrial()
            } catch {
                try replaceProcess(after: error)
                isFresh = true
                continue
            }
            if isPaused, !isWarmup { pausedTrials += 1 }
            if isPaused, recovery.next(after: .paused) == .repeatTrial { continue }
            if !isWarmup, !isPaused { samples.append((replicate, times)) }
            return times.wallNanoseconds
        }
    }

    private func runTrial() throws(RunError) -> (ProcessTimes, isPaused: Bool) {
        guard let process else {
            preconditionFailure("a replicate must be started before it is measured")
        }
        output.poison(problem)
        let trial = try unsafe process.runTrial(output: UnsafeMutableRawPointer(output.floats))
        let agreement = try expected.agreement(of: output, problem) { _ in "" }
        if !agreement.isEqual {
            mismatchedTrials += 1
        }
        return trial
    }

    var replicateSamples: [ReplicateSample] {
        samples.map {
            ReplicateSample(nanoseconds: Double($0.times.wallNanoseconds), replicate: $0.replicate)
        }
    }

    /// What was measured so far; nil if nothing was.
    func recorded(_ roofs: MeasuredRoofs?) -> BaseCase? {
        guard let summary = SampleSummary(replicateSamples) else { return nil }
        let rate = floatingPointOperations / summary.medianNanoseconds
        return BaseCase(
            threads: threads,
            batch: plan.recordedBatch(problem),
            samplesNanoseconds: samples.map(\.times.wallNanoseconds),
            replicates: samples.map(\.replicate),
            cpuNanoseconds: samples.map(\.times.cpuNanoseconds),
            offCoreNanoseconds: samples.map(\.times.offCoreNanoseconds),
            voluntarySwitches: samples.map(\.times.voluntarySwitches),
            involuntarySwitches: samples.map(\.times.involuntarySwitches),
            mismatchedTrials: mismatchedTrials > 0 ? mismatchedTrials : nil,
            pausedTrials: pausedTrials > 0 ? pausedTrials : nil,
            replacements: recovery.replacements > 0 ? recovery.replacements : nil,
            summary: summary,
            gigaflopsPerSecond: rate,
            fractionOfPeak: roofs.map { rate / ($0.fmaGigaflopsPerSecond * Double(threads)) },
            tensorBytes: tensorBytes
        )
    }
}
