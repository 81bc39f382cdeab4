extension AttentionProblem {
    /// The keys that band, lengths and window show `row`, in 0…S.
    ///
    /// Other patterns and the boolean mask hide more of these keys. `length` is the valid length of
    /// the row, or of its batch element. Lengths were checked before; they are clamped here too,
    /// because the kernel would read out of bounds otherwise.
    package func keyBounds(row: Int, length: Int32?) -> Range<Int> {
        var end = shape.keyLength
        let position = position(ofRow: row, length: length)
        if mask.band != .none { end = min(end, position + 1) }
        if let length { end = min(end, Int(length)) }
        var start = 0
        if case .window(let back, let ahead) = mask.pattern {
            start = max(0, position - back + 1)
            end = min(end, position + ahead + 1)
        }
        return start..<max(start, end)
    }

    /// The row's part of the boolean tensor, one byte per key; nil when the mask has none.
    @unsafe
    func visibilityBytes(slice: Int, row: Int, _ inputs: InputView) -> UnsafePointer<UInt8>? {
        let part = part(of: .visibility, slice: slice)
        return unsafe inputs.visibility.map {
            unsafe $0 + (part * shape.queryLength + row) * shape.keyLength
        }
    }

    /// The row's part of the bias, one number per key; nil when the mask has none.
    @unsafe
    func bias(slice: Int, row: Int, _ inputs: InputView) -> UnsafePointer<Float>? {
        guard mask.bias != .none else { return nil }
        let part = part(of: .bias, slice: slice)
        return unsafe inputs.floats(.bias).map {
            unsafe $0 + (part * shape.queryLength + row) * shape.keyLength
        }
    }

    /// The entry of the lengths tensor that holds for `row` of query slice `slice`.
    @unsafe
    package func length(
        slice: Int,
        row: Int,
        lengths: UnsafePointer<Int32>?
    ) -> Int32? {
        guard let lengths = unsafe lengths else { return nil }
        let part = part(of: .lengths, slice: slice)
        switch mask.lengths {
        case .none: return nil
        case .perBatch: return unsafe lengths[part]
        case .perRow: return unsafe lengths[part * shape.queryLength + row]
        }
    }
}
