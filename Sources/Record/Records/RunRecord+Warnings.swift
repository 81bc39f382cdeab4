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
                // Threads that do not compute share a core without harm.
                computeThreads: mark == nil ? point.workers * point.threads : 1,
                samples: point.replicateSamples,
                disturbance: disturbance(of: point)
            )
        }
        return pauseWarnings
            + MeasurementWarnings(
                configurations: processes + clusters,
                sampling: sampling,
                plannedReplicates: plan.replicates,
                coreCount: usableCPUs,
                clockResolutionNanoseconds: Clock.resolutionNanoseconds(),
                isDebugBuild: HostDescription.isDebugBuild,
                // The counters do not tell what others did while this run was stopped.
                loadBefore: pauseWarnings.isEmpty ? loads.before : nil,
                loadAfter: pauseWarnings.isEmpty ? loads.after : nil,
                peakBefore: roofs?.fmaGigaflopsPerSecond,
                peakAfter: peakAfter
            ).all()
    }

    /// That the run was stopped or the machine suspended, if it was.
    private var pauseWarnings: [MeasurementWarning] {
        let paused =
            baseCases.map { ($0.subject, $0.pausedTrials ?? 0) }
            + points.map { ($0.subject, $0.pausedTrials ?? 0) }
        let counts = paused.filter { $0.1 > 0 }
        guard let first = counts.first else { return [] }
        let count = counts.reduce(0) { $0 + $1.1 }
        return [
            MeasurementWarning(
                .paused,
                subject: counts.count == 1 ? first.0 : nil,
                sentence: "the run was paused, or the machine was suspended, in "
                    + "\(counted(count, "trial")), which \(count == 1 ? "has" : "have") no time",
                remedy: "nothing is wrong with the other trials; repeat if they are too few"
            )
        ]
    }

    /// One warning for all points whose addresses strangers came to, or none.
    package var strangerWarnings: [MeasurementWarning] {
        let disturbed = points.compactMap { point in point.strangers.map { (point, $0) } }
        guard let first = disturbed.first else { return [] }
        let warning = MeasurementWarning(
            of: disturbed.dropFirst().reduce(first.1) { $0 + $1.1 },
            subject: disturbed.count == 1 ? first.0.subject : nil,
            transport: first.0.transport
        )
        return warning.map { [$0] } ?? []
    }
}
