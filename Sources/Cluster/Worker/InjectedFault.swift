/// A fault a worker commits on purpose, to see what a run makes of it.
///
/// Given as `--fault KIND:N` to `headwise worker`: the worker behaves until it starts its Nth shard
/// (from 1), then it misbehaves.
package enum InjectedFault: Equatable, Sendable {
    /// The process ends by SIGKILL.
    case die(shard: Int)
    /// The computation never ends, while heartbeats go on.
    case wedge(shard: Int)
    /// One bit of the result is flipped.
    case corrupt(shard: Int)

    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let shard = Int(parts[1]), shard >= 1 else { return nil }
        switch parts[0] {
        case "die": self = .die(shard: shard)
        case "wedge": self = .wedge(shard: shard)
        case "corrupt": self = .corrupt(shard: shard)
        default: return nil
        }
    }
}
