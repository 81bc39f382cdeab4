import Attention

extension ShardPlan {
    /// How the costs fall on the workers.
    struct Load {
        var imbalance: Double
        var idleWorkerCount: Int
    }

    /// For a dynamic schedule, each shard goes to whoever has least so far.
    static func load(
        _ pieces: [ShardPiece],
        _ workerCount: Int,
        _ schedule: Schedule
    ) -> Load {
        var loads = [Double](repeating: 0, count: workerCount)
        for piece in pieces {
            let worker =
                schedule == .fixed
                ? piece.owner
                : loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0
            loads[worker] += piece.cost
        }
        let mean = loads.reduce(0, +) / Double(workerCount)
        // Every owner has at least one shard, so only the surplus of workers is idle.
        let busyCount = schedule == .fixed ? Set(pieces.map(\.owner)).count : pieces.count
        return Load(
            imbalance: mean > 0 ? (loads.max() ?? 0) / mean : 1,
            idleWorkerCount: max(0, workerCount - busyCount)
        )
    }

    /// Idle workers first: then the imbalance needs no words of its own.
    static func warnings(
        _ split: Split,
        _ shape: AttentionShape,
        _ workerCount: Int,
        _ load: Load
    ) -> [String] {
        let advice =
            switch split {
            case .batch where shape.sliceCount >= workerCount: "use --split head"
            case .batch, .head: "use --split rows"
            case .rows, .auto: "use fewer workers"
            }
        let idle = load.idleWorkerCount
        if idle > 0 {
            let verb = idle == 1 ? "has" : "have"
            return [
                "\(idle) of \(workerCount) workers \(verb) nothing to do under "
                    + "--split \(split.rawValue); \(advice)"
            ]
        }
        guard load.imbalance >= 1.1 else { return [] }
        let things =
            switch split {
            case .batch: counted(shape.batch, "batch element")
            case .head where shape.batch == 1: counted(shape.heads, "head")
            case .head: counted(shape.sliceCount, "slice")
            case .rows, .auto: counted(shape.queryLength, "row")
            }
        let hundredths = Int((load.imbalance * 100).rounded())
        let cents = hundredths % 100
        return [
            "\(things) over \(workerCount) workers: the busiest gets "
                + "\(hundredths / 100).\(cents / 10)\(cents % 10) times the mean work; \(advice)"
        ]
    }
}
