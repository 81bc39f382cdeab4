import Record

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// From the numbers of maps, which share it, to a fraction of the colour ramp.
package struct MapScale: Sendable {
    /// The numbers at the ramp's ends.
    package let low: Double
    package let high: Double
    package let kind: MapRecord.ColorScale

    /// A logarithmic scale spans this much at most; smaller numbers have its lowest colour.
    private static let largestSpan = 1e6

    package init(_ maps: [HeatMap], _ kind: MapRecord.ColorScale) {
        let largest = Double(maps.compactMap(\.largest).max() ?? 1)
        high = largest > 0 ? largest : 1
        let least = Double(maps.compactMap(\.leastPositive).min() ?? 1)
        // One number alone has no span.
        self.kind = least < high ? kind : .linear
        low = self.kind == .log ? max(least, high / Self.largestSpan) : 0
    }

    package func fraction(_ value: Float) -> Double {
        let value = Double(value)
        switch kind {
        case .linear: return min(1, max(0, (value - low) / (high - low)))
        case .log:
            guard value > low else { return 0 }
            return min(1, log(value / low) / log(high / low))
        }
    }
}

extension MapRecord {
    package var colorScale: MapScale { MapScale(maps, scale) }
}
