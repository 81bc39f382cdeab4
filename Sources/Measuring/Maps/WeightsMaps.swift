import Attention
import Files
import Host
import Plan
import Platform
import Record
import Statistics
import Tensors
import Work

extension MapRecord {
    /// Computes the weights of a plan's problem, and draws what is asked for.
    ///
    /// `stated` are the user's flags, as for `Experiment`.
    package static func weights(
        of plan: RunPlan,
        stated: Set<String>,
        _ request: MapRequest,
        interruption: Interruption,
        note: (String) -> Void,
        progress: ProgressReport
    ) throws -> Measured<MapRecord> {
        let (plan, files, host) = try sound(plan, stated)
        for sentence in files.notes(plan, stated: stated) { note(sentence) }
        progress(nil) { "making the inputs" }
        var nonFinite = 0
        let inputs = try SessionInputs.make(plan, files, nonFiniteCount: &nonFinite)
        let shape = inputs.problem.attended.shape
        var drawing = try MapDrawing(
            request,
            sizes: [shape.batch, shape.heads, shape.queryLength, shape.keyLength],
            isData: inputs.problem.operation.pooling != nil
        )
        progress(nil) { "computing the weights" }
        let weights = try ComputedWeights(
            plan,
            inputs,
            isExternal: files.areThere,
            interruption: interruption
        )
        var reports: [WeightsReport] = []
        for slice in drawing.slices {
            var pass = drawing.begin(slice)
            reports.append(
                try weights.visit(slice: slice, rows: drawing.rows) {
                    row,
                    isFilled,
                    keys,
                    weights in
                    let pairs = zip(keys, weights).lazy.map { (key: Int($0), weight: $1) }
                    pass.add(row, pairs, isFilled: isFilled)
                }
            )
            drawing.finish(pass)
        }
        var record = drawing.record(.weights, host: host)
        record.plan = plan
        record.instructionSet = weights.instructionSet
        record.check = Check(reports, output: weights.outputCheck, of: shape)
        record.exitCode = record.ending
        return Measured(record, notes: drawing.notes)
    }

    /// Draws weights that are in a file.
    package static func weights(
        in file: StoredWeights,
        path: String,
        _ request: MapRequest,
        interruption: Interruption
    ) throws -> Measured<MapRecord> {
        var drawing = try MapDrawing(request, sizes: file.shape, isData: false)
        for slice in drawing.slices {
            var pass = drawing.begin(slice)
            for row in drawing.rows {
                try interruption.check()
                pass.add(row, try file.row(slice * file.shape[2] + row))
            }
            drawing.finish(pass)
        }
        var record = drawing.record(.weights, host: .measuring())
        record.file = path
        record.exitCode = record.ending
        return Measured(record, notes: drawing.notes)
    }

    /// Draws which keys a plan's mask shows, and counts the work.
    package static func mask(
        of plan: RunPlan,
        stated: Set<String>,
        _ request: MapRequest,
        interruption: Interruption
    ) throws -> Measured<MapRecord> {
        let (plan, files, host) = try sound(plan, stated)
        var nonFinite = 0
        let inputs = try SessionInputs.make(plan, files, nonFiniteCount: &nonFinite)
        let problem = inputs.problem
        let shape = problem.shape
        var request = request
        request.reduction = .mean
        /// What a map is called that stands for several slices.
        var commonTitle: ((_ map: Int) -> String)?
        var notes: [String] = []
        if request.slices == nil {
            let mask = problem.mask
            let differsByHead = mask.visibility.differsByHead || mask.pattern.differsByHead
            let differs = mask.lengths != .none || mask.visibility != .none || differsByHead
            // Slices that see the same are drawn once.
            request.slices =
                differs && !differsByHead
                ? .some(
                    (0..<min(MapRequest.usualMaps, shape.batch)).map { .init(batch: $0, head: 0) }
                )
                : differs ? nil : .some([.init(batch: 0, head: 0)])
            if !differsByHead { commonTitle = { differs ? "batch \($0)" : "every slice" } }
            if differs, !differsByHead, shape.batch > MapRequest.usualMaps {
                notes = [
                    MapDrawing.selected(
                        MapRequest.usualMaps,
                        of: shape.batch,
                        "batch elements",
                        "--slices"
                    )
                ]
            }
        }
        var drawing = try MapDrawing(
            request,
            sizes: [shape.batch, shape.heads, shape.queryLength, shape.keyLength],
            isData: false
        )
        let view = unsafe inputs.view
        var keys = unsafe WeightKeys(problem, view)
        for slice in drawing.slices {
            var pass = drawing.begin(slice)
            for row in drawing.rows {
                try interruption.check()
                pass.beginRow()
                unsafe keys.forEachVisible(slice: slice, row: row) { pass.add(row, $0) }
                pass.endRow()
            }
            drawing.finish(pass)
        }
        var record = drawing.record(.mask, host: host)
        record.plan = plan
        if let commonTitle {
            for index in record.maps.indices {
                record.maps[index].title = commonTitle(index)
                record.slices[index].title = commonTitle(index)
            }
        }
        let pairs = unsafe problem.visiblePairs(lengths: view.lengths, visibility: view.visibility)
        let preparation = unsafe problem.preparationFlops(
            lengths: view.lengths,
            visibility: view.visibility
        )
        record.work = MaskWork(
            visiblePairs: pairs,
            pairs: shape.sliceCount * shape.queryLength * shape.keyLength,
            flops: pairs * problem.flopsPerPair + preparation
        )
        record.exitCode = EndCode.done
        withExtendedLifetime(inputs) {}
        return Measured(record, notes: notes + drawing.notes)
    }

    private static func sound(
        _ plan: RunPlan,
        _ stated: Set<String>
    ) throws(ExperimentError) -> (RunPlan, InputFiles, HostDescription) {
        let host = HostDescription.measuring()
        let files = try InputFiles(plan, stated: stated)
        let sound = try plan.adopting(files, stated: stated)
        try sound.validate(
            availableMemoryBytes: host.usableMemoryBytes,
            input: try sound.problem.inputMask(files.tensors)
        )
        return (sound, files, host)
    }
}

extension MapRecord.Check {
    /// One check of the rows of several slices, and of the output that they follow from, if any.
    init(_ reports: [WeightsReport], output: VerificationReport?, of shape: AttentionShape) {
        let statuses = reports.map(\.status) + (output.map { [$0.status] } ?? [])
        let worst: [VerificationStatus] = [.disagrees, .mistrusted, .unchecked]
        self.init(
            status: worst.first { statuses.contains($0) } ?? .agrees,
            rowsChecked: reports.reduce(0) { $0 + $1.rowsChecked },
            rowsTotal: shape.sliceCount * shape.queryLength,
            maxRelativeError: reports.map(\.maxRelativeError).max(),
            boundRelative: reports.map(\.boundRelative).max(),
            reasons: (output?.reasons ?? []) + reports.flatMap(\.reasons)
        )
    }
}
