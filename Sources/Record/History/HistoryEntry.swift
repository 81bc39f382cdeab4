import Files
import Statistics

/// One record of a history.
package struct HistoryEntry: Codable, Equatable, Sendable {
    package var path: String
    /// `run`, `scale`, `kernel`, `compare` or `verify`.
    package var kind: String
    package var started: String
    /// What was measured, in a few words.
    package var plan: String
    /// The digest of the plan, which names its baseline; only of a run or a sweep.
    package var planDigest: String?
    /// Records with the same number measured the same on the same machine, so they can be compared.
    ///
    /// Counted from 1.
    package var series: Int
    package var hostName: String
    package var hostFingerprint: String
    package var commit: String?
    /// VALID, or what is wrong: MISTRUSTED, INVALID, DISTURBED, UNFINISHED, or two of the latter.
    package var standing: String
    /// One for each worker count, or for each row of a kernel record; none of a record without
    /// times, or whose times mean nothing.
    package var figures: [HistoryFigure]
    /// The figure that stands for the record.
    package var main: Int?
    /// What `compare` says of this record and the last one that can be compared with it.
    package var change: HistoryChange?
    /// The earlier file of the same run, if there is one.
    package var copyOf: String?

    package var mainFigure: HistoryFigure? {
        main.flatMap { figures.indices.contains($0) ? figures[$0] : nil }
    }

    /// Whether nothing speaks against its figures.
    package var isSound: Bool { standing == Verdict.Status.valid.rawValue }

    func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireMoment(started, "started")
        try place.requireCount(series, "series")
        for (index, figure) in figures.enumerated() {
            let own = place.item("figures", index)
            try own.requirePositive(figure.medianNanoseconds, "medianNanoseconds")
            try own.requirePositive(figure.lowerBoundNanoseconds, "lowerBoundNanoseconds")
            try own.requirePositive(figure.upperBoundNanoseconds, "upperBoundNanoseconds")
            try own.requireNotNegative(figure.speedup, "speedup")
            try own.requireNotNegative(figure.gigaflopsPerSecond, "gigaflopsPerSecond")
        }
        if let main { try place.requireCount(main, "main", in: 0...max(figures.count - 1, 0)) }
        guard let change else { return }
        let own = place.key("change")
        try own.requirePositive(change.ratio, "ratio")
        try own.requireNotNegative(change.lowerBound, "lowerBound")
        try own.requirePositive(change.upperBound, "upperBound")
        try own.requireCount(change.workers, "workers")
    }
}

/// The time of one worker count or one row.
package struct HistoryFigure: Codable, Equatable, Sendable {
    /// `2 workers`, or the title of a row.
    package var label: String
    package var medianNanoseconds: Double
    /// The interval of the median; absent with too few samples.
    package var lowerBoundNanoseconds: Double?
    package var upperBoundNanoseconds: Double?
    /// Over one process with one thread; only of workers.
    package var speedup: Double?
    package var gigaflopsPerSecond: Double?

    init(
        _ label: String,
        _ summary: SampleSummary,
        speedup: Double? = nil,
        gigaflopsPerSecond: Double?
    ) {
        self.label = label
        medianNanoseconds = summary.medianNanoseconds
        lowerBoundNanoseconds = summary.medianLowerBoundNanoseconds
        upperBoundNanoseconds = summary.medianUpperBoundNanoseconds
        self.speedup = speedup
        self.gigaflopsPerSecond = gigaflopsPerSecond
    }
}

/// How a record differs from an earlier one, by the rule of `compare`.
package struct HistoryChange: Codable, Equatable, Sendable {
    /// The file of the earlier record.
    package var since: String
    package var verdict: TimeComparison.Verdict
    /// The time and the worker count of the ratio: of those with this verdict, the ones that differ
    /// most; of the undecided ones, the first at the most workers.
    package var statistic: ComparedStatistic
    package var workers: Int
    /// The time of this record over that of the earlier one.
    package var ratio: Double
    package var lowerBound: Double?
    package var upperBound: Double?

    /// Nil where nothing has a ratio.
    init?(_ comparison: CompareRecord) {
        let found = comparison.points.flatMap { point in
            point.statistics.compactMap { statistic in
                statistic.comparison.map { (point.workers, statistic.statistic, $0) }
            }
        }
        guard !found.isEmpty else { return nil }
        let verdict = TimeComparison.Verdict.overall(found.map(\.2.verdict))
        func distance(_ comparison: TimeComparison) -> Double {
            switch verdict {
            case .slower: comparison.ratio
            case .faster: 1 / comparison.ratio
            default: max(comparison.ratio, 1 / comparison.ratio)
            }
        }
        let told = found.filter { verdict == .same || $0.2.verdict == verdict }
        // What is undecided and differs most is what is known least: the mean and the slow end of
        // few trials.
        let first = told.first { $0.0 == told.map(\.0).max() }
        guard
            let most = verdict == .ambiguous
                ? first : told.max(by: { distance($0.2) < distance($1.2) })
        else { return nil }
        since = comparison.first.path
        self.verdict = verdict
        (workers, statistic) = (most.0, most.1)
        ratio = most.2.ratio
        lowerBound = most.2.lowerBound
        upperBound = most.2.upperBound
    }
}
