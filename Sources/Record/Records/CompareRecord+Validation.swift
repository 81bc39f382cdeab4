import Files
import Plan
import Statistics

extension CompareRecord {
    /// Refuses numbers that no comparison can produce; `source` is the file that the error names.
    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.key("host").requireSound(host)
        for (name, side) in [("first", first), ("second", second)] {
            try side.strangers?.validate(place.key(name).key("strangers"))
            try side.plan.validateShown(place.key(name).key("plan"))
        }
        let rulePlace = place.key("rule")
        try rulePlace.key("confidence").require(
            rule.confidence > 0 && rule.confidence < 1,
            "is \(rule.confidence)",
            expected: "a fraction between 0 and 1"
        )
        for (name, threshold) in [
            ("threshold", rule.threshold), ("meanThreshold", rule.meanThreshold),
            ("percentile90Threshold", rule.percentile90Threshold),
        ] {
            guard let threshold else { continue }
            try rulePlace.key(name).require(
                threshold >= 0 && threshold <= 10,
                "is \(threshold)",
                expected: "a fraction of 0 to 10"
            )
        }
        for (index, point) in points.enumerated() {
            try validate(point, place.item("points", index))
        }
    }

    private func validate(
        _ point: ComparedPoint,
        _ place: RecordPlace
    ) throws(ExperimentError) {
        try place.requireCount(point.workers, "workers")
        try place.key("statistics").require(
            !point.statistics.isEmpty,
            "is empty",
            expected: "one or more"
        )
        try place.requireEachOnce(point.statistics.map(\.statistic), "statistics", "statistic")
        // A record of the fast end alone has its figures in place of the list.
        let isOld = schema == .fastEnd
        let typical = isOld ? "Typical" : ""
        for (index, statistic) in point.statistics.enumerated() {
            let place = isOld ? place : place.item("statistics", index)
            try place.requirePositive(statistic.firstNanoseconds, "first\(typical)Nanoseconds")
            try place.requirePositive(statistic.secondNanoseconds, "second\(typical)Nanoseconds")
            guard let comparison = statistic.comparison else { continue }
            let found = place.key("comparison")
            try found.requirePositive(comparison.ratio, "ratio")
            try found.requireNotNegative(comparison.lowerBound, "lowerBound")
            try found.requirePositive(comparison.upperBound, "upperBound")
            try found.requireCount(comparison.neededReplicates ?? 2, "neededReplicates")
        }
    }
}
