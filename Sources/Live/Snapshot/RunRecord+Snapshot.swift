import Attention
import Host
import Plan
import Record
import Statistics
import Tables

extension RunRecord: LiveRecord {
    /// The faults that are shown.
    private static let mostFaults = 50

    var sentenceSoFar: String {
        let measured = points.filter { $0.summary?.speedup != nil }
        let best = measured.max { ($0.summary?.speedup ?? 0) < ($1.summary?.speedup ?? 0) }
        if let mark { return "\(mark): the figures say nothing about attention." }
        guard let best, let speedup = best.summary?.speedup else {
            return "No trial is finished yet."
        }
        return "So far, \(Units.counted(best.workers, "worker")) "
            + "\(best.workers == 1 ? "is" : "are") \(Units.significant(speedup)) times as fast as "
            + "one process with one thread."
    }

    func describe(_ snapshot: inout Snapshot) {
        snapshot.lines = [Headlines.problem(plan), Headlines.cluster(of: self)].map { visible($0) }
        snapshot.progress = exitCode == nil ? progress : nil
        snapshot.figures = figures
        snapshot.trials = series
        snapshot.speedups = points.compactMap { point in
            guard let value = point.summary?.speedup else { return nil }
            return Snapshot.Speedup(
                workers: point.workers,
                threads: point.workers * point.threads,
                value: rounded(value),
                singleProcess: singleProcess(beside: point).map(rounded)
            )
        }
        snapshot.clusters = points.map { cluster($0) }
        let faults = points.flatMap { point in point.faults.map { (point, $0) } }
        snapshot.faultCount = faults.count
        snapshot.faults = faults.suffix(Self.mostFaults).reversed().map { view(of: $1, at: $0) }
    }

    // MARK: How far it is

    private var progress: Snapshot.Progress {
        let configurations = baseCases.count + points.count
        let samples =
            baseCases.map(\.samplesNanoseconds) + points.map { $0.samples.map(\.wallNanoseconds) }
        let rounds = samples.map(\.count).max() ?? 0
        if let trials = plan.trials {
            return Snapshot.Progress(
                fraction: rounded(min(Double(rounds) / Double(trials), 1)),
                text: "round \(rounds) of \(trials)"
            )
        }
        let spent = samples.joined().reduce(0) { $0 + Double($1) } / 1e9
        return Snapshot.Progress(
            fraction: plan.budgetSeconds > 0 ? rounded(min(spent / plan.budgetSeconds, 1)) : 1,
            text: "\(Units.counted(rounds, "round")) of "
                + "\(Units.counted(configurations, "configuration")): "
                + "\(Units.significant(spent)) s of trials, of "
                + "\(Units.significant(plan.budgetSeconds)) s that they and warming up may take"
        )
    }

    // MARK: Figures

    private var figures: [Snapshot.KeyFigure] {
        var figures: [Snapshot.KeyFigure] = []
        let best = points.max { ($0.summary?.speedup ?? 0) < ($1.summary?.speedup ?? 0) }
        if let best, let summary = best.summary {
            let threads = best.workers * best.threads
            if let speedup = summary.speedup {
                figures.append(
                    Snapshot.KeyFigure(
                        name: "speedup, \(Units.counted(best.workers, "worker"))",
                        value: "\(Units.significant(speedup))×",
                        reference: "one process with one thread is 1×, "
                            + "ideal \(threads)×",
                        fraction: rounded(min(speedup / Double(threads), 1))
                    )
                )
            }
            figures.append(
                Snapshot.KeyFigure(
                    name: "median trial",
                    value: Units.time(summary.wall.medianNanoseconds),
                    reference: summary.wall.relativeUncertainty.map {
                        "± \(Units.percent($0, isFine: true)), "
                            + Units.counted(summary.wall.count, "trial")
                    } ?? Units.counted(summary.wall.count, "trial")
                )
            )
            if let rate = summary.gigaflopsPerSecond {
                let roof = roofs.map { $0.fmaGigaflopsPerSecond * Double(threads) }
                figures.append(
                    Snapshot.KeyFigure(
                        name: "arithmetic",
                        value: "\(Units.significant(rate)) GFLOP/s",
                        reference: roof.map { "of \(Units.significant($0)) GFLOP/s multiply-add" }
                            ?? "of visible pairs",
                        fraction: roof.map { rounded(min(rate / $0, 1)) }
                    )
                )
            }
        }
        if let single = singleThread {
            figures.append(
                Snapshot.KeyFigure(
                    name: "one process, one thread",
                    value: Units.time(single.summary.medianNanoseconds),
                    reference: single.gigaflopsPerSecond.map { rate in
                        let part = single.fractionOfPeak.map {
                            ", \(Units.percent($0)) of the peak"
                        }
                        return "\(Units.significant(rate)) GFLOP/s" + (part ?? "")
                    } ?? "base case",
                    fraction: single.fractionOfPeak.map { rounded(min($0, 1)) }
                )
            )
        }
        return figures
    }

    private func singleProcess(beside point: RunPoint) -> Double? {
        guard let single = singleThread, let other = baseCase(matching: point),
            other.threads > 1
        else { return nil }
        let work = Double(other.batch ?? plan.batch) / Double(single.batch ?? plan.batch)
        return single.summary.medianNanoseconds / other.summary.medianNanoseconds * work
    }

    private var series: [Snapshot.Series] {
        baseCases.map { base in
            Snapshot.Series(
                name: "1 process, \(Units.counted(base.threads, "thread"))",
                nanoseconds: base.samplesNanoseconds,
                medianNanoseconds: base.summary.medianNanoseconds,
                isReference: true
            )
        }
            + points.compactMap { point in
                guard let median = point.summary?.wall.medianNanoseconds else { return nil }
                return Snapshot.Series(
                    name: Units.counted(point.workers, "worker"),
                    nanoseconds: point.samples.map(\.wallNanoseconds),
                    medianNanoseconds: median
                )
            }
    }

    // MARK: Workers

    private func cluster(_ point: RunPoint) -> Snapshot.ClusterView {
        var facts = [
            "\(Units.counted(point.shards, "shard")) by \(point.split.rawValue)",
            Units.counted(point.samples.count, "trial"),
        ]
        // Before the end, a check may only not be finished.
        let status = point.verification.status
        if exitCode != nil || status.isGood || status == .disagrees {
            facts.append(status.rawValue)
        }
        if let lost = point.incompleteTrials, lost > 0 {
            facts.append("\(Units.counted(lost, "trial")) without a time")
        }
        if let times = point.replacements, times > 0 {
            facts.append("workers replaced \(times == 1 ? "once" : "\(times) times")")
        }
        return Snapshot.ClusterView(
            name: Units.counted(point.workers, "worker"),
            facts: facts,
            isGood: status != .disagrees,
            workers: (0..<point.workers).map { Snapshot.WorkerView($0, of: point) }
        )
    }

    private func view(of fault: Fault, at point: RunPoint) -> Snapshot.FaultView {
        let trial = fault.occasion.map { ", \($0)" } ?? ""
        let shard = fault.shard.map { ", shard \($0)" } ?? ""
        return Snapshot.FaultView(
            place: "worker \(fault.worker) of \(point.workers)\(shard)\(trial)",
            reason: visible(fault.reason)
        )
    }
}

extension Snapshot.WorkerView {
    /// Where the time of worker number `worker` went.
    init(_ worker: Int, of point: RunPoint) {
        let samples = point.samples.compactMap { $0.workers.first { $0.worker == worker } }
        let last = point.samples.last?.workers.first { $0.worker == worker }
        let shards = samples.reduce(0) { $0 + $1.shards }
        let times = samples.compactMap(\.offCoreNanoseconds)
        let wall = point.samples.reduce(0) { $0 + Double($1.wallNanoseconds) }
        self.init(
            worker: worker,
            shares: TimeShares(samples)?.parts ?? [],
            lastShares: last.flatMap { TimeShares([$0]) }?.parts ?? [],
            lastShards: last?.shards ?? 0,
            meanShards: samples.isEmpty ? 0 : rounded(Double(shards) / Double(samples.count)),
            offCore: times.isEmpty || wall == 0
                ? nil
                : rounded(
                    times.reduce(0) { $0 + Double($1) } / (wall * Double(max(point.threads, 1)))
                )
        )
    }
}

extension TimeShares {
    /// Compute, queue, transfer, merge, idle.
    fileprivate var parts: [Double] { [compute, queue, transfer, merge, idle].map(rounded) }
}
