import Attention
import Host
import Plan
import Statistics
import Work

/// What a run or a sweep found out: the plan that was carried out, the machine, every raw sample,
/// and what to think of them.
///
/// One type serves two schemas of the same shape: `headwise.run/1` has one point, and
/// `headwise.scale/1` one per worker count. Times are integers of nanoseconds. A number that does
/// not exist, or that JSON cannot hold (NaN, infinity), is left out.
package struct RunRecord: Codable, Equatable, Sendable {
    package enum Schema: String, Codable, Sendable, CaseIterable {
        case run = "headwise.run/1"
        case scale = "headwise.scale/1"
    }

    package var schema: Schema
    package var plan: RunPlan
    package var host: HostDescription
    /// When the run began, UTC, `2025-11-21T01:24:00Z`.
    package var started: String
    package var commandLine: [String]
    /// What the points are compared with: one process with one thread first, then one process for
    /// every number of threads that a point has in all its workers.
    package var baseCases: [BaseCase]
    /// One per worker count, in the order of measurement; written one after the other.
    package var points: [RunPoint]
    /// What the machine can do at most, measured beside everything else.
    package var roofs: MeasuredRoofs?
    /// The attention weights, where they were asked for.
    package var weights: WeightsSummary?
    /// What of the input's mask the plan uses: `mask`, `lengths`, `bias`; absent where it uses none, and
    /// in older records.
    package var inputMask: [String]?
    /// What training found, where kernel regression learned its width.
    package var training: TrainingSummary?
    /// How long one thread took for a visible (query, key) pair, where workers waited as long instead of
    /// computing.
    package var emulatedNanosecondsPerPair: Double?
    /// Why inputs took the plane that they took, where the plan left that to be chosen.
    package var planeDecision: PlaneDecision?
    /// How many workers came, where the plan let fewer be enough.
    package var attendance: Attendance?
    /// Which processors the compute threads took; absent in older records.
    package var pinning: PinningSummary?
    /// Where the coordinator listened; absent where it was on loopback without keys.
    package var network: NetworkSummary?
    /// How the samples came about.
    package var sampling: SamplingReport?
    /// Reasons to trust the figures less.
    package var warnings: [MeasurementWarning]?
    /// How it scales; only of a sweep that is finished.
    package var analysis: ScalingAnalysis?
    /// What is true of the whole run; absent while it is under way.
    package var verdict: Verdict?
    /// The exit code of the run; absent while it is under way.
    package var exitCode: Int32?

    package init(
        plan: RunPlan,
        host: HostDescription,
        started: String,
        commandLine: [String],
        baseCases: [BaseCase] = [],
        points: [RunPoint] = [],
        verdict: Verdict? = nil,
        exitCode: Int32? = nil
    ) {
        schema = plan.kind == .run ? .run : .scale
        self.plan = plan
        self.host = host
        self.started = started
        self.commandLine = commandLine
        self.baseCases = baseCases
        self.points = points
        self.verdict = verdict
        self.exitCode = exitCode
    }

    /// The base case with one thread, which speedups refer to; in weak scaling it computes what one
    /// worker is given.
    package var singleThread: BaseCase? { baseCases.first { $0.threads == 1 } }

    package var mark: String? { plan.compute.mark }

    /// Which base cases had a wrong output, as clauses.
    package var wrongBaseCases: [String] {
        baseCases.compactMap { base in
            guard let wrong = base.mismatchedTrials, wrong > 0 else { return nil }
            return "one process with \(counted(base.threads, "thread")) had a different output in "
                + counted(wrong, "trial")
        }
    }

    /// What came of every check against float64: that of each point's output, then of the weights.
    package var checks: [VerificationStatus] {
        points.map(\.verification.status) + (weights.map { [$0.status] } ?? [])
    }

    /// The base case of the same problem with as many threads as all workers of a point have
    /// together.
    package func baseCase(matching point: RunPoint) -> BaseCase? {
        baseCases.first {
            $0.threads == point.workers * point.threads && $0.batch == point.batch
        }
    }
}

/// The roofs of this machine, measured in the same process as the figures compared with them.
package struct MeasuredRoofs: Codable, Equatable, Sendable {
    /// The rate of one thread.
    package var fmaGigaflopsPerSecond: Double
    /// The rate of one thread that reads memory.
    package var readGigabytesPerSecond: Double?
    /// The rate of one bare connection of the run's transport, without ZeroMQ.
    package var linkGigabytesPerSecond: Double?
    /// The rate of one thread that copies what another has just written: it bounds outputs in shared memory.
    ///
    /// Absent where there are none.
    package var copyGigabytesPerSecond: Double?

    package init(
        fmaGigaflopsPerSecond: Double,
        readGigabytesPerSecond: Double? = nil,
        linkGigabytesPerSecond: Double? = nil,
        copyGigabytesPerSecond: Double? = nil
    ) {
        self.fmaGigaflopsPerSecond = fmaGigaflopsPerSecond
        self.readGigabytesPerSecond = readGigabytesPerSecond
        self.linkGigabytesPerSecond = linkGigabytesPerSecond
        self.copyGigabytesPerSecond = copyGigabytesPerSecond
    }
}

/// One process without ZeroMQ: same kernel, same bytes, same output.
package struct BaseCase: Codable, Equatable, Sendable {
    package var threads: Int
    /// The batch of its problem where it is not the plan's: weak scaling.
    package var batch: Int?
    package var samplesNanoseconds: [UInt64]
    /// The process that each sample was taken of, started afresh for every replicate; absent in older
    /// records.
    package var replicates: [Int]?
    /// CPU time of the compute threads in each sample; absent in older records, as the next is.
    package var cpuNanoseconds: [UInt64]?
    /// How long, in each sample, another process had the core of a compute thread that was ready.
    package var offCoreNanoseconds: [UInt64]?
    /// How often, in each sample, a thread of the process gave its processor up to wait; absent in older
    /// records, as the next is.
    package var voluntarySwitches: [UInt64]?
    /// How often another thread took the processor of one that was not done.
    package var involuntarySwitches: [UInt64]?
    /// Trials, warm-up included, whose output was not that of every other process; absent when none.
    package var mismatchedTrials: Int?
    /// Trials during which the run was stopped or the machine suspended: they have no time; absent
    /// when none, as the next is.
    package var pausedTrials: Int?
    /// How often the process was started afresh because it was lost.
    package var replacements: Int?
    package var summary: SampleSummary
    package private(set) var gigaflopsPerSecond: Double?
    /// The fraction of the FMA peak of as many cores, measured beside it.
    package private(set) var fractionOfPeak: Double?
    /// The bytes that a trial must at least read and write, those of hidden keys left out; absent in older
    /// records.
    package private(set) var tensorBytes: Int?

    package init(
        threads: Int,
        batch: Int? = nil,
        samplesNanoseconds: [UInt64],
        replicates: [Int]? = nil,
        cpuNanoseconds: [UInt64]? = nil,
        offCoreNanoseconds: [UInt64]? = nil,
        voluntarySwitches: [UInt64]? = nil,
        involuntarySwitches: [UInt64]? = nil,
        mismatchedTrials: Int? = nil,
        pausedTrials: Int? = nil,
        replacements: Int? = nil,
        summary: SampleSummary,
        gigaflopsPerSecond: Double?,
        fractionOfPeak: Double? = nil,
        tensorBytes: Int? = nil
    ) {
        self.threads = threads
        self.batch = batch
        self.samplesNanoseconds = samplesNanoseconds
        self.replicates = replicates
        self.cpuNanoseconds = cpuNanoseconds
        self.offCoreNanoseconds = offCoreNanoseconds
        self.voluntarySwitches = voluntarySwitches
        self.involuntarySwitches = involuntarySwitches
        self.mismatchedTrials = mismatchedTrials
        self.pausedTrials = pausedTrials
        self.replacements = replacements
        self.summary = summary
        self.gigaflopsPerSecond = gigaflopsPerSecond?.finiteOrNil
        self.fractionOfPeak = fractionOfPeak?.finiteOrNil
        self.tensorBytes = tensorBytes
    }
}

extension RunRecord {
    /// How fast one thread moved every tensor once but for hidden keys, or in steps what each of them
    /// reads, in GB/s, and its share of the measured reading, where that bounds it and not multiplying.
    package var readingOfSingleThread: (gigabytesPerSecond: Double, fraction: Double)? {
        guard let single = singleThread, let rate = single.gigaflopsPerSecond, let roofs,
            let roof = roofs.readGigabytesPerSecond
        else { return nil }
        var plan = plan
        plan.batch = single.batch ?? plan.batch
        let problem = plan.problem.attentionProblem()
        let bytes = single.tensorBytes ?? problem.tensorBytes
        let nanoseconds = single.summary.medianNanoseconds
        let moved = Double(bytes) / nanoseconds
        let fraction = moved / roof
        // What a step reads may still be in the caches in the next one.
        guard bytes / problem.stepCount >= KernelRoof.leastReadBytes,
            fraction > rate / roofs.fmaGigaflopsPerSecond
        else { return nil }
        return (moved, fraction)
    }
}

/// Whether a measurement may be trusted, why not, and one sentence about it.
package struct Verdict: Codable, Equatable, Sendable {
    package enum Status: String, Codable, Sendable, CustomStringConvertible {
        case valid = "VALID"
        case invalid = "INVALID"
        /// Other processes had the cores in most trials of a configuration.
        case disturbed = "DISTURBED"
        /// Something ended it early; what it holds was measured as it stands.
        case unfinished = "UNFINISHED"

        /// The exit code of a command with such figures.
        ///
        /// Only a plan that requires a quiet machine refuses disturbed ones, and what ended a
        /// command early has a code of its own.
        package var endCode: Int32 {
            switch self {
            case .invalid: EndCode.invalid
            case .valid, .disturbed, .unfinished: EndCode.done
            }
        }

        package var description: String { rawValue }
    }

    /// What people are shown instead of VALID where nothing proves the output right.
    package static let notProved = "NOT PROVED"

    package var status: Status
    /// Why the status is what it is; empty when valid.
    package var reasons: [String]
    package var sentence: String

    /// `disturbances` count only when nothing worse applies.
    package init(
        reasons: [String],
        sentence: String,
        isFinished: Bool = true,
        disturbances: [String] = []
    ) {
        status =
            if !isFinished {
                .unfinished
            } else if !reasons.isEmpty {
                .invalid
            } else {
                disturbances.isEmpty ? .valid : .disturbed
            }
        self.reasons = status == .disturbed ? disturbances : reasons
        self.sentence = sentence
    }
}

extension Double {
    /// The number, or nil if JSON cannot hold it.
    var finiteOrNil: Double? { isFinite ? self : nil }
}
