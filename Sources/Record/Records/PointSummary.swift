import Statistics

/// The statistics of a point's trials.
///
/// In JSON the spread of the wall times is beside the ratios, so that a reader finds
/// `summary.medianNanoseconds` and `summary.speedup` in one place.
package struct PointSummary: Equatable, Sendable {
    /// Median, spread and interval of the wall times.
    package var wall: SampleSummary
    /// Median of the one-thread base case over the median of this point.
    package private(set) var speedup: Double?
    /// Speedup per compute thread of all workers.
    package private(set) var efficiency: Double?
    /// Median of the base case with as many threads over the median of this point.
    package private(set) var speedupOverThreads: Double?
    package private(set) var gigaflopsPerSecond: Double?
    /// The busiest worker's time of computing over the mean worker's, 1 for even work: the mean over trials.
    ///
    /// Absent in older records.
    package private(set) var imbalance: Double?

    package init(
        wall: SampleSummary,
        speedup: Double?,
        efficiency: Double?,
        speedupOverThreads: Double?,
        gigaflopsPerSecond: Double?,
        imbalance: Double? = nil
    ) {
        self.wall = wall
        self.speedup = speedup?.finiteOrNil
        self.efficiency = efficiency?.finiteOrNil
        self.speedupOverThreads = speedupOverThreads?.finiteOrNil
        self.gigaflopsPerSecond = gigaflopsPerSecond?.finiteOrNil
        self.imbalance = imbalance?.finiteOrNil
    }
}

extension PointSummary: Codable {
    private enum CodingKeys: String, CodingKey {
        case speedup, efficiency, speedupOverThreads, gigaflopsPerSecond, imbalance
    }

    package init(from decoder: any Decoder) throws {
        wall = try SampleSummary(from: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        speedup = try container.decodeIfPresent(Double.self, forKey: .speedup)
        efficiency = try container.decodeIfPresent(Double.self, forKey: .efficiency)
        speedupOverThreads = try container.decodeIfPresent(Double.self, forKey: .speedupOverThreads)
        gigaflopsPerSecond = try container.decodeIfPresent(Double.self, forKey: .gigaflopsPerSecond)
        imbalance = try container.decodeIfPresent(Double.self, forKey: .imbalance)
    }

    package func encode(to encoder: any Encoder) throws {
        try wall.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(speedup, forKey: .speedup)
        try container.encodeIfPresent(efficiency, forKey: .efficiency)
        try container.encodeIfPresent(speedupOverThreads, forKey: .speedupOverThreads)
        try container.encodeIfPresent(gigaflopsPerSecond, forKey: .gigaflopsPerSecond)
        try container.encodeIfPresent(imbalance, forKey: .imbalance)
    }
}

extension [TrialSample] {
    /// How evenly the work was spread over the workers; see `PointSummary.imbalance`.
    ///
    /// Nil when nothing was computed.
    package var imbalance: Double? {
        let ratios = compactMap { sample -> Double? in
            let times = sample.workers.map { Double($0.computeNanoseconds) }
            guard let most = times.max(), most > 0 else { return nil }
            return most * Double(times.count) / times.reduce(0, +)
        }
        return ratios.isEmpty ? nil : ratios.reduce(0, +) / Double(ratios.count)
    }
}
