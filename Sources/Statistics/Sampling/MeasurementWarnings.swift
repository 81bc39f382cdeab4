/// Finds reasons to trust a measurement less: in its samples, and in what the machine did.
///
/// Each rule has two conditions: the effect is more than chance, and it is large enough to matter.
/// So a clean measurement gets no warnings; a simulation tests how often it still does.
package struct MeasurementWarnings: Sendable {
    /// One configuration of the measurement.
    package struct Configuration: Sendable {
        /// The name in a warning, such as `2 workers`.
        package var subject: String
        /// Threads of one process, or of all workers together.
        package var computeThreads: Int
        /// In the order in which they were taken.
        package var samples: [ReplicateSample]
        /// Nil if they were not counted.
        package var disturbance: Disturbance?

        package init(
            subject: String,
            computeThreads: Int,
            samples: [ReplicateSample],
            disturbance: Disturbance? = nil
        ) {
            self.subject = subject
            self.computeThreads = computeThreads
            self.samples = samples
            self.disturbance = disturbance
        }
    }

    /// What a flag can set for the measurement, beside its budget; a remedy names no other flag.
    package enum Adjustment: Hashable, Sendable {
        case warmup, targetInterval, pin
    }

    package var configurations: [Configuration]
    package var sampling: SamplingReport
    /// The replicates that were asked for; fewer trials than these give fewer replicates.
    package var plannedReplicates: Int
    package var adjustments: Set<Adjustment>
    /// The CPU time for compute threads, in cores; under a limit it may be no whole number.
    package var coreCount: Double
    package var clockResolutionNanoseconds: UInt64
    /// The machine's load just before the first and just after the last round; absent where unknown.
    package var loadBefore: MachineLoad?
    package var loadAfter: MachineLoad?
    /// The rate of multiply-adds before and after, in GFLOP/s; absent where not measured.
    package var peakBefore: Double?
    package var peakAfter: Double?
    /// Whether this program was built for debugging.
    package var isDebugBuild: Bool

    package init(
        configurations: [Configuration],
        sampling: SamplingReport,
        plannedReplicates: Int = 1,
        adjustments: Set<Adjustment> = [.warmup, .targetInterval, .pin],
        coreCount: Double,
        clockResolutionNanoseconds: UInt64,
        isDebugBuild: Bool,
        loadBefore: MachineLoad? = nil,
        loadAfter: MachineLoad? = nil,
        peakBefore: Double? = nil,
        peakAfter: Double? = nil
    ) {
        self.configurations = configurations
        self.sampling = sampling
        self.plannedReplicates = plannedReplicates
        self.adjustments = adjustments
        self.coreCount = coreCount
        self.clockResolutionNanoseconds = clockResolutionNanoseconds
        self.isDebugBuild = isDebugBuild
        self.loadBefore = loadBefore
        self.loadAfter = loadAfter
        self.peakBefore = peakBefore
        self.peakAfter = peakAfter
    }

    /// At most one warning of each kind, in the order of `Kind`.
    ///
    /// If several configurations have the same fault, the warning names the worst and counts the
    /// others.
    package func all() -> [MeasurementWarning] {
        let found: [Finding] =
            configurations.flatMap { configuration in
                [
                    coldStart(configuration), drift(configuration), outliers(configuration),
                    disturbed(configuration), oversubscription(configuration),
                    shortTrials(configuration),
                    wideInterval(configuration), unsteady(configuration),
                ].compactMap { $0 }
            } + [debugBuild(), busyMachine(), throttled(), frequency()].compactMap { $0 }
        return MeasurementWarning.Kind.allCases.compactMap { kind in
            let same = found.filter { $0.warning.kind == kind }
            guard var worst = same.max(by: { $0.severity < $1.severity })?.warning else {
                return nil
            }
            if same.count > 1 {
                worst.sentence +=
                    "; \(Figures.counted(same.count - 1, "other configuration")) likewise"
            }
            return worst
        }
    }
}

/// A warning, and how bad it is among those of its kind.
struct Finding: Sendable {
    var warning: MeasurementWarning
    var severity: Double
}
