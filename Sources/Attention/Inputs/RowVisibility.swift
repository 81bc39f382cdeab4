/// Which keys a query row sees, asked one row and one key at a time.
///
/// The slow, obvious reading of a mask, for the generator and the references. The kernels work
/// out visibility by themselves, so that a fault in either shows.
@unsafe
package struct RowVisibility {
    package let problem: AttentionProblem
    /// `[B]` or `[B,L]`; nil when the mask has no lengths.
    package let lengths: UnsafePointer<Int32>?
    /// One byte an element; nil when the mask has no boolean tensor.
    package let visibility: UnsafePointer<UInt8>?

    package init(
        _ problem: AttentionProblem,
        lengths: UnsafePointer<Int32>? = nil,
        visibility: UnsafePointer<UInt8>? = nil
    ) {
        precondition(
            unsafe (problem.mask.lengths == .none) == (lengths == nil)
                && (problem.mask.visibility == .none) == (visibility == nil),
            "a mask comes with the tensors it names, and with no others"
        )
        unsafe self.problem = problem
        unsafe self.lengths = lengths
        unsafe self.visibility = visibility
    }

    package init(_ problem: AttentionProblem, _ inputs: InputView) {
        unsafe self.init(problem, lengths: inputs.lengths, visibility: inputs.visibility)
    }

    package func isVisible(slice: Int, row: Int, key: Int) -> Bool {
        guard unsafe key < prefixLength(slice: slice, row: row),
            unsafe patternRule(slice: slice, row: row)(key)
        else { return false }
        guard let flags = unsafe flags(slice: slice, row: row) else { return true }
        return unsafe flags[key] != 0
    }

    /// The keys a row sees, in ascending order.
    package func visibleKeys(slice: Int, row: Int) -> [Int] {
        let prefix = 0..<(unsafe prefixLength(slice: slice, row: row))
        let flags = unsafe flags(slice: slice, row: row)
        guard unsafe flags != nil || problem.mask.pattern != .none else { return Array(prefix) }
        let rule = unsafe patternRule(slice: slice, row: row)
        return prefix.filter { key in
            guard rule(key) else { return false }
            guard let flags = unsafe flags else { return true }
            return unsafe flags[key] != 0
        }
    }

    /// The distance of the nearest of `keys` from `row`; 0 when there is none.
    func nearestDistance(row: Int, to keys: [Int]) -> Int {
        let position = unsafe problem.position(ofRow: row)
        return keys.lazy.map { abs(position - $0) }.min() ?? 0
    }

    package func visibleKeyCount(slice: Int, row: Int) -> Int {
        if unsafe problem.mask.pattern == .none && visibility == nil {
            return unsafe prefixLength(slice: slice, row: row)
        }
        return unsafe visibleKeys(slice: slice, row: row).count
    }

    /// The visible key that `ordinal` visible keys precede.
    package func visibleKey(_ ordinal: Int, slice: Int, row: Int) -> Int {
        if unsafe problem.mask.pattern == .none && visibility == nil { return ordinal }
        return unsafe visibleKeys(slice: slice, row: row)[ordinal]
    }

    /// Whether the pattern alone shows `row` a key: its definition, key by key.
    private func patternRule(slice: Int, row: Int) -> (_ key: Int) -> Bool {
        let (shape, position) = unsafe (problem.shape, problem.position(ofRow: row))
        switch unsafe problem.mask.pattern {
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

    /// The key from which on the band and the lengths hide all: they show a prefix of the keys.
    private func prefixLength(slice: Int, row: Int) -> Int {
        let (shape, mask) = unsafe (problem.shape, problem.mask)
        var end = shape.keyLength
        switch mask.band {
        case .none: break
        case .causal: end = min(end, row + 1)
        case .causalBottomRight: end = min(end, row + 1 + shape.keyLength - shape.queryLength)
        }
        if let lengths = unsafe lengths {
            let batch = slice / shape.heads
            let index = mask.lengths == .perRow ? batch * shape.queryLength + row : batch
            end = min(end, Int(unsafe lengths[index]))
        }
        return max(end, 0)
    }

    /// The row's part of the boolean tensor, one byte a key.
    private func flags(slice: Int, row: Int) -> UnsafePointer<UInt8>? {
        guard let visibility = unsafe visibility else { return nil }
        let shape = unsafe problem.shape
        let part =
            switch unsafe problem.mask.visibility {
            case .none, .shared: 0
            case .perBatch: slice / shape.heads
            case .perSlice: slice
            }
        return unsafe visibility + (part * shape.queryLength + row) * shape.keyLength
    }
}
