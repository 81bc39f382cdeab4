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
