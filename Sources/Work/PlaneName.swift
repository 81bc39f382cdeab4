/// How query, key and value reach the workers.
package enum PlaneName: String, Hashable, Sendable, Codable, CaseIterable {
    /// The coordinator sends them inside every trial, with the tasks that need them.
    case inline
    /// The workers have them before the clock starts: made from the seed, or sent once.
    case resident

    /// Whether workers hold the inputs from trial to trial.
    ///
    /// A trial with other inputs then needs room for both.
    package var holdsInputs: Bool {
        switch self {
        case .inline: false
        case .resident: true
        }
    }

    /// Whether processes must share memory.
    package var sharesMemory: Bool {
        switch self {
        case .inline, .resident: false
        }
    }
}
