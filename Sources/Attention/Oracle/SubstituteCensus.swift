import Work

/// Answers that use only part of the problem; where one of them is wrong, a check must refuse it.
package enum Substitute: String, Hashable, Sendable, Codable, CaseIterable {
    case zeros
    /// The answer when all keys that the row sees have the same weight.
    case mean
    /// The answer of the checked row before this one.
    case otherRow
}

/// A substitute that a bound lets pass.
package struct PassingSubstitute: Hashable, Sendable, Codable, CustomStringConvertible {
    package var substitute: Substitute
    /// The number of rows where it would pass, and the number where it is wrong.
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
            case .mean: "equal weights for all visible keys of a row"
            case .otherRow: "the answer of another row"
            }
        return "\(name) (in \(rows) of \(counted(wrongRows, "row")))"
    }
}

extension [PassingSubstitute] {
    var sentence: String { map(\.description).joined(separator: ", ") }
}

/// The number of rows in which a bound would let wrong answers pass.
///
/// A bound follows the error of a plain f32 program. Where that program loses all digits, the bound
/// lets anything pass, and only trying substitutes shows this. A substitute that is right in a row
/// does not count there: for example the mean, where a row sees a single key.
struct SubstituteCensus {
    /// The errors of each substitute in the rows where it is wrong.
    private var errors = Substitute.allCases.map { _ in [Float]() }

    /// A substitute may pass by chance in one of this many rows, because two rows may choose the
    /// same key.
    private static let chance = 16

    /// Notes the largest error that `substitute` has in a row.
    ///
    /// `plainError` is the largest error of the plain f32 program in the same row. `size` is the
    /// size of the row's numbers if nothing cancelled. A substitute is right if it is as close as
    /// the plain program, or as close as f32 can be. It is never right with fewer than three
    /// digits, even where the plain program has no more.
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
