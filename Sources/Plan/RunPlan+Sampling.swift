import Attention

extension RunPlan {
    /// How the work is measured, checked and kept; this changes the precision of a time, not the
    /// time.
    package struct Sampling: Equatable, Sendable {
        /// Measured repetitions of a point, over all replicates.
        ///
        /// When absent, as many as its interval needs or the budget allows.
        package var trials: Int?
        /// Unmeasured repetitions at the start of each replicate; when absent, until times are
        /// steady.
        package var warmup: Int?
        /// The half-width of the median's interval to reach, as a fraction of the median.
        package var targetInterval = 0.01
        /// Seconds that warming up and sampling may take together.
        package var budgetSeconds = 15.0
        /// How often the worker processes are started afresh: samples of one process are not
        /// independent.
        package var replicates = 3
        /// Whether every trial has its own seed, so that a stale output cannot pass.
        package var audit = false
        /// Whether a machine on which most trials are disturbed fails the run.
        package var requireQuiet = false
        /// How much of the single process's output is compared with float64.
        package var verify = VerificationMode.sampled
        /// Path of a tensor file to write the output to.
        package var output: String?
        /// Path of a tensor file to write the attention weights to.
        package var weights: String?

        static let fields = [
            PlanField("trials", .procedure, \.sampling.trials, absent: "as needed"),
            PlanField("warmup", .procedure, \.sampling.warmup, absent: "until steady"),
            PlanField("targetInterval", .procedure, \.sampling.targetInterval),
            PlanField("budgetSeconds", .procedure, \.sampling.budgetSeconds, flag: "--budget"),
            PlanField("replicates", .procedure, \.sampling.replicates),
            // Making new inputs for every trial is different work.
            PlanField("audit", .problem, \.sampling.audit),
            PlanField(
                "requireQuiet",
                .procedure,
                \.sampling.requireQuiet,
                isWrittenAlways: false
            ),
            PlanField("verify", .procedure, \.sampling.verify),
            PlanField("output", .procedure, \.sampling.output),
            PlanField("weights", .procedure, \.sampling.weights),
        ]
    }
}
