/// The axis along which the work is cut for the workers.
package enum Split: String, Hashable, Sendable, CaseIterable {
    /// Slices if there are enough to keep every worker busy, else rows of slices, else keys.
    case auto
    /// Whole batch elements.
    case batch
    /// Whole slices, that is (batch, head) pairs.
    case head
    /// The query rows of every slice.
    case rows
    /// The keys of every slice, in whole spans.
    case keys
    /// The keys, in arcs of whole spans that workers hold: blocks of rows visit them one after the other.
    case ring

    /// The schedules that mean something with it: in a ring, each worker computes over its own keys.
    package var schedules: [Schedule] {
        self == .ring ? [.dynamic, .fixed] : Schedule.allCases
    }
}
