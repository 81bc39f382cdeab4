import Attention
import Files
import Host
import Plan
import Platform
import Record
import Statistics
import Tensors
import Work

/// One run or sweep, from plan to record.
///
/// It is refused before anything is started, and its record holds all measurements, however it
/// ends.
package struct Experiment {
    /// With what its input decides, and found sound.
    package let plan: RunPlan
    private let file: PlanFile?
    private let host: HostDescription
    private let files: InputFiles
    /// What in the input may not be meant.
    private let doubts: [MeasurementWarning]
    private let stated: Set<String>
    private let injectedFaults: [Int: String]
    private let interruption: Interruption

    /// Reads the input that a plan names, and validates the plan.
    ///
    /// `file` is where the plan began, if it was read; errors name it. `stated` are the user's
    /// flags that an input file also decides or makes void.
    package init(
        _ plan: RunPlan,
        from file: PlanFile? = nil,
        stated: Set<String> = [],
        injectedFaults: [Int: String] = [:],
        interruption: Interruption
    ) throws(ExperimentError) {
        let host = HostDescription.measuring()
        let files = try InputFiles(plan, stated: stated)
        var sound = plan
        do throws(ExperimentError) {
            sound = try plan.adopting(files, stated: stated)
            try sound.onOnlyPlane.validate(
                availableMemoryBytes: host.usableMemoryBytes,
                input: try sound.problem.inputMask(files.tensors)
            )
            try sound.requireProcessors(allowed: host.allowedCPUs)
            // The session looks again; here, nothing has begun.
            _ = try RunNetwork(sound)
        } catch {
            throw file?.naming(error, in: sound) ?? error
        }
        self.plan = sound.withOutputRoute
        self.file = file
        self.host = host
        self.files = files
        doubts = files.doubts(self.plan, stated: stated)
        self.stated = stated
        self.injectedFaults = injectedFaults
        self.interruption = interruption
    }

    /// Reserves the files of `--output` and `--weights`, if the plan has any.
    package func reserveTensorFiles() throws(ExperimentError) -> TensorFiles {
        do throws(ExperimentError) {
            return try TensorFiles(plan)
        } catch {
            throw file?.naming(error, in: plan) ?? error
        }
    }

    /// Measures, and writes the record and the tensors.
    ///
    /// `note` gets what the user should know before the figures, a sentence each. With a `traceFile`, trials
    /// that are traced follow the measured ones.
    package func measure(
        into store: consuming RecordStore,
        _ tensorFiles: consuming TensorFiles,
        traceFile: TextOutput? = nil,
        note: @escaping (String) -> Void,
        progress: ProgressReport
    ) throws -> Measured<RunRecord> {
        let start = Clock.nanoseconds
        let attendance = try Attendance.taken(plan, interruption, say: note)
        let plan = self.plan.with(atMost: attendance?.came)
        var record = RunRecord(
            plan: plan,
            host: host,
            started: UTCTime.now.text,
            commandLine: CommandLine.arguments
        )
        record.attendance = attendance
        record.warnings = doubts.isEmpty ? nil : doubts
        record.inputMask = files.tensors.flatMap { plan.mask.usesInput ? $0.maskNames : nil }
        var nonFiniteCount = 0
        let inputs = try SessionInputs.make(plan, files, nonFiniteCount: &nonFiniteCount)
        for sentence in notes { note(sentence) }
        if nonFiniteCount > 0 {
            let seen = inputs.nonFiniteCount()
            let found = counted(nonFiniteCount, "input element is", "input elements are")
            let shown = seen.map { "; the mask shows \($0 == 0 ? "none of them" : "\($0)")" }
            note("\(found) NaN or infinite\(shown ?? "")")
        }
        let session = try Session(
            plan: plan,
            inputs: inputs,
            isExternal: files.areThere,
            injectedFaults: injectedFaults,
            measuresLinks: true,
            since: start,
            interruption: interruption,
            say: note
        )
        record.plan = session.plan
        record.planeDecision = session.planeDecision
        record.network = session.network.summary
        record.pinning = PinningSummary(session.claims.pinning)
        if let obstacle = session.claims.pinning.obstacle {
            note("the scheduler may move workers between processors, because \(obstacle)")
        }
        if let sharing = MeasurementWarning.sharing(session.claims.pinning.shared) {
            record.warnings = (record.warnings ?? []) + [sharing]
        }
        var recorder = RunRecorder(
            session: session,
            record: record,
            store: store,
            traceFile: traceFile
        )
        var failure = recorder.measure(progress)
        var untraced: (any Error)?
        if failure == nil {
            untraced = recorder.writeTrace()
            // The measurements are kept, even if these writes fail.
            failure = recorder.writeTensors(
                &tensorFiles,
                inputShape: files.tensors?.outputShape,
                progress
            )
        }
        let obstacle = recorder.finish(failure)
        return Measured(
            recorder.hasResult ? recorder.record : nil,
            path: recorder.path,
            notes: (tensorFiles.note.map { [$0] } ?? []) + (recorder.traceNote.map { [$0] } ?? []),
            unwritten: tensorFiles.unwritten + (recorder.traceFile == nil ? [] : ["--trace"]),
            failure: failure ?? obstacle ?? untraced
        )
    }

    private var notes: [String] {
        let cores = plan.usableCPUs(of: host.usableCPUs)
        let notes = [plan.oversubscription(coreCount: cores), plan.fewSpans].compactMap { $0 }
        return notes + files.notes(plan, stated: stated)
    }
}
