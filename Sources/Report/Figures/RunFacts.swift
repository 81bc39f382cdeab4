import Attention
import Host
import Plan
import Record
import Statistics
import Tables

/// What the figures of a run have in common: which point they look at, and how sure a speedup is.
struct RunFacts {
    let record: RunRecord

    /// The points that have samples, in the order of their worker counts.
    let measured: [RunPoint]

    /// By worker count.
    private let scaling: [Int: ScalingPoint]

    init(_ record: RunRecord) {
        self.record = record
        measured = record.points.filter { !$0.samples.isEmpty }.sorted { $0.workers < $1.workers }
        scaling = Dictionary(
            record.scalingPoints.map { ($0.workers, $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The point whose details are shown: the one that the verdict is about.
    var chosen: RunPoint? {
        let subject = record.subject
        return measured.first { $0.workers == subject?.workers } ?? measured.last
    }

    /// The number of cores that can work at once.
    var cores: Int { min(Self.cores(of: record.host), record.usableCPUCount) }

    static func cores(of host: HostDescription) -> Int {
        max(1, min(host.usableCPUCount, max(host.coresOnline, 1)))
    }

    /// Operations of one trial, for the pairs that the mask shows; nil if they were not counted.
    var operations: Double? {
        for base in record.baseCases {
            if let rate = base.gigaflopsPerSecond { return rate * base.summary.medianNanoseconds }
        }
        return measured.compactMap { point in
            point.summary.flatMap { summary in
                summary.gigaflopsPerSecond.map { $0 * summary.wall.medianNanoseconds }
            }
        }.first
    }

    /// Operations for every byte of the tensors, each of which has to move at least once; in steps, keys
    /// and values in each step that reads them.
    var intensity: Double? {
        // Of the base case that the operations are of, where there is one.
        let counted = record.baseCases.first { $0.gigaflopsPerSecond != nil }?.tensorBytes
        let bytes = counted ?? record.plan.problem.attentionProblem().tensorBytes
        return operations.map { $0 / Double(bytes) }
    }

    /// The multiply-add roof of one core: measured beside everything else, or, in an older record,
    /// what its fraction of the peak says.
    var multiplyAddRoof: Double? {
        if let roof = record.roofs?.fmaGigaflopsPerSecond { return roof }
        guard let single = record.singleThread, let rate = single.gigaflopsPerSecond,
            let fraction = single.fractionOfPeak
        else { return nil }
        return rate / fraction
    }

    /// What the record's analysis says of a point, or one that is made of its samples as the sentence
    /// is: so one speedup has one interval everywhere.
    func analysis(of point: RunPoint) -> ScalingPoint? { scaling[point.workers] }

    /// The speedup of the analysis, or the ratio of the medians without an interval.
    func speedup(_ point: RunPoint) -> Estimate? {
        analysis(of: point)?.speedup ?? point.summary?.speedup.map { Estimate($0) }
    }

    func efficiency(_ point: RunPoint) -> Estimate? {
        analysis(of: point)?.efficiency ?? point.summary?.efficiency.map { Estimate($0) }
    }

    /// The speedup of one process with as many threads as a point has.
    func threadSpeedup(_ point: RunPoint) -> Double? {
        guard record.plan.mode == .strong, let single = record.singleThread,
            let base = record.baseCase(matching: point)
        else { return nil }
        return single.summary.medianNanoseconds / base.summary.medianNanoseconds
    }
}

/// `1.76 (1.72 to 1.79)`.
func described(_ estimate: Estimate, _ text: (Double) -> String) -> String {
    guard let lower = estimate.lowerBound, let upper = estimate.upperBound else {
        return text(estimate.value)
    }
    return "\(text(estimate.value)) (\(text(lower)) to \(text(upper)))"
}
