import Attention
import Host
import Record
import Statistics
import Tables

extension RunRecord: DrawnRecord {
    package func section(title: String) -> Section { RunSection(self).section(title: title) }
}

/// The section of a run or a sweep.
struct RunSection {
    let record: RunRecord
    let facts: RunFacts

    init(_ record: RunRecord) {
        self.record = record
        facts = RunFacts(record)
    }

    func section(title: String) -> Section {
        let efficiency = ScalingFigures.efficiency(facts)
        let parts = [
            figures(
                efficiency == nil ? "Speedup" : "Speedup and efficiency",
                [ScalingFigures.speedup(facts), efficiency]
            ),
            times, links, .init("Workers", WorkerHostTable.table(record.points)), processes,
            figures("Stages", [StageFigure.figure(facts)]),
            .init("Steps", StepTable.table(facts.measured)), training,
            figures("All trials", [LatencyFigure.figure(facts)]), roofline, verification,
            HostPart.warnings(of: record), models, faults, plan, HostPart.part(record.host),
        ]
        // A wrong output has no time.
        let chosen = agreement == .disagrees ? nil : facts.chosen
        return Section(
            record,
            title: title,
            badges: badges,
            context: [
                Headlines.problem(record.plan, inputMask: record.inputMask),
                Headlines.cluster(of: record),
            ],
            keyFigures: keyFigures,
            parts: parts.map(marked),
            what: "\(record.plan.brief), workers \(counts)",
            speedup: .value(chosen.flatMap { facts.speedup($0)?.value }, Units.significant),
            rate: .value(chosen?.summary?.gigaflopsPerSecond, Units.significant),
            repeats: "headwise \(record.kind) --plan FILE"
        )
    }

    private func figures(_ heading: String, _ figures: [Figure?]) -> Section.Part {
        Section.Part(heading: heading, figures: figures.compactMap { $0 })
    }

    /// A part whose heading says what its figures are not.
    private func marked(_ part: Section.Part) -> Section.Part {
        guard let mark = record.mark, !part.figures.isEmpty || !part.tables.isEmpty else {
            return part
        }
        var part = part
        part.heading = "\(mark): \(part.heading)"
        return part
    }

    private var roofline: Section.Part {
        guard record.mark == nil else { return Section.Part(heading: "Roofline") }
        var part = figures("Roofline", [RooflineFigure.run(facts)])
        if facts.operations == nil {
            part.paragraphs = ["This record does not count operations, so there is no roofline."]
        }
        return part
    }

    /// The worst of the points' statuses: one wrong output makes the rest doubtful.
    private var agreement: VerificationStatus {
        let order: [VerificationStatus] = [.disagrees, .mistrusted, .unchecked, .agrees, .exact]
        return order.first { status in
            record.points.contains { $0.verification.status == status }
        } ?? .unchecked
    }

    private var badges: [Section.Badge] {
        // A finished run has a verdict. A wrong or unproved output has no valid time, even if an
        // older record gives one.
        let standing: Section.Badge =
            record.verdict == nil
            ? .init(text: Verdict.Status.unfinished.rawValue, isGood: false)
            : .init(record, isProved: agreement.isGood)
        return [standing, .init(text: agreement.rawValue, isGood: agreement.isGood)]
    }

    private var counts: String {
        let counts = record.points.map { "\($0.workers)" }.joined(separator: ", ")
        return counts.isEmpty ? "none" : counts
    }
}

// MARK: Key figures

extension RunSection {
    private var keyFigures: [Section.KeyFigure] {
        // A trial whose output is wrong has no time, so it has no figures for a card.
        guard agreement != .disagrees, let point = facts.chosen, let summary = point.summary
        else { return [] }
        let threads = point.workers * point.threads
        let name = Units.counted(point.workers, "worker")
        var figures: [Section.KeyFigure] = []
        if let speedup = facts.speedup(point) {
            figures.append(
                beside(
                    speedup,
                    name: "Speedup of \(name) over one thread",
                    ideal: Double(threads),
                    reference: "ideal \(threads) ×"
                )
            )
        }
        figures.append(
            .init(
                name: "Time of a trial, \(name)",
                value: Units.time(summary.wall.medianNanoseconds),
                reference: summary.wall.count == 1
                    ? "the only trial"
                    : "median of \(Units.counted(summary.wall.count, "trial")), "
                        + PointTable.uncertainty(summary.wall)
            )
        )
        figures += [rate(of: point), singleRate, threadsRate(point), link(point)].compactMap { $0 }
        return figures
    }

    /// A speedup with its interval, in words and on a bar whose end is the ideal.
    private func beside(
        _ estimate: Estimate,
        name: String,
        ideal: Double,
        reference: String
    ) -> Section.KeyFigure {
        var figure = Section.KeyFigure(
            name: name,
            value: "\(Units.significant(estimate.value)) ×",
            reference: reference,
            fraction: estimate.value / ideal
        )
        if let lower = estimate.lowerBound, let upper = estimate.upperBound, lower <= upper {
            figure.interval = lower / ideal...upper / ideal
            figure.reference =
                "95 % interval \(Units.significant(lower)) to \(Units.significant(upper)); "
                + reference
        }
        return figure
    }

    private func rate(of point: RunPoint) -> Section.KeyFigure? {
        guard let rate = point.summary?.gigaflopsPerSecond else { return nil }
        let cores = min(point.workers * point.threads, facts.cores)
        return beside(
            rate,
            name: "Speed of \(Units.counted(point.workers, "worker"))",
            cores: cores
        )
    }

    private var singleRate: Section.KeyFigure? {
        if let reading = record.readingOfSingleThread {
            return .init(
                name: "One thread, bound by reading memory",
                value: "\(Units.significant(reading.gigabytesPerSecond)) GB/s",
                reference:
                    "\(Units.percent(reading.fraction)) of one core's measured read bandwidth",
                fraction: reading.fraction
            )
        }
        guard let rate = record.singleThread?.gigaflopsPerSecond else { return nil }
        return beside(rate, name: "Speed of one thread", cores: 1)
    }

    private func beside(_ rate: Double, name: String, cores: Int) -> Section.KeyFigure {
        let roof = facts.multiplyAddRoof.map { $0 * Double(cores) }
        return .init(
            name: name,
            value: "\(Units.significant(rate)) GFLOP/s",
            reference: roof.map {
                "\(Units.percent(rate / $0)) of the measured multiply-add roof"
                    + (cores > 1 ? " of \(cores) cores" : "")
                    + ", \(Units.significant($0)) GFLOP/s"
            } ?? "no roof was measured",
            fraction: roof.map { rate / $0 }
        )
    }

    private func threadsRate(_ point: RunPoint) -> Section.KeyFigure? {
        let threads = point.workers * point.threads
        guard threads > 1,
            let ratio = facts.analysis(of: point)?.speedupOverThreads
                ?? point.summary?.speedupOverThreads.map({ Estimate($0) })
        else { return nil }
        return beside(
            ratio,
            name: "Beside one process with \(Units.counted(threads, "thread"))",
            ideal: 1,
            reference: "at 1 the two are equally fast"
        )
    }

    private func link(_ point: RunPoint) -> Section.KeyFigure? {
        guard let median = point.summary?.wall.medianNanoseconds, !point.samples.isEmpty
        else { return nil }
        let bytes =
            (Double(point.bytesSent) + Double(point.bytesReceived)) / Double(point.samples.count)
        guard bytes > 0 else { return nil }
        let rate = bytes / median
        // Earlier programs copied shared outputs, too.
        let isCopied =
            point.plane.roof == .copying
            || point.outputs == .shared && record.roofs?.copyGigabytesPerSecond != nil
        let roof =
            isCopied ? record.roofs?.copyGigabytesPerSecond : record.roofs?.linkGigabytesPerSecond
        let name = isCopied ? "copying" : "one bare connection"
        return .init(
            name: "Bytes moved in a trial",
            value: Units.bytes(UInt64(min(bytes, 1e18))),
            reference: roof.map {
                "\(Units.significant(rate)) GB/s, \(Units.percent(rate / $0)) of \(name), "
                    + "\(Units.significant($0)) GB/s"
            } ?? "\(Units.significant(rate)) GB/s; \(name) was not measured",
            fraction: roof.map { rate / $0 }
        )
    }
}

// MARK: Parts without pictures

extension RunSection {
    /// What kernel regression learned; empty where nothing is trained.
    private var training: Section.Part {
        let figure = record.training.flatMap(TrainingFigure.figure)
        return Section.Part(
            heading: "Training",
            paragraphs: record.trainingSentence.map { ["\($0)."] } ?? [],
            figures: figure.map { [$0] } ?? [],
            // A figure brings this table with it.
            tables: figure == nil
                ? record.training.map { [TrainingTable.table($0).table] } ?? [] : []
        )
    }

    /// What every process used of the processors; empty for older records.
    private var processes: Section.Part {
        guard let point = facts.chosen, let table = ProcessTable.table(record, point) else {
            return Section.Part(heading: "Processes")
        }
        var facts: [(name: String, value: String)] = []
        if let decision = record.planeDecision {
            facts.append(("plane", "auto took \(Notes.description(of: decision))"))
        }
        if let cost = point.moving {
            facts.append(("moved", Notes.description(of: cost, point)))
        }
        if let starts = Notes.startsInWords([point]) { facts.append(("started", starts)) }
        if let imbalance = point.summary?.imbalance, point.workers > 1 {
            facts.append(
                (
                    "imbalance",
                    "the busiest worker computed \(Units.significant(imbalance)) times as long as the mean"
                )
            )
        }
        return Section.Part(
            heading: "Processes",
            paragraphs: [
                "Means per trial with \(Units.counted(point.workers, "worker")). A switch is voluntary "
                    + "where a thread waits for something, and involuntary where another thread takes "
                    + "its processor. Of one process, only its compute threads are counted as CPU time."
            ],
            facts: facts,
            tables: [table]
        )
    }

    private var verification: Section.Part {
        guard !record.points.isEmpty else {
            return Section.Part(
                heading: "Verification",
                paragraphs: ["No worker count was measured, so there is no output to verify."]
            )
        }
        if let mark = record.plan.compute.markInWords {
            return Section.Part(
                heading: "Verification",
                paragraphs: ["\(mark), so there is no output to verify."]
            )
        }
        var table = TextTable([
            .number("workers"), .words("status"), .words("bits"), .number("differing"),
            .number("largest error"), .number("allowed"), .number("rms error"),
            .number("allowed"), .number("rows"),
        ])
        for point in record.points {
            let found = point.verification
            let bits: TextTable.Cell =
                switch found.bitwiseEqual {
                case true: .init("equal", .good)
                case false: .init("differ", .bad)
                case nil: .absent
                }
            table.addRow([
                "\(point.workers)",
                .init(found.status.rawValue, found.status.isGood ? .good : .bad), bits,
                found.mismatchedElements.map { "\($0)" } ?? .absent,
                .value(found.maxAbsoluteError, Units.scientific),
                .value(found.boundMaxAbsolute, Units.scientific),
                .value(found.rmsError, Units.scientific),
                .value(found.boundRms, Units.scientific),
                "\(found.rowsChecked) of \(found.rowsTotal)",
            ])
        }
        return Section.Part(
            heading: "Verification",
            paragraphs: [
                "Bits: every element of every trial is compared with a single process. Errors: "
                    + "the single process is compared with float64, on the rows counted here."
            ] + (record.weights.map { ["Weights: \(Notes.description(of: $0))."] } ?? []),
            tables: [table],
            items: record.points.flatMap { point in
                point.verification.reasons.map {
                    "\(Units.counted(point.workers, "worker")): \($0)"
                }
            } + (record.weights?.reasons ?? [])
        )
    }

    private var sampling: String? {
        guard let sampling = record.sampling else { return nil }
        let warmup =
            switch sampling.warmupEnd {
            case .steady: "until the trials were steady"
            case .budget: "until its share of the budget was spent"
            case .fixed: "as many as asked for"
            }
        let end =
            switch sampling.end {
            case .interval: "every interval was as narrow as asked for"
            case .budget: "the budget was spent"
            case .replicates:
                "every replicate had enough rounds if replicates did not differ"
            case .trials: "all trials that were asked for were done"
            case .interrupted: "the run ended early"
            }
        let basis = sampling.intervalBasis.map { " \(Notes.basis($0))" } ?? ""
        let intervals = [
            sampling.targetInterval.map { "asked for: ±\(Units.percent($0, isFine: true))" },
            sampling.widestInterval.map {
                "the widest interval: \(Units.halfWidth($0))\(basis)"
            },
        ].compactMap { $0 }.joined(separator: ", ")
        return "\(Units.counted(sampling.warmupRounds, "untimed round")) (\(warmup)), then "
            + "\(Units.counted(sampling.rounds, "timed round")) in "
            + "\(Units.counted(sampling.replicates, "replicate")); sampling "
            + "ended because \(end)\(intervals.isEmpty ? "" : " (\(intervals))")."
    }

    private var models: Section.Part {
        guard let analysis = record.analysis else { return Section.Part(heading: "Models") }
        var table = TextTable([
            .words("model"), .words("parameters (95 % intervals)"),
            .number("error at a point not used in the fit"), .number("fastest at"),
        ])
        for model in analysis.models where model.refusal == nil {
            let parameters = model.parameters.map {
                "\($0.name) \(described($0.estimate) { Units.decimal($0, places: 4) })"
            }
            table.addRow([
                .init(ScalingFigures.name(model.model)), .init(parameters.joined(separator: "; ")),
                .value(model.leaveOneOutError) { Units.percent($0, isFine: true) },
                .value(model.peakWorkers) { "\(Units.significant($0)) workers" },
            ])
        }
        var serial = TextTable([.number("workers"), .number("serial fraction (Karp–Flatt)")])
        for point in analysis.points {
            guard let fraction = point.serialFraction else { continue }
            serial.addRow([
                "\(point.workers)", .init(described(fraction) { Units.decimal($0, places: 4) }),
            ])
        }
        let refusals = analysis.models.compactMap { model in
            model.refusal.map { "\(ScalingFigures.name(model.model)): not fitted, \($0)." }
        }
        return Section.Part(
            heading: "Scaling models",
            tables: [table, serial].filter { !$0.rows.isEmpty },
            items: AnalysisTable.serialFractionNotes(analysis.points).map { "\($0)." } + refusals
        )
    }

    private var faults: Section.Part {
        var table = TextTable([
            .number("workers"), .number("worker"), .number("shard"), .words("trial"),
            .words("seen"), .words("what happened"),
        ])
        for point in record.points {
            for fault in point.faults.prefix(100) {
                table.addRow([
                    "\(point.workers)", "\(fault.worker)",
                    fault.shard.map { "\($0)" } ?? .absent,
                    fault.occasion.map { "\($0)" } ?? .absent,
                    Notes.moment(of: fault).map { "\($0)" } ?? .absent,
                    .init(fault.reason, .bad),
                ])
            }
        }
        let count = record.points.reduce(0) { $0 + $1.faults.count }
        guard count > 0 else { return Section.Part(heading: "Faults") }
        return Section.Part(
            heading: "Faults",
            paragraphs: count > table.rows.count
                ? ["\(table.rows.count) of \(count) faults; the record has all of them."] : [],
            tables: [table],
            items: record.points.compactMap { point in
                Notes.losses(of: point).map { "\(Units.counted(point.workers, "worker")): \($0)." }
            }
        )
    }

    private var plan: Section.Part {
        let plan = record.plan
        return Section.Part(
            heading: "How it was measured",
            paragraphs: sampling.map { [$0] } ?? [],
            facts: HostPart.run(
                record,
                plan: [
                    ("seed", "\(plan.seed)"),
                    ("mode", plan.mode.rawValue),
                    ("worker counts", plan.workers.map { "\($0)" }.joined(separator: ", ")),
                    ("verification", plan.verify.rawValue),
                ]
            )
        )
    }
}
