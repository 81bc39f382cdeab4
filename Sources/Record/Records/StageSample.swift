import Files
import Statistics

/// One stage of a trial, such as the heads of a layer: when it was computed, and for how long.
///
/// Stages may overlap: a shard of a later stage waits for its own batch elements only.
package struct StageSample: Codable, Equatable, Sendable {
    package enum Name: String, Codable, Sendable, CaseIterable {
        case attention, softmax
        /// Linformer's E·K and F·V.
        case keyProjection, valueProjection
        /// The stages of a layer.
        case heads, outputProjection
        /// All epochs of kernel regression as one stage, and what it predicts after them.
        case training, prediction
        /// The stages of attention whose keys are cut.
        case states, fold

        /// `key projection`.
        package var title: String {
            switch self {
            case .keyProjection: "key projection"
            case .valueProjection: "value projection"
            case .outputProjection: "output projection"
            default: rawValue
            }
        }
    }

    package var stage: Name
    /// Compute time of all workers together.
    package var computeNanoseconds: UInt64
    /// From the beginning of the trial to the first task sent.
    package var beginNanoseconds: UInt64
    /// From the beginning of the trial to the last result.
    package var endNanoseconds: UInt64

    package init(
        stage: Name,
        computeNanoseconds: UInt64,
        beginNanoseconds: UInt64,
        endNanoseconds: UInt64
    ) {
        self.stage = stage
        self.computeNanoseconds = computeNanoseconds
        self.beginNanoseconds = beginNanoseconds
        self.endNanoseconds = endNanoseconds
    }

    /// `wall` is the time of the trial, of so many workers.
    func validate(
        _ place: RecordPlace,
        wall: UInt64,
        workers: Int
    ) throws(ExperimentError) {
        try place.key("computeNanoseconds").require(
            Double(computeNanoseconds) <= Double(wall) * Double(workers),
            "is \(computeNanoseconds) ns in a trial of \(wall) ns",
            expected: "at most the trial's time of \(workers) workers"
        )
        try place.require(
            beginNanoseconds <= endNanoseconds && endNanoseconds <= wall,
            "lasts from \(beginNanoseconds) to \(endNanoseconds) ns in a trial of \(wall) ns",
            expected: "a stage within its trial"
        )
    }
}

extension RunPoint {
    /// The stages of the trials in the middle third of the times, each the mean of them; empty where
    /// there is one stage only, and in older records.
    package var typicalStages: [StageSample] {
        let trials = MiddleThird.of(samples) { Double($0.wallNanoseconds) }.compactMap(\.stages)
        guard let first = trials.first else { return [] }
        return first.map(\.stage).compactMap { name in
            let own = trials.flatMap { $0 }.filter { $0.stage == name }
            guard !own.isEmpty else { return nil }
            func mean(_ part: (StageSample) -> UInt64) -> UInt64 {
                let mean = own.reduce(0) { $0 + Double(part($1)) / Double(own.count) }
                // A record may hold any numbers, and a sum of workers nearly overflow.
                return UInt64(min(mean, 1e19))
            }
            return StageSample(
                stage: name,
                computeNanoseconds: mean(\.computeNanoseconds),
                beginNanoseconds: mean(\.beginNanoseconds),
                endNanoseconds: mean(\.endNanoseconds)
            )
        }
    }
}
