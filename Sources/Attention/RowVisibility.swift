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
        guard unsafe key < prefixLength(slice: slice, row: row) else { return false }
        guard let flags = unsafe flags(slice: slice, row: row) else { return true }
        return unsafe flags[key] != 0
    }

    /// The keys a row sees, in ascending order.
    package func visibleKeys(slice: Int, row: Int) -> [Int] {
        let prefix = 0..<(unsafe prefixLength(slice: slice, row: row))
        guard let flags = unsafe flags(slice: slice, row: row) else { return Array(prefix) }
        return prefix.filter { unsafe flags[$0] != 0 }
    }

    package func visibleKeyCount(slice: Int, row: Int) -> Int {
        let prefix = unsafe prefixLength(slice: slice, row: row)
        guard let flags = unsafe flags(slice: slice, row: row) else { return prefix }
        var count = 0
        for key in 0..<prefix where unsafe flags[key] != 0 { count += 1 }
        return count
    }

    /// The visible key that `ordinal` visible keys precede.
    package func visibleKey(_ ordinal: Int, slice: Int, row: Int) -> Int {
        guard let flags = unsafe flags(slice: slice, row: row) else { return ordinal }
        var remaining = ordinal
        for key in 0..<(unsafe prefixLength(slice: slice, row: row)) where unsafe flags[key] != 0 {
            if remaining == 0 { return key }
            remaining -= 1
        }
        preconditionFailure("the row has no visible key \(ordinal)")
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
