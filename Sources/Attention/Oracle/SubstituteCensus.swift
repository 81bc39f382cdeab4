/// Answers that look at less than the problem; where one of them is wrong, a check must refuse it.
package enum Substitute: String, Hashable, Sendable, Codable, CaseIterable {
    case zeros
    /// All keys that the row sees weigh the same.
    case mean
    /// That of the checked row before.
    case otherRow
}

/// A substitute that a bound lets pass.
package struct PassingSubstitute: Hashable, Sendable, Codable, CustomStringConvertible {
    package var substitute: Substitute
    /// In how many rows it would pass, and in how many it is wrong.
    package var rows: Int
    package var wrongRows: Int

    init(_ substitute: Substitute, rows: Int, wrongRows: Int) {
        self.substitute = substitute
        self.rows = rows
        self.wrongRows = wrongRows
    }

    package var description: String {
        let name =
            switch substitute {
            case .zeros: "zeros"
            case .mean: "equal weights for the keys that a row sees"
            case .otherRow: "the answer of another row"
            }
        return "\(name) (in \(rows) of \(counted(wrongRows, "row")))"
    }
}

extension [PassingSubstitute] {
    var sentence: String { map(\.description).joined(separator: ", ") }
}

/// In how many rows a bound would let wrong answers pass.
///
/// A bound follows the error of a plain f32 program, and where that program loses all digits, the
/// bound lets anything pass. Only substitutes that were tried tell. One that is right in a row, as
/// the mean is where a row sees a single key, says nothing there and does not count.
struct SubstituteCensus {
    /// The errors of each substitute in the rows where it is wrong.
    private var errors = Substitute.allCases.map { _ in [Float]() }

    /// Rows in which a substitute passes by chance, one in so many, are no reason for doubt: two
    /// rows may choose the same key.
    private static let chance = 16

    /// Notes the largest error that `substitute` has in a row.
    ///
    /// `plainError` is that of the plain f32 program in the same row, and `size` what the row's
    /// numbers would add up to if nothing cancelled. A substitute is right where it is as close as
    /// the plain program, or as f32 can be. A plain program that keeps not even three digits excuses
    /// nothing.
    mutating func add(_ substitute: Substitute, error: Double, plainError: Double, size: Double) {
        let isClose = error <= max(plainError, size * 0x1p-24) && error <= size * 0x1p-10
        guard !isClose, let index = Substitute.allCases.firstIndex(of: substitute) else { return }
        errors[index].append(Float(error))
    }

    /// The substitutes that `bound` lets pass in more than a few of the rows where they are wrong.
    func passing(_ bound: Double) -> [PassingSubstitute] {
        Substitute.allCases.enumerated().compactMap { index, substitute in
            let wrong = errors[index]
            let passing = wrong.count { Double($0) <= bound }
            guard passing * Self.chance > wrong.count else { return nil }
            return PassingSubstitute(substitute, rows: passing, wrongRows: wrong.count)
        }
    }
}
