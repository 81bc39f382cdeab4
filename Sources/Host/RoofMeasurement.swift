/// The two roofs of one core: its multiply-add rate and its memory read rate.
package struct RoofMeasurement: Hashable, Sendable, Codable {
    /// The rate of independent fused multiply-adds, each counted as two operations.
    package var fmaGigaflopsPerSecond: Double
    /// The rate of reading memory that is in no cache.
    package var readGigabytesPerSecond: Double
    package var instructionSet: String

    package init(
        fmaGigaflopsPerSecond: Double,
        readGigabytesPerSecond: Double,
        instructionSet: String
    ) {
        self.fmaGigaflopsPerSecond = fmaGigaflopsPerSecond
        self.readGigabytesPerSecond = readGigabytesPerSecond
        self.instructionSet = instructionSet
    }
}
