import Files
import Work

/// How long the workers of a point took to start, from their launch on.
package struct WorkerStart: Codable, Equatable, Sendable {
    /// Until all of them had joined.
    package var joinNanoseconds: UInt64
    /// From then on until each had made or received what it holds before any trial.
    ///
    /// The measurement of links in between is not in it.
    package var preparationNanoseconds: UInt64

    package init(joinNanoseconds: UInt64, preparationNanoseconds: UInt64) {
        self.joinNanoseconds = joinNanoseconds
        self.preparationNanoseconds = preparationNanoseconds
    }

    package var readyNanoseconds: UInt64 { joinNanoseconds + preparationNanoseconds }

    func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.key("joinNanoseconds").requireDuration(joinNanoseconds)
        try place.key("preparationNanoseconds").requireDuration(preparationNanoseconds, least: 0)
    }
}

extension [WorkerStart] {
    /// The middle of the times until the workers were ready; nil without any.
    package var medianReadyNanoseconds: Double? {
        LinkSummary.median(map { Double($0.readyNanoseconds) })
    }
}
