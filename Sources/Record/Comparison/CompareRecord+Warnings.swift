import Attention
import Host
import Platform
import Statistics
import Work

extension CompareRecord {
    /// The kinds of warning that concern a comparison.
    ///
    /// Disturbed and drifting trials are not among them: they affect both sides, and they widen the
    /// intervals accordingly.
    private static let kinds: Set<MeasurementWarning.Kind> = [
        .debugBuild, .busyMachine, .throttled, .frequency, .oversubscription, .shortTrials,
        .sharedProcessors, .strangers,
    ]

    /// Reasons to trust times less that were measured side by side.
    ///
    /// `loads` are the machine's counters just before the first and just after the last trial.
    package func measurementWarnings(
        loads: (before: MachineLoad?, after: MachineLoad?)
    ) -> [MeasurementWarning] {
        let configurations = points.flatMap { point in
            [("A", point.firstNanoseconds), ("B", point.secondNanoseconds)].enumerated().map {
                index,
                side in
                MeasurementWarnings.Configuration(
                    subject: "\(side.0), \(counted(point.workers, "worker"))",
                    computeThreads: point.workers * point.threads[index],
                    samples: side.1.enumerated().flatMap { replicate, trials in
                        trials.map {
                            ReplicateSample(nanoseconds: Double($0), replicate: replicate)
                        }
                    }
                )
            }
        }
        let replicates = points.map(\.firstNanoseconds.count).max() ?? 0
        return MeasurementWarnings(
            configurations: configurations,
            sampling: SamplingReport(
                warmupRounds: replicates,
                warmupEnd: .fixed,
                rounds: points.map { $0.firstNanoseconds.reduce(0) { $0 + $1.count } }.max() ?? 0,
                replicates: replicates,
                end: .budget,
                targetInterval: nil,
                widestInterval: nil
            ),
            adjustments: [],
            coreCount: host.usableCPUs,
            clockResolutionNanoseconds: Clock.resolutionNanoseconds(),
            isDebugBuild: HostDescription.isDebugBuild,
            loadBefore: loads.before,
            loadAfter: loads.after
        ).all().filter { Self.kinds.contains($0.kind) } + strangerWarnings
    }

    /// One warning for each side to whose clusters strangers came.
    private var strangerWarnings: [MeasurementWarning] {
        [("A", first), ("B", second)].compactMap { name, side in
            side.strangers.flatMap {
                MeasurementWarning(of: $0, subject: name, transport: side.plan.transport)
            }
        }
    }

    /// Warnings that the two records give about the machines they were measured on.
    static func recordedWarnings(_ a: RunRecord, _ b: RunRecord) -> [MeasurementWarning] {
        [("A", a), ("B", b)].flatMap { name, record in
            (record.warnings ?? []).filter { kinds.contains($0.kind) }.map { warning in
                var warning = warning
                warning.subject = [name, warning.subject].compactMap { $0 }.joined(separator: ", ")
                return warning
            }
        }
    }
}
