import Attention
import Cluster
import Files
import Host
import Measuring
import Plan
import Platform
import Record
import Report
import Statistics
import Tables
import Tensors
import Work

/// One run or sweep from plan to record: the work of `run`, `scale` and plain `headwise`.
///
/// All refusals come before anything is started. The record holds all measurements, however the run
/// ends.
struct ExperimentJob {
    let plan: RunPlan
    /// Where the plan began, if it was read.
    let file: PlanFile?
    /// The user's flags that an input file also decides or makes void.
    let stated: Set<String>
    /// The number of restarts that the user set by a flag.
    let statedReplicates: Int?
    let output: OutputOptions
    let report: ReportOptions
    let injectedFaults: [Int: String]
    let interruption: Interruption

    func run() throws {
        let host = HostDescription.current(libzmqVersion: Cluster.libraryVersion)
        let external = try plan.input.map { path throws(ExperimentError) in
            try ExternalTensors(reading: path, layout: self.plan.layout)
        }
        let plan = try soundPlan(host, external)
        // Before any file is reserved: the second flag would find it and say "exists already".
        let newFiles = [
            ("--record", output.record), ("--output", plan.output), ("--weights", plan.weights),
        ]
        try ReportOptions.requireDifferent(newFiles)
        let page = try report.writer(beside: newFiles)
        var files = try tensorFiles(plan)
        let store =
            if let path = output.record {
                try RecordStore.reserve(path: path)
            } else {
                try RecordStore.reserve(name: plan.name ?? plan.kind.rawValue)
            }
        var record = RunRecord(
            plan: plan,
            host: host,
            started: UTCTime.now.text,
            commandLine: CommandLine.arguments
        )
        let doubts = external.map { plan.doubts(about: $0, stated: stated) } ?? []
        record.warnings = doubts.isEmpty ? nil : doubts
        var nonFiniteCount = 0
        let inputs = try SessionInputs.make(
            plan: plan,
            external: external,
            nonFiniteCount: &nonFiniteCount
        )
        let seenCount = nonFiniteCount == 0 ? 0 : inputs.nonFiniteCount()
        warn(plan, host, external, doubts, nonFinite: (nonFiniteCount, seenCount))
        let session = try Session(
            plan: plan,
            inputs: inputs,
            isExternal: external != nil,
            injectedFaults: injectedFaults,
            interruption: interruption
        )
        var measurement = Measurement(session: session, record: record, store: store)
        let progress = ProgressLine(isQuiet: output.quiet)
        var failure = measurement.run(progress: progress)
        if failure == nil {
            // The measurements are kept, even if these writes fail.
            failure = measurement.writeTensors(
                &files,
                inputShape: external?.outputShape,
                progress: progress
            )
        }
        let code = try measurement.finish(failure)
        let path = measurement.path
        if let failure, !measurement.isKept {
            throw failure.orInterrupted("no trial was finished, so nothing was written")
        }
        try present(measurement.record, path: path)
        if let note = files.note, !output.quiet { Output.note(note) }
        if let failure, failure.isInterruption {
            let ending = page == nil ? "" : "; no page was drawn"
            throw failure.orInterrupted(
                "the workers are gone, and what was measured is kept in \(path)\(ending)"
            )
        }
        do {
            try draw(page, measurement.record, path: path, interruption)
        } catch let error as ClusterError {
            throw error.orInterrupted("no page was written, but the record is in \(path)")
        }
        if let failure { throw failure }
        if code != 0 { throw ExitStatusRequest(code: code) }
    }

    /// The plan with what its input decides, validated.
    private func soundPlan(
        _ host: HostDescription,
        _ external: ExternalTensors?
    ) throws(ExperimentError) -> RunPlan {
        var plan = plan
        do throws(ExperimentError) {
            if let external { plan = try plan.adopting(external, stated: stated) }
            try plan.validate(
                availableMemoryBytes: host.usableMemoryBytes,
                input: try plan.problem.inputMask(external)
            )
            return plan.withOutputRoute
        } catch {
            throw file?.naming(error, in: plan) ?? error
        }
    }

    private func tensorFiles(_ plan: RunPlan) throws(ExperimentError) -> TensorFiles {
        do throws(ExperimentError) {
            return try TensorFiles(plan)
        } catch {
            throw file?.naming(error, in: plan) ?? error
        }
    }

    /// Notes for the user before the figures, on standard error.
    private func warn(
        _ plan: RunPlan,
        _ host: HostDescription,
        _ external: ExternalTensors?,
        _ doubts: [MeasurementWarning],
        nonFinite: (count: Int, seenCount: Int)
    ) {
        guard !output.quiet else { return }
        if let sentence = plan.oversubscription(coreCount: host.usableCPUCount) {
            Output.note("note: \(sentence)")
        }
        if let replicates = statedReplicates, let trials = plan.trials, trials < replicates {
            Output.note(
                "note: --trials \(trials) are too few for --replicates \(replicates), so only "
                    + "\(trials) run, with one trial each"
            )
        }
        if let external, !external.ignoredNames.isEmpty {
            let names = external.ignoredNames.joined(separator: ", ")
            let verb = external.ignoredNames.count == 1 ? "is" : "are"
            Output.note("note: \(external.path) also holds \(names), which \(verb) not used")
        }
        if let external, let sentence = plan.unusedMask(of: external) {
            Output.note("note: \(sentence)")
        }
        for doubt in doubts { Output.note("note: \(doubt.sentence); \(doubt.remedy)") }
        if nonFinite.count > 0 {
            let found = counted(nonFinite.count, "input element is", "input elements are")
            let seen = nonFinite.seenCount == 0 ? "none of them" : "\(nonFinite.seenCount)"
            Output.note("note: \(found) NaN or infinite; the mask shows \(seen)")
        }
    }

    /// Draws the page from the record as its file holds it.
    private func draw(
        _ page: PageWriter?,
        _ record: RunRecord,
        path: String,
        _ interruption: Interruption
    ) throws {
        guard let page else { return }
        let text = try JSONText.encode(record)
        try page.write(
            [StoredRecord(path: path, bytes: Array(text.utf8), content: .run(record))],
            isQuiet: output.quiet,
            interruption: interruption
        )
    }

    private func present(_ record: RunRecord, path: String) throws {
        switch output.format {
        case .json:
            Output.print(try JSONText.encode(record), terminator: "")
        case .markdown:
            Output.print(MarkdownTable.rendered(record), terminator: "")
        case .csv:
            Output.print(CSVTable.rendered(record), terminator: "")
        case .table:
            let style = Style.standardOutput
            Output.print(
                record.plan.kind == .run
                    ? RunTable.rendered(record, style: style)
                    : ScaleTable.rendered(record, style: style),
                terminator: ""
            )
        }
        if !output.quiet { Output.note("record: \(path)") }
    }
}
