import Timing

extension CompareRecord {
    /// Refuses what no comparison can have left; `source` is the file that the sentence names.
    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.key("host").requireSound(host)
        let rulePlace = place.key("rule")
        try rulePlace.key("confidence").require(
            rule.confidence > 0 && rule.confidence < 1,
            "is \(rule.confidence)",
            expected: "a fraction between 0 and 1"
        )
        try rulePlace.key("threshold").require(
            rule.threshold >= 0 && rule.threshold <= 10,
            "is \(rule.threshold)",
            expected: "a fraction of 0 to 10"
        )
        for (index, point) in points.enumerated() {
            let place = place.item("points", index)
            try place.requireCount(point.workers, "workers")
            try place.requirePositive(point.firstTypicalNanoseconds, "firstTypicalNanoseconds")
            try place.requirePositive(point.secondTypicalNanoseconds, "secondTypicalNanoseconds")
            guard let comparison = point.comparison else { continue }
            let found = place.key("comparison")
            try found.requirePositive(comparison.ratio, "ratio")
            try found.requireNotNegative(comparison.lowerBound, "lowerBound")
            try found.requirePositive(comparison.upperBound, "upperBound")
            try found.requireCount(comparison.neededReplicates ?? 2, "neededReplicates")
        }
    }
}
