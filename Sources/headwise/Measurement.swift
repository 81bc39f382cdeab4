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
    private var lastWrite: UInt64 = 0
    /// Whether there is a record in the file.
    private(set) var isKept = false

    /// A record is kept at least this often: an interrupted run loses a second of samples at most.
    private static let writeIntervalNanoseconds: UInt64 = 1_000_000_000

    var path: String { store.path }

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
            record.sampling = try session.sample(&schedule, progress: progress) { _ in keep() }
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
    mutating func writeTensors(
        _ files: inout TensorFiles,
        outputShape: [Int],
        progress: ProgressLine
    ) -> ClusterError? {
        defer { progress.clear() }
        do throws(ClusterError) {
            try files.writeOutput(of: session, shape: outputShape)
            record.weights = try files.writeWeights(of: session, outputShape: outputShape) { done in
                progress.show(fraction: done) { "writing the weights" }
            }
            return nil
        } catch {
            return error
        }
    }

    private mutating func keep() {
        let now = Clock.nanoseconds
        guard now - lastWrite >= Self.writeIntervalNanoseconds else { return }
        lastWrite = now
        update()
        // The record at the end has all of this again, and says so if it cannot be written.
        if (try? store.write(record)) != nil { isKept = true }
    }

    private mutating func update() {
        record.baseCases = session.recordedBaseCases
        record.points = session.recordedPoints
    }

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
        let code =
            failure?.exitCode
            ?? Self.exitCode(of: record, isImpossible: !session.baseCaseReasons.isEmpty)
        let reasons =
            session.baseCaseReasons + record.points.flatMap { $0.verdict.reasons }
            + (record.weights?.status == "DISAGREES" ? record.weights?.reasons ?? [] : [])
        record.verdict = Verdict(
            reasons: (failure.map { [$0.description] } ?? []) + reasons,
            sentence: VerdictSentence.sentence(for: record),
            // Figures that cannot be are no better for being few.
            isFinished: failure == nil || !reasons.isEmpty,
            disturbances: record.disturbances.filter(\.isMost).map(\.sentence)
        )
        record.exitCode = code
        let hasSamples = record.points.contains { !$0.samples.isEmpty || !$0.faults.isEmpty }
        if failure == nil || hasSamples || isKept {
            try store.write(record)
            isKept = true
        }
        return code
    }

    /// The first that applies of 10, 11 and 12.
    private static func exitCode(of record: RunRecord, isImpossible: Bool) -> Int32 {
        let points = record.points
        let statuses =
            points.map(\.verification.status) + (record.weights.map { [$0.status] } ?? [])
        if statuses.contains("DISAGREES") { return 10 }
        if statuses.contains("MISTRUSTED") { return 11 }
        let isInvalid = isImpossible || points.contains { $0.verdict.status == .invalid }
        let isTooLoud = record.plan.requireQuiet && record.isDisturbed
        return isInvalid || isTooLoud ? 12 : 0
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
