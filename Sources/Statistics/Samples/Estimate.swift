/// A figure and the interval that holds what it estimates in 95 of 100 experiments.
///
/// The bounds are absent when too little was measured to give them.
package struct Estimate: Hashable, Sendable, Codable {
    package var value: Double
    package var lowerBound: Double?
    package var upperBound: Double?

    package init(_ value: Double, lowerBound: Double? = nil, upperBound: Double? = nil) {
        self.value = value
        self.lowerBound = lowerBound
        self.upperBound = upperBound
    }
}
