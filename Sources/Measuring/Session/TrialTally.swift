import Attention
import Cluster
import Record
import Statistics

/// The samples of a point's trials, and what they took.
struct TrialTally {
    /// Measured trials of all workers with a right output.
    private(set) var samples: [TrialSample] = []
    private(set) var attempts = 0
    private(set) var duplicates = 0
    /// Measured trials in which not all workers took part.
    private(set) var incompleteTrials = 0
    /// Measured trials during which the run was stopped.
    private(set) var pausedTrials = 0
    /// How long each step of these trials took.
    private(set) var steps = LatencyCounts()
    private(set) var bytesSent: UInt64 = 0
    private(set) var bytesReceived: UInt64 = 0

    /// Takes a trial of a problem with these stages; `isWhole` says whether all workers took part to
    /// its end.
    mutating func note(
        _ report: TrialReport,
        round: Int,
        replicate: Int,
        isWarmup: Bool,
        isEqual: Bool,
        isWhole: Bool,
        stages: [Stage]
    ) {
        duplicates += report.duplicates
        guard !isWarmup else { return }
        attempts += report.attempts
        let isPaused = report.pausedNanoseconds > 0
        if !isWhole { incompleteTrials += 1 }
        if isPaused { pausedTrials += 1 }
        // A trial with a wrong output, with fewer workers or with a pause has no time.
        guard isEqual, isWhole, !isPaused else { return }
        bytesSent += report.bytesSent
        bytesReceived += report.bytesReceived
        for step in report.stepNanoseconds { steps.add(step) }
        samples.append(
            TrialSample(
                trial: round + 1,
                replicate: replicate,
                wallNanoseconds: report.wallNanoseconds,
                cpuNanoseconds: report.use.cpuNanoseconds,
                voluntarySwitches: report.use.voluntarySwitches,
                involuntarySwitches: report.use.involuntarySwitches,
                workers: report.workers.enumerated().map { WorkerSample(worker: $0, $1) },
                stages: StageSample.samples(report, of: stages)
            )
        )
    }

    /// Takes a measured trial that all workers were lost in.
    mutating func noteUnfinished(attempts: Int) {
        self.attempts += attempts
        incompleteTrials += 1
    }

    var replicateSamples: [ReplicateSample] {
        samples.map {
            ReplicateSample(nanoseconds: Double($0.wallNanoseconds), replicate: $0.replicate ?? 0)
        }
    }
}

extension StageSample {
    /// The times of a problem's stages, the epochs of training and the arcs of a ring as one; nil for a
    /// single stage.
    fileprivate static func samples(_ report: TrialReport, of stages: [Stage]) -> [StageSample]? {
        guard stages.count > 1 else { return nil }
        let isTrained = stages.contains { Name($0.work, isTrained: true) == .training }
        // A worker's clock runs slightly differently from ours.
        let most = report.wallNanoseconds.multipliedReportingOverflow(
            by: UInt64(report.workers.count)
        )
        var samples: [StageSample] = []
        for (stage, times) in zip(stages, report.stages) {
            let name = Name(stage.work, isTrained: isTrained)
            if samples.last?.stage != name {
                samples.append(
                    StageSample(
                        stage: name,
                        computeNanoseconds: 0,
                        beginNanoseconds: times.beginNanoseconds,
                        endNanoseconds: times.endNanoseconds
                    )
                )
            }
            let last = samples.count - 1
            let (sum, isTooLarge) = samples[last].computeNanoseconds
                .addingReportingOverflow(times.computeNanoseconds)
            samples[last].computeNanoseconds = min(
                isTooLarge ? .max : sum,
                most.overflow ? .max : most.partialValue
            )
            samples[last].endNanoseconds = min(
                max(samples[last].endNanoseconds, times.endNanoseconds),
                report.wallNanoseconds
            )
        }
        return samples.count > 1 ? samples : nil
    }
}

extension StageSample.Name {
    /// `isTrained`: attention that comes after training is what kernel regression predicts.
    fileprivate init(_ work: Stage.Work, isTrained: Bool) {
        self =
            switch work {
            case .attention, .arc: isTrained ? .prediction : .attention
            case .softmax: .softmax
            case .sequenceProjection(let tensor, _):
                tensor == .key ? .keyProjection : .valueProjection
            case .heads: .heads
            case .tokens: .outputProjection
            case .training: .training
            case .states: .states
            case .fold: .fold
            }
    }
}

extension WorkerSample {
    fileprivate init(worker: Int, _ times: WorkerTimes) {
        self.init(
            worker: worker,
            computeNanoseconds: times.computeNanoseconds,
            queueNanoseconds: times.queueNanoseconds,
            transferNanoseconds: times.transferNanoseconds,
            mergeNanoseconds: times.mergeNanoseconds,
            idleNanoseconds: times.idleNanoseconds,
            cpuNanoseconds: times.use.cpuNanoseconds,
            computeCPUNanoseconds: times.use.computeNanoseconds,
            voluntarySwitches: times.use.voluntarySwitches,
            involuntarySwitches: times.use.involuntarySwitches,
            offCoreNanoseconds: times.offCoreNanoseconds,
            shards: times.shards,
            bytesIn: times.bytesIn,
            bytesOut: times.bytesOut,
            messageBytes: times.messageBytes
        )
    }
}
