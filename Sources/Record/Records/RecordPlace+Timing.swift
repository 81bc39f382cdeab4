import Files
import Statistics

extension RecordPlace {
    /// If samples name their replicates, each sample names one.
    func requirePaired(_ replicates: [Int]?, sampleCount: Int) throws(ExperimentError) {
        guard let replicates else { return }
        try key("replicates").require(
            replicates.count == sampleCount
                && replicates.allSatisfy { (0...Int(Int32.max)).contains($0) },
            "does not name a replicate for every sample",
            expected: "\(sampleCount) numbers from 0 to \(Int32.max)"
        )
    }

    /// Checks timings and their summary: samples exist, and the summary belongs to them.
    func requireSound(
        _ samples: [UInt64],
        named name: String,
        _ summary: SampleSummary
    ) throws(ExperimentError) {
        try key(name).require(
            !samples.isEmpty,
            "is empty, although it has a summary",
            expected: "the time of every trial"
        )
        for (index, sample) in samples.enumerated() {
            try item(name, index).requireDuration(sample)
        }
        try key("summary.count").require(
            summary.count == samples.count,
            "is \(summary.count), but there are \(samples.count) samples",
            expected: "\(samples.count)"
        )
        let times = samples.map { Double($0) }
        let (least, most) = (times.min() ?? 0, times.max() ?? 0)
        let middles = [
            ("medianNanoseconds", summary.medianNanoseconds),
            ("meanNanoseconds", summary.meanNanoseconds),
            ("minimumNanoseconds", summary.minimumNanoseconds),
            ("maximumNanoseconds", summary.maximumNanoseconds),
            ("percentile95Nanoseconds", summary.percentile95Nanoseconds),
            ("percentile99Nanoseconds", summary.percentile99Nanoseconds ?? least),
        ]
        // A decimal number of nanoseconds may have lost its last bits in the JSON.
        let slack = most * 1e-9
        for (name, value) in middles {
            try key("summary.\(name)").require(
                value >= least - slack && value <= most + slack,
                "is \(value)",
                expected: "a time in the range of the samples, \(least) to \(most)"
            )
        }
        let place = key("summary")
        let deviation = summary.medianAbsoluteDeviationNanoseconds
        try place.key("medianAbsoluteDeviationNanoseconds").require(
            deviation >= 0 && deviation <= most - least + slack,
            "is \(deviation)",
            expected: "a distance of samples, 0 to \(most - least)"
        )
        try place.requirePositive(
            summary.medianLowerBoundNanoseconds,
            "medianLowerBoundNanoseconds"
        )
        try place.requireCount(
            summary.outlierCount,
            "outlierCount",
            in: 0...samples.count
        )
        try place.requireInterval(
            summary.medianNanoseconds,
            lower: summary.medianLowerBoundNanoseconds,
            upper: summary.medianUpperBoundNanoseconds
        )
    }

    /// A trial takes more than no time and less than a century: sums of durations must not
    /// overflow.
    func requireDuration(
        _ nanoseconds: UInt64,
        least: UInt64 = 1
    ) throws(ExperimentError) {
        let longest: UInt64 = 3_200_000_000_000_000_000
        try require(
            nanoseconds >= least && nanoseconds <= longest,
            "is a time of \(nanoseconds) ns",
            expected: "\(least) to \(longest) ns"
        )
    }

    func requireSound(_ estimate: Estimate?, _ name: String) throws(ExperimentError) {
        guard let estimate else { return }
        let place = key(name)
        try place.key("value").require(
            estimate.value.isFinite,
            "is \(estimate.value)",
            expected: "a finite number"
        )
        try place.requireInterval(
            estimate.value,
            lower: estimate.lowerBound,
            upper: estimate.upperBound
        )
    }

    func requireInterval(
        _ value: Double,
        lower: Double?,
        upper: Double?
    ) throws(ExperimentError) {
        let slack = abs(value) * 1e-9
        try require(
            (lower ?? value) <= value + slack && (upper ?? value) >= value - slack
                && (lower ?? 0).isFinite && (upper ?? 0).isFinite,
            "has the interval \(lower ?? value) to \(upper ?? value) around \(value)",
            expected: "an interval that contains its value"
        )
    }
}
