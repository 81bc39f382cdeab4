/// Why the request has no plan.
package enum SchedulingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A size that must be 1 or more.
    case sizeBelowOne(name: String, value: Int)
    /// A cost that is negative, infinite or not a number.
    case unusableCost(slice: Int, rows: Range<Int>, cost: Double)

    package var description: String {
        switch self {
        case .sizeBelowOne(let name, let value):
            "cannot plan shards: \(name) is \(value), expected 1 or more; give a larger value"
        case .unusableCost(let slice, let rows, let cost):
            "cannot plan shards: the cost of slice \(slice), rows \(rows.lowerBound) to "
                + "\(rows.upperBound), is \(cost), expected a finite number of 0 or more; "
                + "correct the cost function"
        }
    }
}
