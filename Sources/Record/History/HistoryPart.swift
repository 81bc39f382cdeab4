import Attention
import Plan
import Statistics

/// What a record gives to a history.
package struct HistoryPart: Sendable {
    /// What was measured, in a few words.
    var plan: String
    var planDigest: String?
    /// Two records of one machine with equal keys measured the same.
    var key: String
    /// Empty where there are no times, or where they mean nothing.
    var figures: [HistoryFigure] = []
    /// Which of the figures stands for the record.
    var main: Int?
}

/// A record with a place in a history: one of a measurement.
package protocol HistoricRecord: KeptRecord {
    var historyPart: HistoryPart { get }
}

extension HistoricRecord {
    /// The standing, or that a check proved nothing.
    var historyStanding: String {
        isUnproved ? VerificationStatus.mistrusted.rawValue : standing
    }
}

extension RunRecord: HistoricRecord {
    package var historyPart: HistoryPart {
        // Whether a set is forced or the machine's best makes no other kernel.
        var plan = plan
        if plan.instructionSet?.isMixed == false { plan.instructionSet = nil }
        let counts = plan.workers.map { "\($0)" }.joined(separator: ", ")
        let words =
            [plan.brief, "workers \(counts)"] + plan.unusual
            + (plan.instructionSet.map { ["instruction sets \($0)"] } ?? [])
        let hasTimes =
            verdict?.status != .invalid
            && !checks.contains { $0 == .disagrees || $0 == .mistrusted }
        let figures = points.compactMap { point in
            point.summary.map { summary in
                HistoryFigure(
                    Units.counted(point.workers, "worker"),
                    summary.wall,
                    speedup: summary.speedup,
                    gigaflopsPerSecond: summary.gigaflopsPerSecond
                )
            }
        }
        let measured = points.filter { $0.summary != nil }
        let most = plan.workers.max()
        return HistoryPart(
            plan: (plan.name.map { "\($0): " } ?? "") + words.joined(separator: ", "),
            planDigest: self.plan.digest,
            key: "run \(plan.digest) \(usedInstructionSet)\(sharing)",
            figures: hasTimes ? figures : [],
            // The time of fewer workers would be no figure of the same kind.
            main: hasTimes ? measured.firstIndex { $0.workers == most } : nil
        )
    }

    /// By how many workers share a process, times differ; nothing where none do.
    private var sharing: String {
        let shares = points.compactMap { point in
            point.workersPerProcess.map { " \(point.workers)/\($0)" }
        }
        return shares.joined()
    }

    /// The record without what a comparison does not read, which is most of it.
    package var withoutWorkerTimes: RunRecord {
        var record = self
        for point in record.points.indices {
            for sample in record.points[point].samples.indices {
                record.points[point].samples[sample].workers = []
            }
        }
        return record
    }
}

extension KernelRecord: HistoricRecord {
    package var historyPart: HistoryPart {
        let sets = Set(rows.map(\.instructionSet)).map(\.rawValue).sorted()
        let setNames = sets.joined(separator: ", ")
        let threads = Set(rows.map(\.threads)).sorted().filter { $0 > 1 }
        let isSuite = rows.contains { $0.name != nil }
        let what =
            rows.count == 1
            ? rows[0].title
            : (isSuite ? "suite, " : "") + "\(Units.counted(rows.count, "row")), \(setNames)"
        let hasTimes = verdict?.status != .invalid
        return HistoryPart(
            plan: ([what] + threads.map { "\($0) threads" }).joined(separator: ", "),
            key: "kernel " + rows.map(\.identity).joined(separator: "\n"),
            figures: hasTimes
                ? rows.map { row in
                    HistoryFigure(
                        row.title,
                        row.summary,
                        gigaflopsPerSecond: row.gigaflopsPerSecond
                    )
                } : [],
            main: hasTimes ? bestRowIndex : nil
        )
    }

    private var bestRowIndex: Int? {
        rows.indices.max { (rows[$0].fractionOfPeak ?? 0) < (rows[$1].fractionOfPeak ?? 0) }
    }
}

extension KernelRow {
    /// Everything that makes another row of it.
    fileprivate var identity: String {
        let parts: [Any?] = [
            instructionSet, threads, shape, mask, layer, product, name, softCap, score, alibi,
        ]
        return parts.map { $0.map { "\($0)" } ?? "" }.joined(separator: " ")
    }
}

extension WireRecord: HistoricRecord {
    package var historyPart: HistoryPart {
        let waits = taskNanoseconds.map { ["waits \(Units.time(Double($0)))"] } ?? []
        let transports = roundTrips.map(\.transport.rawValue)
        let trips = roundTrips.map { trip in
            HistoryFigure(
                "one task, \(trip.transport.rawValue)",
                trip.times.summary,
                gigaflopsPerSecond: nil
            )
        }
        let many = tasks.map { entry in
            HistoryFigure(
                "\(Units.counted(entry.tasks, "task")), \(entry.transport.rawValue), "
                    + "\(Units.counted(entry.workers, "worker"))"
                    + (entry.workersPerProcess.map { " (\($0) a process)" } ?? "")
                    + ", credit \(entry.credit)",
                entry.times.summary,
                gigaflopsPerSecond: nil
            )
        }
        let figures = wrongBytes == 0 ? trips + many : []
        // What differs between two plans.
        let sizes = [
            Set(tasks.map(\.workers)).sorted().map { "\($0)" }.joined(separator: "/") + " workers",
            "credit " + Set(tasks.map(\.credit)).sorted().map { "\($0)" }.joined(separator: "/"),
        ]
        return HistoryPart(
            plan: (["tasks on the way, \(Units.listed(transports))"] + waits + sizes).joined(
                separator: ", "
            ),
            key: "wire " + (waits + figures.map(\.label)).joined(separator: "\n"),
            figures: figures,
            main: figures.isEmpty ? nil : 0
        )
    }
}

extension CompareRecord: HistoricRecord {
    package var historyPart: HistoryPart {
        let verdicts = points.flatMap(\.statistics).map(\.verdict)
        let sides = "\(first.path) and \(second.path)"
        let isTold = verdict?.status != .invalid && !verdicts.isEmpty
        return HistoryPart(
            plan: sides
                + (isTold ? ": \(TimeComparison.Verdict.overall(verdicts).rawValue)" : ""),
            key: "compare \(first.plan.digest) \(second.plan.digest) \(sides)"
        )
    }
}

extension VerifyRecord: HistoricRecord {
    package var historyPart: HistoryPart {
        let sets = instructionSets.map(\.rawValue).joined(separator: ", ")
        return HistoryPart(
            plan: "\(Units.counted(rows.count, "check")) on \(sets)",
            key: "verify \(sets) \(randomCases) \(seed) \(isOfOneCase ? rows[0].specification : "")"
        )
    }
}
