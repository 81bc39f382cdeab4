/// Exact bounds on the rate of events from their count (Clopper and Pearson, 1934).
package enum ExactBinomial {
    /// The rate that is exceeded with probability at most `1 − confidence`, given what was seen.
    ///
    /// No alarm in 200 runs bounds their rate by 1.49 % at 95 %.
    package static func upperBound(
        events: Int,
        runs: Int,
        confidence: Double = 0.95
    ) -> Double {
        check(events, runs, confidence)
        if events == runs { return 1 }
        return IncompleteBeta.quantile(
            confidence,
            a: Double(events) + 1,
            b: Double(runs - events)
        )
    }

    /// The rate that is fallen below with probability at most `1 − confidence`.
    package static func lowerBound(
        events: Int,
        runs: Int,
        confidence: Double = 0.95
    ) -> Double {
        check(events, runs, confidence)
        if events == 0 { return 0 }
        return IncompleteBeta.quantile(
            1 - confidence,
            a: Double(events),
            b: Double(runs - events) + 1
        )
    }

    private static func check(_ events: Int, _ runs: Int, _ confidence: Double) {
        precondition(
            runs >= 1 && (0...runs).contains(events),
            "events must be at least 0 and at most the number of runs, which must be at least 1"
        )
        precondition(confidence > 0 && confidence < 1, "a confidence must be between 0 and 1")
    }
}
