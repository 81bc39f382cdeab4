/// Decides how a trial goes on that lost workers or was paused.
///
/// All workers are replaced after any of them was lost, even the only one, and whether that was
/// before or after it joined: the trial that lost it has no time, and the next would be one of a
/// smaller cluster.
package struct Recovery: Sendable {
    /// What became of one try of a trial.
    package enum Outcome: Hashable, Sendable {
        case complete
        /// The machine or the run was stopped meanwhile.
        case paused
        /// Workers were lost; `isFinished` says whether the others finished it.
        case lostWorkers(isFinished: Bool)
    }

    package enum Step: Hashable, Sendable {
        /// Go on with the next trial.
        case proceed
        case repeatTrial
        /// Start new workers, and repeat it.
        case replaceWorkers
        case giveUp
    }

    /// A cause that ends workers again and again also ends the next ones.
    package static let mostReplacements = 3
    /// How many tries of one trial a pause may end; a machine that stops all the time must not stop the run.
    package static let mostPauses = 3

    /// How often all workers were replaced.
    package private(set) var replacements = 0
    private var replacementsLeft = mostReplacements
    private var pausesLeft = mostPauses

    package init() {}

    /// Counts the replacements of a new set of processes from zero.
    package mutating func beginReplicate() { replacementsLeft = Self.mostReplacements }

    package mutating func beginTrial() { pausesLeft = Self.mostPauses }

    package mutating func next(after outcome: Outcome) -> Step {
        switch outcome {
        case .complete: return .proceed
        case .paused:
            guard pausesLeft > 0 else { return .proceed }
            pausesLeft -= 1
            return .repeatTrial
        case .lostWorkers(let isFinished):
            guard replacementsLeft > 0 else { return isFinished ? .proceed : .giveUp }
            replacementsLeft -= 1
            replacements += 1
            return .replaceWorkers
        }
    }
}
