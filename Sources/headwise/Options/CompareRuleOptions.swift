import ArgumentParser
import Files
import Record

/// The flags that say when two times count as different, and how long to measure.
struct CompareRuleOptions: ParsableArguments {
    @Option(
        .number(such: 2),
        help: """
            The largest difference of the fast end, in percent, that counts as none. The addresses \
            of code and memory alone change a program's time by about a percent (Mytkowicz et al., \
            ASPLOS 2009); that is no regression.
            """
    )
    var threshold = 100 * CompareRule.defaultThreshold(of: .fastEnd)

    @Option(
        .number(such: 5),
        help: """
            The same for the mean. Other programs disturb the mean more than the fast end, so a \
            smaller threshold would leave it ambiguous.
            """
    )
    var meanThreshold = 100 * CompareRule.defaultThreshold(of: .mean)

    @Option(.number(such: 10), help: "The same for the 90th percentile (p90).")
    var p90Threshold = 100 * CompareRule.defaultThreshold(of: .percentile90)

    @Option(
        .number(such: 99),
        help: "All intervals of a comparison hold together in this percent of comparisons."
    )
    var confidence = 99.0

    @Option(
        .number(such: 10),
        help: """
            Seconds for measuring two plans. Five replicates, or --replicates if fewer, always run. \
            Default: 10.
            """
    )
    var budget: Double?

    @Option(
        .checkedLater(2...1000),
        help: """
            How often both sides start afresh, if the budget allows. Processes of one program \
            differ by some percent; only more replicates even that out. Default: 32.
            """
    )
    var replicates: Int?

    @Option(
        .whole(0...UInt64.max),
        help: "The seed for the order of the trials. Default: a new one each time."
    )
    var seed: UInt64?

    @Option(
        help: """
            What may differ between A and B, joined by commas: host, plan, isa (the instruction \
            set), kernel (the commit). The word unfinished also allows \
            unfinished records.
            """
    )
    var allow: String?

    private static let defaultBudget = 10.0
    private static let defaultReplicates = 32

    /// The rule for plans, which are measured now.
    func measuringRule() -> CompareRule {
        rule(
            budget: budget ?? Self.defaultBudget,
            replicates: replicates ?? Self.defaultReplicates,
            seed: seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
        )
    }

    /// The rule for records, which have their times already.
    func recordsRule() throws(ExperimentError) -> CompareRule {
        let measuring = [
            ("--budget", budget != nil), ("--replicates", replicates != nil),
            ("--seed", seed != nil),
        ].filter(\.1).map(\.0)
        guard let first = measuring.first else { return rule() }
        throw ExperimentError(
            .usage,
            first,
            "has no effect on records, which are measured already",
            expected: "plans, or --as-plans to measure the records' plans again",
            remedy: "leave it out, or give it to the runs that make the records"
        )
    }

    private func rule(
        budget: Double? = nil,
        replicates: Int? = nil,
        seed: UInt64? = nil
    ) -> CompareRule {
        CompareRule(
            threshold: threshold / 100,
            meanThreshold: meanThreshold / 100,
            percentile90Threshold: p90Threshold / 100,
            confidence: confidence / 100,
            budgetSeconds: budget,
            replicates: replicates,
            seed: seed
        )
    }

    func allowed() throws(ExperimentError) -> Set<Comparability> {
        try allow.map { text throws(ExperimentError) in try Comparability.allowed(text) } ?? []
    }

    func validate() throws {
        for (flag, threshold) in [
            ("--threshold", threshold), ("--mean-threshold", meanThreshold),
            ("--p90-threshold", p90Threshold),
        ] {
            try require("\(flag) \(threshold)", threshold >= 0 && threshold <= 1000, "0 to 1000 %")
        }
        try require(
            "--confidence \(confidence)",
            confidence >= 50 && confidence <= 99.999,
            "50 to 99.999 %"
        )
        if let budget {
            try require(
                "--budget \(budget)",
                budget > 0 && budget <= 86_400,
                "more than 0 and up to 86400 seconds"
            )
        }
        if let replicates {
            try require("--replicates \(replicates)", (2...1000).contains(replicates), "2 to 1000")
        }
        _ = try allowed()
    }

    private func require(
        _ subject: String,
        _ holds: Bool,
        _ range: String
    ) throws(ExperimentError) {
        guard !holds else { return }
        throw ExperimentError(
            .usage,
            subject,
            "is out of range",
            expected: range,
            remedy: "leave it out to get the default"
        )
    }
}
