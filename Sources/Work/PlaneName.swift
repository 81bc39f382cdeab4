/// How query, key and value reach the workers.
package enum PlaneName: String, Hashable, Sendable, Codable, CaseIterable {
    /// They are sent inside every trial, with the tasks that need them.
    case inline
    /// They are there before the clock starts: made from the seed, or sent once.
    case resident
}
