import Timing

extension KernelRecord {
    /// How narrow the interval of a row's median should be: the share of the peak is told in whole
    /// percents.
    private static let expectedInterval = 0.01

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
                samples: row.samplesNanoseconds.map {
                    ReplicateSample(nanoseconds: Double($0), replicate: 0)
                }
            )
        }
        let found = MeasurementWarnings(
            configurations: configurations,
            sampling: SamplingReport(
                warmupRounds: 2,
                warmupEnd: .fixed,
                rounds: rows.map(\.samplesNanoseconds.count).max() ?? 0,
                replicates: 1,
                end: .budget,
                targetInterval: Self.expectedInterval,
                widestInterval: nil
            ),
            // A row is given its time and nothing else.
            adjustments: [],
            coreCount: host.usableCPUCount,
            clockResolutionNanoseconds: Clock.resolutionNanoseconds(),
            loadBefore: loads.before,
            loadAfter: loads.after,
            peakBefore: roofs.fmaGigaflopsPerSecond,
            peakAfter: peakAfter
        ).all()
        // A sample is as many runs as make two milliseconds, so that only waking threads can be a
        // part of it.
        return found.filter { $0.kind != .shortTrials || rows.contains { $0.threads > 1 } }
    }
}

extension KernelRow {
    /// What the row is about: `avx2 1024, D 64, causal`.
    package var title: String {
        if let name { return "\(instructionSet.rawValue) \(name)" }
        let keys = shape.queryLength == shape.keyLength ? "" : "×\(shape.keyLength)"
        let length = "\(shape.queryLength)\(keys), D \(shape.headDimension)"
        return "\(instructionSet.rawValue) \(length)" + (mask == .none ? "" : ", \(mask)")
    }
}
