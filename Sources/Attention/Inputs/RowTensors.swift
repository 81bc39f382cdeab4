// What a row has of the tensors of a mask.

extension AttentionProblem {
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
