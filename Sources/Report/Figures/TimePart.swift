/// The parts of a worker's time, each with one name and one colour on every page.
package enum TimePart: String, CaseIterable, Sendable {
    case compute, queue, transfer, merge, idle

    package var color: Palette {
        switch self {
        case .compute: .blue
        case .queue: .orange
        case .transfer: .sky
        case .merge: .green
        case .idle: .grey
        }
    }

    /// This part in a stack of bars.
    var part: StackedBars.Part { .init(rawValue, color) }
}
