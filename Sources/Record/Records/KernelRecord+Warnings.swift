import Attention
import Host
import Platform
import Statistics

extension KernelRecord {
    /// How narrow the interval of a row's median should be: the share of the peak is told in whole
    /// percents.
    private static let expectedInterval = 0.01

    /// Above its roof by more than two medians of a quiet machine are apart.
    private static let largestFraction = 1.05

    /// The fastest tenth of a quiet machine's samples is faster than their median by a few percent.
    private static let largestGainAtBest = 1.1

    /// Reasons to trust the figures less.
    ///
    /// `loads` are the machine's counters just before the first and just after the last row,
    /// `peakAfter` the FMA peak at the end in GFLOP/s.
    package func measurementWarnings(
        loads: (before: MachineLoad?, after: MachineLoad?),
        peakAfter: Double?
    ) -> [MeasurementWarning] {
        let configurations = rows.map { row in
            MeasurementWarnings.Configuration(
                subject: row.title,
                computeThreads: row.threads,
                samples: ReplicateSample.paired(row.samplesNanoseconds, row.replicates)
            )
        }
        let found = MeasurementWarnings(
            configurations: configurations,
            sampling: SamplingReport(
                warmupRounds: 2,
                warmupEnd: .fixed,
                rounds: rows.map(\.samplesNanoseconds.count).max() ?? 0,
                replicates: rows.map { Set($0.replicates ?? [0]).count }.max() ?? 1,
                end: .budget,
                targetInterval: Self.expectedInterval,
                widestInterval: nil
            ),
            // A row is given its time and nothing else.
            adjustments: [],
            coreCount: host.usableCPUs,
            clockResolutionNanoseconds: Clock.resolutionNanoseconds(),
            isDebugBuild: HostDescription.isDebugBuild,
            loadBefore: loads.before,
            loadAfter: loads.after,
            peakBefore: roofs.fmaGigaflopsPerSecond,
            peakAfter: peakAfter
        ).all()
        // A sample is as many runs as make two milliseconds, so that only waking threads can be a
        // part of it.
        return [impossibleRows].compactMap { $0 }
            + found.filter { $0.kind != .shortTrials || rows.contains { $0.threads > 1 } }
            + [disturbedRows].compactMap { $0 }
    }

    /// Judges the measured rows, of `plannedRows`; `failure` says why it ended early.
    ///
    /// There is no verdict if there is nothing to object to.
    package mutating func close(_ failure: String?, plannedRows: Int) {
        let unfinished = failure.map {
            Verdict(
                reasons: [$0],
                sentence: "\(rows.count) of \(plannedRows) rows were measured, with fewer visits "
                    + "than planned.",
                isFinished: false
            )
        }
        verdict = unfinished ?? impossibility
    }

    /// The verdict where a figure cannot be; nil where all can.
    var impossibility: Verdict? {
        impossibleRows.map { warning in
            Verdict(
                reasons: ["\(warning.subject ?? "a row"): \(warning.sentence)"],
                sentence:
                    "A figure is above what this machine can do: trust none of them, and repeat."
            )
        }
    }

    /// The row whose median is furthest behind its fastest tenth, if any is far behind: a neighbour
    /// that takes its share for seconds leaves few outliers and a narrow interval.
    private var disturbedRows: MeasurementWarning? {
        let behind = rows.compactMap { row -> (title: String, median: Double, best: Double)? in
            guard let median = row.roof?.fraction, let best = row.roof?.fractionAtBest,
                best > Self.largestGainAtBest * median
            else { return nil }
            return (row.title, median, best)
        }
        guard
            let worst = behind.max(by: { $0.best / $0.median < $1.best / $1.median })
        else { return nil }
        return MeasurementWarning(
            .disturbed,
            subject: worst.title,
            sentence: "the fastest tenth reaches \(Units.percent(worst.best)) of its roof, the "
                + "median only \(Units.percent(worst.median))" + others(behind.count - 1),
            remedy:
                "another program used the core most of the time: stop it and repeat, or use the "
                + "fastest tenth"
        )
    }

    private func others(_ count: Int) -> String {
        count == 0 ? "" : "; \(count) other configuration\(count == 1 ? "" : "s") likewise"
    }

    /// The row furthest above its roof, if any is: nothing is faster than the machine, so the roof
    /// beside it was measured while something else had the core.
    private var impossibleRows: MeasurementWarning? {
        let above = rows.compactMap { row in
            let fraction = max(row.fractionOfPeak ?? 0, row.roof?.fraction ?? 0)
            return fraction > Self.largestFraction ? (row: row, fraction: fraction) : nil
        }
        guard let worst = above.max(by: { $0.fraction < $1.fraction }) else { return nil }
        return MeasurementWarning(
            .aboveRoof,
            subject: worst.row.title,
            sentence: "\(Units.percent(worst.fraction)) of its roof is impossible: another program "
                + "used the core while the roof was measured\(others(above.count - 1))",
            remedy: "trust neither figure, stop other programs, and repeat"
        )
    }
}

extension KernelRow {
    /// What the row is about: `avx2 1024, D 64, causal`.
    package var title: String {
        "\(instructionSet.rawValue) \(name ?? sizes)"
    }

    private var sizes: String {
        guard let shape else {
            return product.map { "product \($0.rows)×\($0.columns)×\($0.depth)" } ?? ""
        }
        let keys = shape.queryLength == shape.keyLength ? "" : "×\(shape.keyLength)"
        let kind = layer.map { "\($0.rawValue) layer " } ?? ""
        let length = "\(kind)\(shape.queryLength)\(keys), D \(shape.headDimension)"
        return length + (mask.map { $0 == .none ? "" : ", \($0)" } ?? "")
            + (score.map { ", \($0.scoring.rawValue)" } ?? "")
    }
}
