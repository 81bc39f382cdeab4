/// Arcs of a ring: whole spans of keys side by side, which blocks of rows visit in the order of the keys.
///
/// A row visits no arc whose keys it cannot see by band and window: they depend on the row alone, so
/// every process knows which. What else hides keys, such as lengths or a boolean mask, changes nothing here.
extension AttentionProblem {
    package var arcCount: Int { arcs ?? 1 }

    /// The spans of an arc: as many as of any other, or one more.
    func spans(ofArc arc: Int) -> Range<Int> {
        arc * spanCount / arcCount..<(arc + 1) * spanCount / arcCount
    }

    /// The keys of the spans of an arc.
    package func keys(ofArc arc: Int) -> Range<Int> {
        let (spans, length) = (spans(ofArc: arc), shape.keyLength)
        let size = spanKeys ?? length
        return spans.lowerBound * size..<min(spans.upperBound * size, length)
    }

    private func arc(ofKey key: Int) -> Int {
        let span = key / (spanKeys ?? shape.keyLength)
        return ((span + 1) * arcCount - 1) / spanCount
    }

    /// The arcs that a row visits: from that of the first key that it may see to that of the last; one
    /// even if it sees none, since its output must be written.
    ///
    /// Neither end falls from a row to the next.
    package func arcs(ofRow row: Int) -> Range<Int> {
        let (keys, last) = (KeyBounds(self, length: nil)[row], shape.keyLength - 1)
        // Shorter lengths would put a row where it sees earlier keys.
        let lower = mask.band == .causalByLength ? 0 : min(keys.lowerBound, last)
        let upper = max(lower, min(keys.upperBound - 1, last))
        return arc(ofKey: lower)..<arc(ofKey: upper) + 1
    }

    /// All rows, in order, as ranges that visit the same arcs.
    package var rowsByArcs: [(rows: Range<Int>, arcs: Range<Int>)] {
        var parts: [(rows: Range<Int>, arcs: Range<Int>)] = []
        var first = 0
        while first < shape.queryLength {
            let arcs = arcs(ofRow: first)
            var (same, other) = (first, shape.queryLength)
            while other - same > 1 {
                let middle = same + (other - same) / 2
                if self.arcs(ofRow: middle) == arcs { same = middle } else { other = middle }
            }
            parts.append((first..<other, arcs))
            first = other
        }
        return parts
    }

    /// What rows do in a stage of a ring, the same for all of `rows`.
    struct Visit {
        var arc: Int
        /// Whether nothing was carried from an earlier arc.
        var isFirst: Bool
    }

    /// `following` arcs of these rows come after the stage's; nil if rows have no such arc, or not the
    /// same one.
    func visit(ofRows rows: Range<Int>, following: Int) -> Visit? {
        let arcs = arcs(ofRow: rows.lowerBound)
        guard following < arcs.count, arcs == self.arcs(ofRow: rows.upperBound - 1) else {
            return nil
        }
        return Visit(arc: arcs.upperBound - 1 - following, isFirst: following == arcs.count - 1)
    }

    /// The bytes of an input that somebody reads, whatever else the mask hides: no key of an arc that no row
    /// visits.
    package func visitedByteCount(of tensor: TensorName) -> Int {
        let all = byteCount(of: tensor)
        guard arcs != nil, tensor == .key || tensor == .value else { return all }
        let visited = Set(rowsByArcs.flatMap { Array($0.arcs) })
        return all / shape.keyLength * visited.reduce(0) { $0 + keys(ofArc: $1).count }
    }

    /// The bytes of all that rows of a ring carry from arc to arc; nil without a ring.
    package var carriedByteCount: Int? {
        guard arcs != nil else { return nil }
        let steps = rowsByArcs.reduce(0) { $0 + $1.rows.count * ($1.arcs.count - 1) }
        return steps * shape.sliceCount * carriedNumbers * 4
    }

    /// The numbers that a row carries from arc to arc: a maximum, a sum, and Dv sums of values.
    var carriedNumbers: Int { 2 + shape.valueDimension }

    /// A stage for each arc.
    ///
    /// In the last, every row has its last arc, in the one before it the arc before that, and so on. A stage
    /// has the rows that have as many arcs.
    func arcStages(_ attention: Stage) -> [Stage] {
        (0..<arcCount).map { place in
            var stage = attention
            let following = arcCount - 1 - place
            stage.work = .arc(following: following)
            guard following > 0 else { return stage }
            stage.output = .carried
            stage.columnCount = carriedNumbers
            stage.firstPart = place * shape.sliceCount
            return stage
        }
    }

    /// The ranges of rows that a stage has: a shard's rows are in one of them.
    ///
    /// They are those of a step, or those that visit the same arcs.
    package func rowParts(of stage: Stage) -> [Range<Int>] {
        (0..<stepCount).flatMap { rowParts(of: stage, inStep: $0) }
    }

    /// The ranges of rows that each stage has in a step, one stage after the other.
    func rowParts(of stages: [Stage], inStep step: Int) -> [(stage: Stage, rows: Range<Int>)] {
        stages.flatMap { stage in
            rowParts(of: stage, inStep: step).map { (stage: stage, rows: $0) }
        }
    }

    private func rowParts(of stage: Stage, inStep step: Int) -> [Range<Int>] {
        guard case .arc(let following) = stage.work else { return [rows(of: stage, inStep: step)] }
        return rowsByArcs.filter { $0.arcs.count > following }.map { $0.rows }
    }

    /// What rows read of a part of a tensor over one of their arcs; nil for all of it.
    func bytes(ofRows rows: Range<Int>, of tensor: TensorName, following: Int) -> [Range<Int>]? {
        guard let visit = self.visit(ofRows: rows, following: following) else { return [] }
        func bytes(_ rows: Range<Int>, _ columns: Int) -> [Range<Int>] {
            [rows.lowerBound * columns * 4..<rows.upperBound * columns * 4]
        }
        switch tensor {
        case .query: return bytes(rows, shape.headDimension)
        case .key: return bytes(keys(ofArc: visit.arc), shape.keyDimension)
        case .value:
            // The mean of all values takes the place of a row that sees no key.
            let isWhole = following == 0 && maskedRows == .uniform && mask != .none
            return isWhole ? nil : bytes(keys(ofArc: visit.arc), shape.valueDimension)
        case .carried: return visit.isFirst ? [] : bytes(rows, carriedNumbers)
        default: return nil
        }
    }
}
