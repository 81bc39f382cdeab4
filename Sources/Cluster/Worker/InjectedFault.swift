/// A fault that a worker commits on purpose, to test how a run handles it.
///
/// Given as `--fault KIND:N` to `headwise worker`: the worker works correctly until it starts its
/// Nth shard (from 1), then it commits the fault. `slow:PERCENT` and `stall:PERCENT` act from the
/// first shard on; `die:0` and `late:MILLISECONDS` act before the worker joins.
package enum InjectedFault: Equatable, Sendable {
    /// The process ends by SIGKILL.
    case die(shard: Int)
    /// The computation never ends, while heartbeats go on.
    case wedge(shard: Int)
    /// One bit of the result is flipped.
    case corrupt(shard: Int)
    /// From this shard on one bit of every result is flipped.
    case spoil(shard: Int)
    /// From this shard on, nothing is computed or written; the worker only answers.
    case skip(shard: Int)
    /// From this shard on, nothing is computed twice: a shard's first output is put in its place
    /// again.
    case stale(shard: Int)
    /// Every shard takes `percent` longer than its computation, with the same bits.
    case slow(percent: Int)
    /// After every 10 ms of computing, the worker pauses for `percent` of them, with the same bits.
    /// The total delay is that of `slow`, but only a few shards have it.
    case stall(percent: Int)
    /// The worker waits before it connects.
    case late(milliseconds: Int)

    /// Whether the fault is one of outputs, which must be computed for it.
    package var needsComputing: Bool {
        switch self {
        case .corrupt, .spoil, .skip, .stale: true
        case .die, .wedge, .slow, .stall, .late: false
        }
    }

    /// The kinds of faults, for messages.
    package static let kinds = "die, wedge, corrupt, spoil, skip, stale, slow, stall or late"
    /// A hundred times as long; a larger number is a typing error.
    private static let largestSlowdownPercent = 10_000

    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let number = Int(parts[1]),
            number >= (parts[0] == "die" ? 0 : 1)
        else { return nil }
        switch parts[0] {
        case "die": self = .die(shard: number)
        case "wedge": self = .wedge(shard: number)
        case "corrupt": self = .corrupt(shard: number)
        case "spoil": self = .spoil(shard: number)
        case "skip": self = .skip(shard: number)
        case "stale": self = .stale(shard: number)
        case "slow" where number <= Self.largestSlowdownPercent: self = .slow(percent: number)
        case "stall" where number <= Self.largestSlowdownPercent: self = .stall(percent: number)
        case "late": self = .late(milliseconds: number)
        default: return nil
        }
    }
}
