import Record

/// A run: worker by worker; a sweep: one worker count beside the other, and how it scales.
extension RunRecord: PresentedRecord {
    package var hasFigures: Bool {
        !baseCases.isEmpty || points.contains { !$0.samples.isEmpty }
    }

    package var presentation: Presentation {
        var tables = PointTable.presented(points)
        if plan.kind == .run {
            tables += points.compactMap(TimeTable.byWorker)
            tables += LinkTable.presented(self)
        } else {
            tables += TimeTable.byPoint(points)
        }
        if let hosts = WorkerHostTable.presented(points) { tables.append(hosts) }
        if let stages = StageTable.presented(points) { tables.append(stages) }
        if let steps = StepTable.presented(points) { tables.append(steps) }
        if let training { tables.append(TrainingTable.table(training)) }
        if let analysis { tables += AnalysisTable.tables(analysis) }
        if let mark {
            for index in tables.indices {
                tables[index].title = "\(mark). \(tables[index].title ?? "Times:")"
            }
        }
        return Presentation(
            headlines: (mark == nil ? Headlines.baseCases(of: self) : []) + [
                Headlines.problem(plan, inputMask: inputMask), Headlines.cluster(of: self),
            ],
            tables: tables,
            notes: [analysis.map(AnalysisTable.findings) ?? [], notes]
        )
    }

    private var notes: [String] {
        var notes = Notes.sampling(self)
        let isMixed = plan.instructionSet?.isMixed == true
        notes +=
            mark == nil
            ? Notes.verification(points, isMixed: isMixed) : ["Checked: nothing"]
        if let time = emulatedNanosecondsPerPair {
            notes.append("Emulated: \(Units.fine(time)) ns for each pair of query and key")
        }
        notes += Notes.weights(weights) + Notes.training(self) + Notes.attendance(self)
        notes += Notes.processes(points.map { ($0.workers, $0.workersPerProcess) })
        notes += Notes.shards(points) + Notes.plane(planeDecision) + Notes.moving(points)
        notes += Notes.starts(points) + Notes.links(self) + Notes.problems(points)
        return notes
    }
}
