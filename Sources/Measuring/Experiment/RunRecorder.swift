import Files
import Plan
import Platform
import Record
import Statistics

/// The rounds of a session and their record, which is rewritten as they go.
struct RunRecorder: ~Copyable {
    private let session: Session
    private var store: RecordStore
    private(set) var record: RunRecord
    private var schedule: SamplingSchedule
    private var loadBefore: MachineLoad?

    /// The file of the record, unless it could not be written.
    private(set) var path: String?
    /// Whether there is a record in the file.
    private var isKept: Bool { store.isFilled }
    /// Whether there is something to print.
    private(set) var hasResult = false

    init(session: Session, record: RunRecord, store: consuming RecordStore) {
        self.session = session
        schedule = SamplingSchedule(session.plan)
        self.record = record
        path = store.path
        self.store = store
    }

    /// Measures until the schedule has enough; returns the reason for an early stop, if there was
    /// one.
    mutating func measure(_ progress: ProgressReport) -> RunError? {
        defer { session.shutDown() }
        do throws(RunError) {
            try session.prepare { step in progress(nil) { step } }
            update()
            loadBefore = .current()
            // A copy, because this value changes after every round.
            var schedule = schedule
            defer { self.schedule = schedule }
            record.sampling = try session.sample(&schedule, progress) { schedule in
                keep(&schedule)
            }
            update()
            record.warnings =
                (record.warnings ?? [])
                + record.measurementWarnings(
                    loads: (loadBefore, .current()),
                    peakAfter: KernelRoofs.fmaGigaflopsPerSecond(session.expected.kernel)
                )
            return nil
        } catch {
            if record.roofs != nil {
                record.sampling = schedule.interrupted { session.replicateSamples }
            }
            return error
        }
    }

    /// Writes the output and the weights if they are requested; returns the error, if there was
    /// one.
    ///
    /// `inputShape` is the shape of the output that belongs to an input file.
    mutating func writeTensors(
        _ files: inout TensorFiles,
        inputShape: [Int]?,
        _ progress: ProgressReport
    ) -> RunError? {
        do throws(RunError) {
            try files.writeOutput(of: session, shape: inputShape)
            let outputShape = inputShape ?? session.plan.largest.shape.outputShape
            record.weights = try files.writeWeights(of: session, outputShape: outputShape) { done in
                progress(done) { "writing the weights" }
            }
            return nil
        } catch {
            return error
        }
    }

    private mutating func keep(_ schedule: inout SamplingSchedule) {
        let (record, session) = (record, session)
        let nanoseconds = store.keep { Optional(session.updated(record)) }
        schedule.noteKeeping(nanoseconds: nanoseconds)
    }

    private mutating func update() { record = session.updated(record) }

    /// Closes the record with a verdict and writes it, unless no trial was finished.
    ///
    /// Returns why the record is not in its file, if it should be; it can still be printed.
    mutating func finish(_ failure: RunError?) -> ExperimentError? {
        session.confirmRoofs()
        update()
        // An interrupted run has this warning, too.
        let strangers = record.strangerWarnings
        if !strangers.isEmpty { record.warnings = (record.warnings ?? []) + strangers }
        record.close(failure?.description, baseCaseReasons: session.baseCaseReasons)
        record.exitCode = failure?.exitCode ?? record.ending.code
        let hasSamples = record.points.contains { !$0.samples.isEmpty || !$0.faults.isEmpty }
        guard failure == nil || hasSamples || isKept else { return nil }
        hasResult = true
        let obstacle = store.finish(record)
        if obstacle != nil { path = nil }
        return obstacle
    }
}
