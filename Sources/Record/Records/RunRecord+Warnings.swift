import Attention
import Host
import Platform
import Statistics

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
}
