import Platform
import Scheduling

/// What became of one try of a trial.
struct TrialAttempt {
    var outcome: Recovery.Outcome
    var nanoseconds: UInt64 = 0
    /// Why it was not finished.
    var loss: RunError?

    static var allLost: RunError { RunError(.unfinished, "no workers are left") }
}
