/// Which keys a query row sees, computed one row at a time.
///
/// This is the slow, obvious reading of a mask, for the generator and the references. The kernels
/// compute visibility with other code, so a fault in either shows.
@safe
package struct RowVisibility {
    private let problem: AttentionProblem
    /// `[B]` or `[B,L]`; nil when the mask has no lengths.
    private let lengths: UnsafePointer<Int32>?
    /// One byte per element; nil when the mask has no boolean tensor.
    private let visibility: UnsafePointer<UInt8>?

    package init(
        _ problem: AttentionProblem,
        lengths: UnsafePointer<Int32>? = nil,
        visibility: UnsafePointer<UInt8>? = nil
    ) {
        precondition(
            unsafe (problem.mask.lengths == .none) == (lengths == nil)
                && (problem.mask.visibility == .none) == (visibility == nil),
            "the mask's tensors must be given exactly when the mask has them"
        )
        self.problem = problem
        unsafe self.lengths = lengths
        unsafe self.visibility = visibility
    }

    package init(_ problem: AttentionProblem, _ inputs: InputView) {
        unsafe self.init(problem, lengths: inputs.lengths, visibility: inputs.visibility)
    }

    /// The keys a row sees, in ascending order.
    package func visibleKeys(slice: Int, row: Int) -> [Int] {
        let prefix = 0..<prefixLength(slice: slice, row: row)
        if showsPrefixes { return Array(prefix) }
        let rule = patternRule(slice: slice, row: row)
        return prefix.filter { rule($0) && isShown(slice: slice, row: row, key: $0) }
    }

    /// The distance from `row` to the nearest of `keys`; 0 when there are no keys.
    func nearestDistance(slice: Int, row: Int, to keys: [Int]) -> Int {
        let position = position(slice: slice, row: row)
        return keys.lazy.map { abs(position - $0) }.min() ?? 0
    }

    /// Where a row stands among the keys, by the definitions of the bands.
    func position(slice: Int, row: Int) -> Int {
        let shape = problem.shape
        switch problem.mask.band {
        case .none, .causal: return row + problem.offset
        case .causalBottomRight: return shape.keyLength - shape.queryLength + row
        case .causalByLength:
            guard let lengths = unsafe lengths else { preconditionFailure("lengths must be given") }
            return unsafe Int(lengths[slice / shape.heads]) - shape.queryLength + row
        }
    }

    package func visibleKeyCount(slice: Int, row: Int) -> Int {
        showsPrefixes
            ? prefixLength(slice: slice, row: row) : visibleKeys(slice: slice, row: row).count
    }

    /// The visible key number `ordinal` of a row, counted from 0.
    package func visibleKey(_ ordinal: Int, slice: Int, row: Int) -> Int {
        showsPrefixes ? ordinal : visibleKeys(slice: slice, row: row)[ordinal]
    }

    /// Whether only the band and the lengths hide keys.
    private var showsPrefixes: Bool {
        problem.mask.pattern == .none && problem.mask.visibility == .none
    }

    /// Whether the pattern alone shows `row` a key: the definition of the pattern, key by key.
    private func patternRule(slice: Int, row: Int) -> (_ key: Int) -> Bool {
        let (shape, position) = (problem.shape, position(slice: slice, row: row))
        switch problem.mask.pattern {
        case .none: return { _ in true }
        case .window(let back, let ahead):
            return { key in position - key < back && key - position <= ahead }
        case .longformer(let pattern):
            let tokens = Set(pattern.globals)
            return { key in
                abs(position - key) <= pattern.window / 2 || tokens.contains(key)
                    || tokens.contains(position)
            }
        case .bigBird(let pattern):
            // A position before the first key sees nothing, whatever the pattern.
            let block = max(position, 0) / pattern.block
            let random = Set(pattern.randomBlocks(row: block, keyLength: shape.keyLength))
            return { key in
                let other = key / pattern.block
                return 2 * abs(block - other) < pattern.window || other < pattern.global
                    || block < pattern.global || random.contains(other)
            }
        case .blocks(let layout):
            let head = slice % shape.heads
            return { key in
                layout.shows(head: head, row: row / layout.block, key: key / layout.block)
            }
        }
    }

    /// The number of keys that the band and the lengths show: always a prefix of the keys.
    private func prefixLength(slice: Int, row: Int) -> Int {
        let (shape, mask) = (problem.shape, problem.mask)
        var end = shape.keyLength
        if mask.band != .none { end = min(end, position(slice: slice, row: row) + 1) }
        if let lengths = unsafe lengths {
            let batch = slice / shape.heads
            let index = mask.lengths == .perRow ? batch * shape.queryLength + row : batch
            end = min(end, Int(unsafe lengths[index]))
        }
        return max(end, 0)
    }

    /// Whether the boolean tensor shows the row a key; true without such a tensor.
    private func isShown(slice: Int, row: Int, key: Int) -> Bool {
        guard let visibility = unsafe visibility else { return true }
        let shape = problem.shape
        let part =
            switch problem.mask.visibility {
            case .none, .shared: 0
            case .perBatch: slice / shape.heads
            case .perHead: slice % shape.heads
            case .perSlice: slice
            }
        return unsafe visibility[(part * shape.queryLength + row) * shape.keyLength + key] != 0
    }
}
