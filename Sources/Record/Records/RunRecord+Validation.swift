import Attention
import Files
import Plan
import Statistics
import Work

extension RunRecord {
    /// Refuses numbers that no run can produce: impossible ones, or ones that contradict others.
    ///
    /// `source` is the file that the error names. A run that was interrupted, or that lost every
    /// worker, leaves points without samples; a run that ended well does not.
    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.requireMoment(started, "started")
        try place.key("points").require(
            !points.isEmpty || exitCode != 0,
            "is empty, although the run finished",
            expected: "one point for each worker count"
        )
        try place.requireEachOnce(points.map(\.workers), "points", "workers")
        try validatePlan(place.key("plan"))
        try place.key("host").requireSound(host)
        for (index, base) in baseCases.enumerated() {
            try base.validate(place.item("baseCases", index))
        }
        for (index, point) in points.enumerated() {
            try point.validate(place.item("points", index), plan, mustHaveSamples: exitCode == 0)
        }
        try place.key("baseCases").require(
            singleThread != nil || points.allSatisfy { $0.summary?.speedup == nil },
            "has no base case with one thread, although points have speedups",
            expected: "the times of one process with one thread"
        )
        for (index, point) in points.enumerated() {
            try validateRatios(of: point, place.item("points", index).key("summary"))
            try validateSteps(of: point, place.item("points", index).key("steps"))
        }
        try roofs?.validate(place.key("roofs"))
        try place.requirePositive(emulatedNanosecondsPerPair, "emulatedNanosecondsPerPair")
        try validateMark(place)
        try validateRates(place)
        try weights?.validate(place.key("weights"))
        try training?.validate(
            place.key("training"),
            epochs: plan.problem.attentionProblem().operation.pooling?.training?.epochs
        )
        try planeDecision?.validate(place.key("planeDecision"), plan)
        try attendance?.validate(place.key("attendance"), plan.workers)
        try pinning?.validate(place.key("pinning"))
        try network?.validate(place.key("network"))
        try sampling?.validate(place.key("sampling"))
        try analysis?.validate(place.key("analysis"), points: points)
        try validateStanding(place)
    }

    /// What was not computed has neither base cases nor rates, and its outputs were not checked.
    private func validateMark(_ place: RecordPlace) throws(ExperimentError) {
        guard let mark else { return }
        try place.key("baseCases").require(
            baseCases.isEmpty,
            "has times, although the run is \(mark)",
            expected: "no base case"
        )
        for (index, point) in points.enumerated() {
            let place = place.item("points", index)
            let summary = point.summary
            try place.key("summary").require(
                summary?.speedup == nil && summary?.efficiency == nil
                    && summary?.speedupOverThreads == nil && summary?.gigaflopsPerSecond == nil,
                "has a speedup or a rate, although the run is \(mark)",
                expected: "times alone"
            )
            let status = point.verification.status
            try place.key("verification.status").require(
                status == .unchecked,
                "is \(status), although the run is \(mark)",
                expected: "\(VerificationStatus.unchecked)"
            )
        }
    }

    /// Speedup and efficiency must follow from the medians beside them.
    private func validateRatios(
        of point: RunPoint,
        _ place: RecordPlace
    ) throws(ExperimentError) {
        guard let summary = point.summary, let speedup = summary.speedup, let single = singleThread
        else { return }
        let work = Double(point.batch ?? plan.batch) / Double(plan.batch)
        let expected = single.summary.medianNanoseconds / summary.wall.medianNanoseconds * work
        try place.requireRatio(speedup, "speedup", expected)
        let threads = Double(point.workers * point.threads)
        try place.requireRatio(summary.efficiency, "efficiency", expected / threads)
    }

    /// Steps must be those of the plan, none longer than the trials, and tokens must follow from the
    /// median.
    private func validateSteps(
        of point: RunPoint,
        _ place: RecordPlace
    ) throws(ExperimentError) {
        guard let steps = point.steps else { return }
        try place.require(
            point.summary != nil,
            "is there, although no trial finished",
            expected: "steps of the trials of samples"
        )
        let planned = plan.operation == .decodeSteps ? plan.shape.queryLength : nil
        try place.key("steps").require(
            steps.steps == planned,
            "is \(steps.steps)",
            expected: planned.map { "\($0), as in the plan" } ?? "no steps, as in the plan"
        )
        let longest = point.samples.map(\.wallNanoseconds).max() ?? 0
        try place.key("longestNanoseconds").require(
            steps.longestNanoseconds <= Double(longest),
            "is \(steps.longestNanoseconds)",
            expected: "at most \(longest), the longest trial"
        )
        guard let median = point.summary?.wall.medianNanoseconds else { return }
        let rows = Double(steps.steps) * Double(point.batch ?? plan.batch)
        try place.requireRatio(steps.tokensPerSecond, "tokensPerSecond", rows / median * 1e9)
    }

    /// Rates must follow from the medians, as all configurations of one batch do the same work.
    private func validateRates(_ place: RecordPlace) throws(ExperimentError) {
        guard let single = singleThread, let rate = single.gigaflopsPerSecond else { return }
        let operations = rate * single.summary.medianNanoseconds
        func isSame(_ batch: Int?) -> Bool { (batch ?? plan.batch) == (single.batch ?? plan.batch) }
        for (index, base) in baseCases.enumerated() {
            let place = place.item("baseCases", index)
            let median = base.summary.medianNanoseconds
            if isSame(base.batch) {
                try place.requireRatio(
                    base.gigaflopsPerSecond,
                    "gigaflopsPerSecond",
                    operations / median
                )
            }
            guard let roofs, let own = base.gigaflopsPerSecond else { continue }
            try place.requireRatio(
                base.fractionOfPeak,
                "fractionOfPeak",
                own / (roofs.fmaGigaflopsPerSecond * Double(base.threads))
            )
        }
        for (index, point) in points.enumerated() where isSame(point.batch) {
            guard let summary = point.summary else { continue }
            try place.item("points", index).key("summary").requireRatio(
                summary.gigaflopsPerSecond,
                "gigaflopsPerSecond",
                operations / summary.wall.medianNanoseconds
            )
        }
    }

    private func validateStanding(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireStanding(
            verdict,
            exitCode: exitCode,
            among: [EndCode.done, EndCode.disagrees, EndCode.mistrusted, EndCode.invalid]
                + EndCode.early,
            found: ending
        )
        try place.key("verdict").require(
            verdict != nil || exitCode == nil,
            "is missing, although there is an exit code",
            expected: "the verdict on the whole run"
        )
        let invalid = points.firstIndex { $0.verdict.status == .invalid }
        try place.key("verdict.status").require(
            invalid == nil || verdict?.status != .valid,
            "is \(Verdict.Status.valid), although points[\(invalid ?? 0)].verdict.status is "
                + "\(Verdict.Status.invalid)",
            expected: "\(Verdict.Status.invalid)"
        )
    }

    /// The exit code that points and verdict come to, and the first cause of it.
    package var ending: (code: Int32, why: String) {
        if let wrong = baseCases.firstIndex(where: { $0.mismatchedTrials ?? 0 > 0 }) {
            return (
                VerificationStatus.disagrees.endCode,
                "baseCases[\(wrong)].mismatchedTrials is not 0"
            )
        }
        for status in [VerificationStatus.disagrees, .mistrusted] {
            if let place = points.firstIndex(where: { $0.verification.status == status }) {
                return (status.endCode, "points[\(place)].verification.status is \(status)")
            }
            if weights?.status == status {
                return (status.endCode, "weights.status is \(status)")
            }
        }
        let status = verdict?.status ?? .valid
        if status == .disturbed, plan.requireQuiet {
            return (
                Verdict.Status.invalid.endCode,
                "the verdict is \(status) and the plan requires a quiet machine"
            )
        }
        return (status.endCode, "the verdict is \(status)")
    }

    private func validatePlan(_ place: RecordPlace) throws(ExperimentError) {
        try place.key("kind").require(
            schema == (plan.kind == .run ? .run : .scale),
            "is \(plan.kind.rawValue)",
            expected: "the kind that belongs to the schema \(schema.rawValue)"
        )
        if plan.operation == .decodeSteps {
            let steps = 1...AttentionProblem.largestSteps
            try place.requireCount(plan.shape.queryLength, "steps", in: steps)
            try place.requireCount(plan.keyLength, "keyLength", in: 1...Int.max)
        }
        try plan.validateShown(place)
    }
}

extension RunPlan {
    /// Refuses counts that no plan can have; the rest was checked when it was run, and is only shown.
    func validateShown(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCountable(shape)
        try place.requireCount(arrangement.threads, "threads")
        try place.requireCount(sampling.trials ?? 1, "trials")
        try place.requirePositive(sampling.budgetSeconds, "budgetSeconds")
        try place.key("workers").require(
            !arrangement.workers.isEmpty && arrangement.workers.allSatisfy { $0 >= 1 },
            "is \(arrangement.workers)",
            expected: "worker counts of 1 or more"
        )
    }
}

extension BaseCase {
    fileprivate func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(threads, "threads")
        try place.requireSound(samplesNanoseconds, named: "samplesNanoseconds", summary)
        try place.requirePaired(replicates, sampleCount: samplesNanoseconds.count)
        try place.requireCount(pausedTrials ?? 0, "pausedTrials", in: 0...Int(Int32.max))
        try place.requireCount(replacements ?? 0, "replacements", in: 0...Int(Int32.max))
        for (name, numbers) in [
            ("cpuNanoseconds", cpuNanoseconds), ("offCoreNanoseconds", offCoreNanoseconds),
            ("voluntarySwitches", voluntarySwitches), ("involuntarySwitches", involuntarySwitches),
        ] {
            try place.key(name).require(
                numbers == nil || numbers?.count == samplesNanoseconds.count,
                "has \(numbers?.count ?? 0) numbers",
                expected: "one for each of the \(samplesNanoseconds.count) samples"
            )
        }
        try place.requirePositive(gigaflopsPerSecond, "gigaflopsPerSecond")
        try place.requirePositive(fractionOfPeak, "fractionOfPeak")
        try place.requireCount(tensorBytes ?? 1, "tensorBytes", in: 1...Int.max)
    }
}

extension MeasuredRoofs {
    fileprivate func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requirePositive(fmaGigaflopsPerSecond, "fmaGigaflopsPerSecond")
        try place.requirePositive(readGigabytesPerSecond, "readGigabytesPerSecond")
        try place.requirePositive(linkGigabytesPerSecond, "linkGigabytesPerSecond")
        try place.requirePositive(copyGigabytesPerSecond, "copyGigabytesPerSecond")
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
        try place.key("points").require(
            !points.isEmpty,
            "is empty",
            expected: "one point for each worker count that was measured"
        )
        try place.requireEachOnce(points.map(\.workers), "points", "workers")
        let known = Set(recorded.filter { !$0.samples.isEmpty }.map(\.workers))
        try place.key("recommendation.workers").require(
            recommendation.workers == 0 || known.contains(recommendation.workers),
            "is \(recommendation.workers), which was not measured",
            expected: "a worker count of the record's points, or 0 for none"
        )
        for (index, point) in points.enumerated() {
            let place = place.item("points", index)
            try place.key("workers").require(
                known.contains(point.workers),
                "is \(point.workers), which was not measured",
                expected: "a worker count of the record's points that has samples"
            )
            try place.requireSound(point.speedup, "speedup")
            try place.requirePositive(point.speedup.value, "speedup.value")
            try place.requireSound(point.efficiency, "efficiency")
            try place.requirePositive(point.efficiency.value, "efficiency.value")
            try place.requireSound(point.speedupOverThreads, "speedupOverThreads")
            try place.requireSound(point.serialFraction, "serialFraction")
            for (name, estimate) in [
                ("speedup", point.speedup), ("efficiency", point.efficiency),
                ("speedupOverThreads", point.speedupOverThreads),
            ] {
                try place.key(name).requireNotNegative(estimate?.lowerBound, "lowerBound")
            }
            try place.requireEachOnce(point.losses.map(\.cause.rawValue), "losses", "cause")
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
