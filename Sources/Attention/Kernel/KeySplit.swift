import Work

extension AttentionProblem {
    /// The problem as `workerCount` workers compute it: its keys cut into spans where `split` asks for
    /// it, or where `auto` gains by it, and joined to arcs for a ring.
    ///
    /// `auto` cuts keys where neither slices nor blocks of rows are enough for the workers, and spans
    /// are. Slices of few rows count as one if they share their keys: apart, each would read them.
    package func cut(by split: Split, workerCount: Int) -> AttentionProblem {
        var problem = self
        (problem.spanKeys, problem.arcs) = (nil, nil)
        guard operation.attendsDirectly else { return problem }
        // Sizes that no machine can hold are refused elsewhere, and must not overflow here.
        let blocks = Double((rowsOfStep - 1) / Self.rowsOfBlock + 1)
        let cells = Double(shape.sliceCount / slicesTogether) * blocks
        var cut = problem
        cut.spanKeys = AttentionKernel.spanKeys
        switch split {
        case .keys: return cut
        case .ring:
            guard operation == .attention else { return problem }
            cut.arcs = cut.spanCount
            // Where every span were an arc.
            let isEven = cut.arcs(ofRow: 0) == cut.arcs(ofRow: shape.queryLength - 1)
            let most = cut.mostArcs(workerCount: workerCount)
            cut.arcs =
                isEven && mask.lengths == .none ? min(cut.spanCount, workerCount) : most
            return cut
        case .auto:
            let spans = cut.spanCount
            let isWorth = spans > 1 && cells < Double(workerCount)
            return isWorth && cells * Double(spans) >= Double(workerCount) ? cut : problem
        case .batch, .head, .rows: return problem
        }
    }

    /// The most arcs of a ring of workers: two for each, since rows that see few keys see the first ones,
    /// and an early and a late arc make a worker as busy as two in the middle.
    package func mostArcs(workerCount: Int) -> Int {
        min(spanCount, workerCount == 1 ? 1 : 2 * workerCount)
    }

    /// The rows that a shard has at least: the largest query block of all kernels, so that the choice
    /// does not depend on the processor.
    private static let rowsOfBlock = 64
}

extension Stage {
    /// How its slices and rows are cut in a problem that is cut by `split`.
    ///
    /// Only states have keys to cut; what comes before and after them is cut as suits it.
    package func split(_ split: Split) -> Split {
        work == .states ? .keys : split == .keys || split == .ring ? .auto : split
    }
}
