/// The keys that band, lengths and window show the rows of a slice, in 0…S.
///
/// Other patterns and the boolean mask hide more of these keys. The kernel asks for every row, so the
/// rule is worked out once: a row then takes a few instructions without a branch.
struct KeyBounds {
    /// A row's position, less its number.
    private let shift: Int
    private let limit: Int
    /// How many keys up to its position a row sees at most, and how far beyond it the end is.
    private let back: Int
    private let reach: Int

    /// Larger than any position.
    private static let far = Int.max / 4

    /// The rule for rows of this valid length.
    ///
    /// Lengths were checked before; they are clamped here too, because the kernel would read out of
    /// bounds otherwise.
    init(_ problem: AttentionProblem, length: Int32?) {
        shift = problem.position(ofRow: 0, length: length)
        limit = min(problem.shape.keyLength, length.map(Int.init) ?? .max)
        var (back, reach) = (Self.far, problem.mask.band == .none ? Self.far : 1)
        if case .window(let before, let ahead) = problem.mask.pattern {
            back = before
            reach = min(reach, ahead + 1)
        }
        (self.back, self.reach) = (back, reach)
    }

    /// Where a row stands among the keys.
    func position(of row: Int) -> Int { row + shift }

    subscript(row: Int) -> Range<Int> {
        let position = position(of: row)
        let start = max(0, position - back + 1)
        return start..<max(start, min(limit, position + reach))
    }
}

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
