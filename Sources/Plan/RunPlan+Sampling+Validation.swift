import Files

extension RunPlan.Sampling {
    /// Refuses what cannot be measured.
    func validate() throws(ExperimentError) {
        if let trials {
            try require(
                "--trials",
                trials,
                in: 1...RunPlan.largestTrialCount,
                "a number of trials"
            )
        }
        if let warmup {
            try require(
                "--warmup",
                warmup,
                in: 0...RunPlan.largestTrialCount,
                "a number of untimed rounds"
            )
        }
        try require(
            "--replicates",
            replicates,
            in: 1...RunPlan.largestReplicateCount,
            "a number of replicates"
        )
        guard targetInterval > 0, targetInterval <= 1 else {
            throw ExperimentError(
                .usage,
                "--target-interval \(targetInterval * 100)",
                "is out of range",
                expected: "percent of the median, more than 0 and at most 100",
                remedy: "write for example --target-interval 1"
            )
        }
        guard budgetSeconds > 0, budgetSeconds <= 1e6 else {
            throw ExperimentError(
                .usage,
                "--budget \(budgetSeconds)",
                "is out of range",
                expected: "seconds, more than 0 and at most 1000000",
                remedy: "write for example --budget 10"
            )
        }
    }
}
