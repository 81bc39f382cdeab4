/// Trials of one configuration in which another process had the core of a compute thread.
///
/// Their times say more about that process than about the work. They are counted and named, and
/// remain in every figure. If most trials are disturbed, the figures mean nothing.
package struct Disturbance: Hashable, Sendable {
    /// One trial: the largest fraction of its wall time that a compute thread was off its core.
    package struct Trial: Sendable {
        package var share: Double { offNanoseconds / max(wallNanoseconds, 1) }
        private let offNanoseconds: Double
        private let wallNanoseconds: Double
        /// The worker of that thread; nil in a base case.
        package var worker: Int?

        package init(offNanoseconds: UInt64, wallNanoseconds: UInt64, worker: Int? = nil) {
            self.offNanoseconds = Double(offNanoseconds)
            self.wallNanoseconds = Double(wallNanoseconds)
            self.worker = worker
        }

        var isDisturbed: Bool {
            share > Disturbance.leastShare && offNanoseconds > Disturbance.leastNanoseconds
        }
    }

    /// As a warning names the configuration, such as `2 workers`.
    package var subject: String
    package var trials: Int
    package var disturbedTrials: Int
    /// The share of the most disturbed trial.
    package var largestShare: Double
    package var worker: Int?

    /// Threads that were off their core for a smaller part of a trial are not reported: the
    /// system's own work takes a percent or two.
    package static let leastShare = 0.05
    /// A thread that was woken waits for its core for a few microseconds without any other process,
    /// which is much of a trial of ten.
    private static let leastNanoseconds = 10_000.0

    package init(subject: String, _ trials: [Trial]) {
        let worst = trials.max { $0.share < $1.share }
        self.subject = subject
        self.trials = trials.count
        disturbedTrials = trials.count(where: \.isDisturbed)
        largestShare = worst?.share ?? 0
        worker = worst?.worker
    }

    /// Whether these are most of the trials.
    package var isMost: Bool { 2 * disturbedTrials > trials }

    /// No full stop.
    package var sentence: String {
        let place = worker.map { ", worker \($0)" } ?? ""
        return "in \(disturbedTrials) of \(Figures.counted(trials, "trial")) other processes had a "
            + "compute thread's core for more than "
            + "\(Figures.decimal(Self.leastShare * 100, places: 0)) % of the time (up to "
            + "\(Figures.percent(largestShare))\(place))"
    }

    /// What to do; a CPU limit takes the core away, too.
    ///
    /// No full stop.
    package func remedy(isThrottled: Bool) -> String {
        (isThrottled ? "raise the CPU limit of the control group, which stops threads, too; " : "")
            + "stop other programs (`top` shows them), or give the run its own CPUs with "
            + "`taskset -c`, and repeat"
    }
}
