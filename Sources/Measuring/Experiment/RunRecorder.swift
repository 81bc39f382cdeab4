import Files
import Plan
import Platform
import Record
import Statistics
import Traces
import Work

/// The rounds of a session and their record, which is rewritten as they go.
struct RunRecorder: ~Copyable {
    private let session: Session
    private var store: RecordStore
    private(set) var record: RunRecord
    private var schedule: SamplingSchedule
    private var loadBefore: MachineLoad?
    /// The file of a trace, if one is wanted and still to be written.
    private(set) var traceFile: TextOutput?
    private var trials: [TrialTrace] = []
    /// Why tracing ended early; what was measured before is whole.
    private var traceFailure: RunError?
    /// What the trace's file holds, once it is written.
    private(set) var traceNote: String?

    /// The file of the record, unless it could not be written.
    private(set) var path: String?
    /// Whether there is a record in the file.
    private var isKept: Bool { store.isFilled }
    /// Whether there is something to print.
    private(set) var hasResult = false

    init(
        session: Session,
        record: RunRecord,
        store: consuming RecordStore,
        traceFile: TextOutput?
    ) {
        self.session = session
        schedule = SamplingSchedule(session.plan)
        self.record = record
        path = store.path
        self.store = store
        self.traceFile = traceFile
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
            var (trials, traceFailure) = ([TrialTrace](), RunError?.none)
            let isTraced = traceFile != nil
            record.sampling = try session.sample(&schedule, progress) { schedule in
                keep(&schedule)
            } finished: {
                guard isTraced else { return }
                do throws(RunError) {
                    try session.trace(into: &trials) { step in progress(nil) { step } }
                } catch {
                    traceFailure = error
                }
            }
            (self.trials, self.traceFailure) = (trials, traceFailure)
            update()
            record.warnings =
                (record.warnings ?? [])
                + record.measurementWarnings(
                    loads: (loadBefore, .current()),
                    peakAfter: KernelRoofs.fmaGigaflopsPerSecond(session.expected.kernel)
                )
            return lossOfEveryTrial
        } catch {
            if record.roofs != nil {
                record.sampling = schedule.interrupted { session.replicateSamples }
            }
            return error
        }
    }

    /// Why workers have no time although they were measured: each of their trials lost one.
    private var lossOfEveryTrial: RunError? {
        let point = record.points.first {
            $0.samples.isEmpty && $0.incompleteTrials ?? 0 > 0
                && $0.verification.status != .disagrees
        }
        guard let point else { return nil }
        let last = point.faults.last.map { "; the last loss: worker \($0.worker) \($0.reason)" }
        return RunError(
            .unfinished,
            "no trial was finished by all of \(counted(point.workers, "worker"))\(last ?? ""); "
                + "see why it was lost, or use fewer --workers"
        )
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

    /// Writes the trace if it is wanted; returns the error, if there was one.
    mutating func writeTrace() -> (any Error)? {
        guard let file = traceFile else { return nil }
        guard !trials.isEmpty else {
            return traceFailure
                ?? RunError(
                    .unfinished,
                    "no traced trial was finished, so --trace \(file.path) was not written"
                )
        }
        let about = TraceAbout(
            commandLine: record.commandLine,
            started: record.started,
            note: (record.plan.compute.markInWords.map { "\($0); " } ?? "") + Self.aboutTrials,
            mark: record.mark,
            measuredMedianNanoseconds: record.points.last?.summary?.wall.medianNanoseconds
        )
        do {
            let document = TraceDocument(trials, about)
            try file.write(try document.text())
            traceFile = nil
            let left = document.about.leftOutActivities
            traceNote =
                "trace: \(file.path): \(counted(trials.count, "trial")) after the measured ones"
                + (left > 0 ? "; \(left) activities were left out" : "")
            return traceFailure
        } catch {
            return error
        }
    }

    private static let aboutTrials =
        "trials of their own after the measured ones, with the last worker count of the plan; no time of "
        + "them is in the record, since noting moments takes time"

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
        // An interrupted run has these warnings, too.
        let others = record.strangerWarnings + record.linkWarnings
        if !others.isEmpty { record.warnings = (record.warnings ?? []) + others }
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
