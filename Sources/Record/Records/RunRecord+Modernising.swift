extension RunRecord {
    /// Counts trials from 1.
    ///
    /// Older records count from 0. Their first trial is there but for an accident, as a sample or as
    /// that of a fault.
    package mutating func modernise() {
        let countsFromZero = points.contains { point in
            point.samples.contains { $0.trial == 0 } || point.faults.contains { $0.trial == 0 }
        }
        guard countsFromZero else { return }
        for index in points.indices {
            for sample in points[index].samples.indices {
                points[index].samples[sample].trial += 1
            }
            for fault in points[index].faults.indices {
                points[index].faults[fault].trial = points[index].faults[fault].trial.map { $0 + 1 }
            }
        }
    }
}
