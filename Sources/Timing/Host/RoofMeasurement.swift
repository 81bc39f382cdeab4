/// The two roofs of one core: how fast it multiplies and how fast it reads.
package struct RoofMeasurement: Hashable, Sendable, Codable {
    /// The rate of independent fused multiply-adds, each counted as two operations.
    package var fmaGigaflopsPerSecond: Double
    /// The rate of reading memory that no cache holds.
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
