import Attention
import Host
import Platform
import Statistics
import Work

extension RunRecord {
    /// Reasons to trust the figures less; none before sampling has ended.
    ///
    /// `loads` are the machine's counters just before the first and just after the last round,
    /// `peakAfter` the FMA peak at the end in GFLOP/s.
    package func measurementWarnings(
        loads: (before: MachineLoad?, after: MachineLoad?),
        peakAfter: Double?
    ) -> [MeasurementWarning] {
        guard let sampling else { return [] }
        let processes = baseCases.map { base in
            MeasurementWarnings.Configuration(
                subject: base.subject,
                computeThreads: base.threads,
                samples: base.replicateSamples,
                disturbance: disturbance(of: base)
            )
        }
        let clusters = points.map { point in
            MeasurementWarnings.Configuration(
                subject: point.subject,
                computeThreads: point.workers * point.threads,
                samples: point.replicateSamples,
                disturbance: disturbance(of: point)
            )
        }
        return MeasurementWarnings(
            configurations: processes + clusters,
            sampling: sampling,
            plannedReplicates: plan.replicates,
            coreCount: host.usableCPUs,
            clockResolutionNanoseconds: Clock.resolutionNanoseconds(),
            isDebugBuild: HostDescription.isDebugBuild,
            loadBefore: loads.before,
            loadAfter: loads.after,
            peakBefore: roofs?.fmaGigaflopsPerSecond,
            peakAfter: peakAfter
        ).all()
    }

    /// One warning for all points whose addresses strangers came to, or none.
    package var strangerWarnings: [MeasurementWarning] {
        let disturbed = points.compactMap { point in point.strangers.map { (point, $0) } }
        guard let first = disturbed.first else { return [] }
        let all = disturbed.dropFirst().reduce(first.1) { $0 + $1.1 }
        guard let words = all.inWords else { return [] }
        return [
            MeasurementWarning(
                .strangers,
                subject: disturbed.count == 1 ? first.0.subject : nil,
                sentence: words,
                remedy: first.0.transport == .tcp
                    ? "find the program that connects to the run's port, or use --transport ipc"
                    : "find the program that connects to the run's socket"
            )
        ]
    }
}
