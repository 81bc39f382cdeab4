import Record

/// A run: worker by worker; a sweep: one worker count beside the other, and how it scales.
extension RunRecord: PresentedRecord {
    package var presentation: Presentation {
        var tables = PointTable.presented(points)
        if plan.kind == .run {
            tables += points.compactMap(TimeTable.byWorker)
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
            notes: [
                analysis.map(AnalysisTable.findings) ?? [],
                Notes.sampling(self)
                    + (mark == nil
                        ? Notes.verification(
                            points,
                            isMixed: plan.instructionSet?.isMixed == true
                        ) : ["Checked: nothing"])
                    + (emulatedNanosecondsPerPair.map {
                        ["Emulated: \(Units.fine($0)) ns for each pair of query and key"]
                    } ?? []) + Notes.weights(weights) + Notes.training(self)
                    + Notes.attendance(self) + Notes.plane(planeDecision) + Notes.moving(points)
                    + Notes.problems(points),
            ]
        )
    }
}
