/// Finds reasons to trust a measurement less: from its samples, and from what the machine did.
///
/// Each rule asks for two things, that something is there beyond chance and that it is large enough
/// to matter, so that a clean measurement is left in peace; how often one is not is tested by
/// simulation.
package struct MeasurementWarnings: Sendable {
    /// One configuration of the measurement.
    package struct Configuration: Sendable {
        /// As a warning names it, such as `2 workers`.
        package var subject: String
        /// Of one process or all workers together.
        package var computeThreads: Int
        /// In the order they were taken.
        package var samples: [ReplicateSample]
        /// Nil where nobody counted them.
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

    /// What the measurement can be told by a flag, beside its budget: a remedy names no other.
    package enum Adjustment: Hashable, Sendable {
        case warmup, targetInterval
    }

    package var configurations: [Configuration]
    package var sampling: SamplingReport
    package var adjustments: Set<Adjustment>
    /// How many threads can make progress at once.
    package var coreCount: Int
    package var clockResolutionNanoseconds: UInt64
    /// Of the machine just before the first and just after the last round; absent where unknown.
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
        adjustments: Set<Adjustment> = [.warmup, .targetInterval],
        coreCount: Int,
        clockResolutionNanoseconds: UInt64,
        isDebugBuild: Bool,
        loadBefore: MachineLoad? = nil,
        loadAfter: MachineLoad? = nil,
        peakBefore: Double? = nil,
        peakAfter: Double? = nil
    ) {
        self.configurations = configurations
        self.sampling = sampling
        self.adjustments = adjustments
        self.coreCount = coreCount
        self.clockResolutionNanoseconds = clockResolutionNanoseconds
        self.isDebugBuild = isDebugBuild
        self.loadBefore = loadBefore
        self.loadAfter = loadAfter
        self.peakBefore = peakBefore
        self.peakAfter = peakAfter
    }

    /// At most one warning of each kind, in the order of `Kind`; where several configurations have
    /// the same fault the worst is named and the others are counted.
    package func all() -> [MeasurementWarning] {
        let found: [Finding] =
            configurations.flatMap { configuration in
                [
                    coldStart(configuration), drift(configuration), outliers(configuration),
                    disturbed(configuration), oversubscription(configuration),
                    shortTrials(configuration),
                    wideInterval(configuration), unsteady(configuration),
                ].compactMap { $0 }
            } + [debugBuild(), busyMachine(), frequency()].compactMap { $0 }
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
