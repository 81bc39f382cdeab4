import Cluster
import Experiment
import Report
import Timing

/// The rounds of a session and the record they fill, rewritten as they go.
struct Measurement: ~Copyable {
    private let session: Session
    private var store: RecordStore
    private(set) var record: RunRecord
    private var schedule: SamplingSchedule
    private var loadBefore: MachineLoad?

    var path: String { store.path }
    /// Whether there is a record in the file.
    var isKept: Bool { store.isFilled }

    init(session: Session, record: RunRecord, store: consuming RecordStore) {
        self.session = session
        schedule = SamplingSchedule(session.plan)
        self.record = record
        self.store = store
    }

    /// Measures until the schedule has enough; what stopped it early, if anything did.
    mutating func run(progress: ProgressLine) -> ClusterError? {
        defer {
            progress.clear()
            session.shutDown()
        }
        do throws(ClusterError) {
            try session.prepare { step in progress.show { step } }
            record.roofs = session.roofs
            loadBefore = .current()
            // A copy, since what is kept after a round is this value's.
            var schedule = schedule
            defer { self.schedule = schedule }
            record.sampling = try session.sample(&schedule, progress: progress) { schedule in
                keep(&schedule)
            }
            update()
            record.warnings =
                (record.warnings ?? [])
                + record.measurementWarnings(
                    loads: (loadBefore, .current()),
                    peakAfter: KernelRoofs.fmaGigaflopsPerSecond(session.kernel)
                )
            return nil
        } catch {
            if record.roofs != nil { record.sampling = schedule.interrupted() }
            return error
        }
    }

    /// Writes the output and the weights where they are asked for; what kept them from being whole.
    ///
    /// `inputShape` is the shape of the output that belongs to an input file.
    mutating func writeTensors(
        _ files: inout TensorFiles,
        inputShape: [Int]?,
        progress: ProgressLine
    ) -> ClusterError? {
        defer { progress.clear() }
        do throws(ClusterError) {
            try files.writeOutput(of: session, shape: inputShape)
            let outputShape = inputShape ?? session.plan.largest.shape.outputShape
            record.weights = try files.writeWeights(of: session, outputShape: outputShape) { done in
                progress.show(fraction: done) { "writing the weights" }
            }
            return nil
        } catch {
            return error
        }
    }

    private mutating func keep(_ schedule: inout SamplingSchedule) {
        let record = record
        let session = session
        let nanoseconds = store.keep { Optional(record.updated(from: session)) }
        schedule.noteKeeping(nanoseconds: nanoseconds)
    }

    private mutating func update() { record = record.updated(from: session) }

    /// Closes the record with a verdict and writes it, unless no trial was finished; the exit code.
    mutating func finish(_ failure: ClusterError?) throws(ExperimentError) -> Int32 {
        session.confirmRoofs()
        record.roofs = session.roofs
        update()
        record.analysis = record.scalingAnalysis
        for index in record.points.indices {
            let point = record.points[index]
            record.points[index].verdict.sentence =
                VerdictSentence.sentence(for: point, in: record)
        }
        let reasons =
            record.wrongBaseCases + session.baseCaseReasons
            + record.points.flatMap { $0.verdict.reasons }
            + (record.weights?.status == .disagrees ? record.weights?.reasons ?? [] : [])
        record.verdict = Verdict(
            reasons: (failure.map { [$0.description] } ?? []) + reasons,
            sentence: "",
            // Figures that cannot be are no better for being few.
            isFinished: failure == nil || !reasons.isEmpty,
            disturbances: record.disturbances.filter(\.isMost).map(\.sentence)
        )
        let sentence = VerdictSentence.sentence(for: record)
        record.verdict?.sentence = sentence
        let code = failure?.exitCode ?? record.ending.code
        record.exitCode = code
        let hasSamples = record.points.contains { !$0.samples.isEmpty || !$0.faults.isEmpty }
        if failure == nil || hasSamples || isKept {
            try store.write(record)
        }
        return code
    }
}

extension RunRecord {
    /// With what a session has measured so far.
    ///
    /// A copy for whoever lets it go again: samples that two hold are copied as soon as one is added.
    fileprivate func updated(from session: Session) -> RunRecord {
        var record = self
        record.baseCases = session.recordedBaseCases
        record.points = session.recordedPoints
        return record
    }
}

extension SamplingSchedule {
    init(_ plan: RunPlan) {
        self.init(
            targetInterval: plan.targetInterval,
            budgetNanoseconds: UInt64(plan.budgetSeconds * 1e9),
            warmup: plan.warmup,
            trials: plan.trials,
            replicates: plan.replicates
        )
    }
}
