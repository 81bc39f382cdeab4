/// How query, key and value reach the workers.
package enum PlaneName: String, Hashable, Sendable, Codable, CaseIterable {
    /// The coordinator sends them inside every trial, with the tasks that need them.
    case inline
    /// The workers have them before the clock starts: made from the seed, or sent once.
    case resident
    /// The workers read them in memory that the coordinator shares with all of them; they are there
    /// before the clock starts.
    case shared
    /// The same memory, into which the coordinator copies, inside every trial, what a task needs
    /// before it hands the task out.
    case copied

    /// Whether the inputs stay with the workers from trial to trial.
    ///
    /// A trial with other inputs then needs room for both.
    package var holdsInputs: Bool {
        switch self {
        case .inline, .copied: false
        case .resident, .shared: true
        }
    }

    /// What limits how fast inputs reach the workers inside a trial; those of a trial alone are sent.
    package var roof: TransferRoof {
        switch self {
        case .inline, .resident, .shared: .link
        case .copied: .copying
        }
    }

    /// Whether processes must share memory.
    package var sharesMemory: Bool {
        switch self {
        case .inline, .resident: false
        case .shared, .copied: true
        }
    }
}
