import Files

/// A place in a record, as `r.json: points[1].samples[0]`, and the checks of its values.
///
/// A record file may have been changed in any way. Before it is drawn or compared, every number
/// that would be divided by, multiplied or trusted is checked for plausibility.
struct RecordPlace {
    /// The file.
    let source: String
    /// The keys from the top of the record; empty for the record itself.
    private var keys = ""

    init(source: String) {
        self.source = source
    }

    func key(_ name: String) -> RecordPlace {
        var place = self
        place.keys += keys.isEmpty ? name : "." + name
        return place
    }

    func item(_ name: String, _ index: Int) -> RecordPlace {
        key(name).item(index)
    }

    /// An item of the list that this is.
    func item(_ index: Int) -> RecordPlace {
        var place = self
        place.keys += "[\(index)]"
        return place
    }

    func require(
        _ isSound: Bool,
        _ problem: @autoclosure () -> String,
        expected: @autoclosure () -> String
    ) throws(ExperimentError) {
        guard !isSound else { return }
        throw ExperimentError(
            .usage,
            keys.isEmpty ? source : "\(source): “\(keys)”",
            problem(),
            expected: expected(),
            remedy: "give the original record, or measure again"
        )
    }

    /// The values of one key in a list of objects, each of which must have a different value.
    func requireEachOnce<Value: Hashable>(
        _ values: [Value],
        _ list: String,
        _ name: String
    ) throws(ExperimentError) {
        var places: [Value: Int] = [:]
        for (index, value) in values.enumerated() {
            let earlier = places.updateValue(index, forKey: value)
            try item(list, index).key(name).require(
                earlier == nil,
                "is \(value), the same as in \(list)[\(earlier ?? 0)]",
                expected: "a different \(name) in each"
            )
        }
    }

    func requirePositive(_ value: Double?, _ name: String) throws(ExperimentError) {
        guard let value else { return }
        try key(name).require(
            value > 0 && value.isFinite,
            "is \(value)",
            expected: "a finite number above 0"
        )
    }

    /// A number that is computed from others in the record.
    func requireRatio(
        _ value: Double?,
        _ name: String,
        _ expected: Double
    ) throws(ExperimentError) {
        guard let value else { return }
        try key(name).require(
            abs(value - expected) <= 1e-6 * abs(expected),
            "is \(value)",
            expected: "\(expected), which follows from the medians"
        )
    }

    func requireNotNegative(_ value: Double?, _ name: String) throws(ExperimentError) {
        guard let value else { return }
        try key(name).require(
            value >= 0 && value.isFinite,
            "is \(value)",
            expected: "a finite number of 0 or more"
        )
    }

    /// Refuses a number of workers in a process that nobody has.
    func requireSharing(_ workersPerProcess: Int?, workers: Int) throws(ExperimentError) {
        guard let workersPerProcess else { return }
        try requireCount(workersPerProcess, "workersPerProcess", in: 2...max(2, workers))
    }

    func requireCount(
        _ value: Int,
        _ name: String,
        in range: ClosedRange<Int> = 1...Int(Int32.max)
    ) throws(ExperimentError) {
        try key(name).require(
            range.contains(value),
            "is \(value)",
            expected: range.upperBound == Int(Int32.max) && value < range.lowerBound
                ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
        )
    }
}
