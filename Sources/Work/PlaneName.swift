/// How query, key and value reach the workers.
package enum PlaneName: String, Hashable, Sendable, Codable, CaseIterable {
    /// The coordinator sends them inside every trial, with the tasks that need them.
    case inline
    /// The workers have them before the clock starts: made from the seed, or sent once.
    case resident
}
