import Timing

extension RunRecord {
    /// Refuses what no run can have left: numbers that are impossible, or that contradict others.
    ///
    /// `source` is the file that the sentence names. A run that was interrupted, or that lost every
    /// worker, leaves points without samples; one that ended well does not.
    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.key("points").require(
            !points.isEmpty,
            "is empty",
            expected: "one point for every worker count"
        )
        try validatePlan(place.key("plan"))
        for (index, base) in baseCases.enumerated() {
            try base.validate(place.item("baseCases", index))
        }
        for (index, point) in points.enumerated() {
            try point.validate(place.item("points", index), mustHaveSamples: exitCode == 0)
        }
        try place.key("baseCases").require(
            singleThread != nil || points.allSatisfy { $0.summary?.speedup == nil },
            "holds no base case with one thread, although there are speedups over it",
            expected: "the times of one process with one thread"
        )
        try roofs?.validate(place.key("roofs"))
        try sampling?.validate(place.key("sampling"))
        try analysis?.validate(place.key("analysis"), points: points)
    }

    private func validatePlan(_ place: RecordPlace) throws(ExperimentError) {
        // The rest was checked when the plan was run, and is only shown.
        let largest = 1 << 32
        try place.requireCount(plan.batch, "batch", in: 1...largest)
        try place.requireCount(plan.heads, "heads", in: 1...largest)
        try place.requireCount(plan.keyValueHeads, "keyValueHeads", in: 1...plan.heads)
        try place.requireCount(plan.length, "length", in: 1...largest)
        try place.requireCount(plan.keyLength, "keyLength", in: 1...largest)
        try place.requireCount(plan.headDimension, "headDimension", in: 1...512)
        try place.requireCount(plan.valueDimension, "valueDimension", in: 1...512)
        try place.requireCount(plan.threads, "threads")
        try place.requireCount(plan.trials ?? 1, "trials")
        let factors = [
            plan.batch, plan.heads, max(plan.length, plan.keyLength), plan.keyLength,
            plan.headDimension + plan.valueDimension, 64,
        ]
        let isCountable =
            factors.reduce(into: 1 as Int?) { product, factor in
                guard let partial = product else { return }
                let (result, overflows) = partial.multipliedReportingOverflow(by: factor)
                product = overflows ? nil : result
            } != nil
        try place.require(
            isCountable,
            "describes a problem whose operations cannot be counted",
            expected: "a problem that a machine can compute"
        )
        try place.key("workers").require(
            !plan.workers.isEmpty && plan.workers.allSatisfy { $0 >= 1 },
            "is \(plan.workers)",
            expected: "worker counts of 1 or more"
        )
    }

}

extension BaseCase {
    fileprivate func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(threads, "threads")
        try place.requireSound(samplesNanoseconds, named: "samplesNanoseconds", summary)
        try place.requirePositive(gigaflopsPerSecond, "gigaflopsPerSecond")
        try place.requirePositive(fractionOfPeak, "fractionOfPeak")
    }
}

extension MeasuredRoofs {
    fileprivate func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requirePositive(fmaGigaflopsPerSecond, "fmaGigaflopsPerSecond")
        try place.requirePositive(readGigabytesPerSecond, "readGigabytesPerSecond")
        try place.requirePositive(linkGigabytesPerSecond, "linkGigabytesPerSecond")
    }
}

extension SamplingReport {
    fileprivate func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(rounds, "rounds", in: 0...Int(Int32.max))
        try place.requireCount(warmupRounds, "warmupRounds", in: 0...Int(Int32.max))
        try place.requireCount(replicates, "replicates", in: 0...Int(Int32.max))
        try place.requireNotNegative(targetInterval, "targetInterval")
        try place.requireNotNegative(widestInterval, "widestInterval")
    }
}

extension ScalingAnalysis {
    fileprivate func validate(
        _ place: RecordPlace,
        points recorded: [RunPoint]
    ) throws(ExperimentError) {
        let known = Set(recorded.map(\.workers))
        for (index, point) in points.enumerated() {
            let place = place.item("points", index)
            try place.key("workers").require(
                known.contains(point.workers),
                "is \(point.workers), which was not measured",
                expected: "a worker count of the record's points"
            )
            try place.requireSound(point.speedup, "speedup")
            try place.requirePositive(point.speedup.value, "speedup.value")
            try place.requireSound(point.efficiency, "efficiency")
            try place.requirePositive(point.efficiency.value, "efficiency.value")
            try place.requireSound(point.speedupOverThreads, "speedupOverThreads")
            try place.requireSound(point.serialFraction, "serialFraction")
            let parts = point.losses.map(\.fraction)
            let sum = point.efficiency.value + parts.reduce(0, +)
            try place.key("losses").require(
                parts.isEmpty || abs(sum - 1) < 0.01,
                "and the efficiency add up to \(sum)",
                expected: "1"
            )
        }
        for (index, model) in models.enumerated() {
            let place = place.item("models", index)
            for (index, parameter) in model.parameters.enumerated() {
                try place.requireSound(parameter.estimate, "parameters[\(index)].estimate")
            }
            for (index, prediction) in model.predictions.enumerated() {
                let place = place.item("predictions", index)
                try place.requireCount(prediction.workers, "workers")
                try place.requirePositive(prediction.speedup, "speedup")
            }
        }
    }
}
