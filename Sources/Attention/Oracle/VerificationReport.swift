import Work

/// How far an output was shown to be right.
package enum VerificationStatus: String, Hashable, Sendable, Codable, CaseIterable,
    CustomStringConvertible
{
    /// The bits of a single process, and no error at all on inputs with an exact answer.
    case exact = "EXACT"
    /// The bits of a single process, and within the bound of the float64 reference.
    case agrees = "AGREES"
    case disagrees = "DISAGREES"
    /// Nothing was found wrong, but the check proves nothing.
    ///
    /// The reason is zeros, NaN, nothing compared, or a bound that lets wrong answers pass.
    case mistrusted = "MISTRUSTED"
    case unchecked = "UNCHECKED"

    /// Whether the output was proved right.
    package var isGood: Bool { self == .exact || self == .agrees }

    /// The exit code of a command that found it.
    package var endCode: Int32 {
        switch self {
        case .disagrees: EndCode.disagrees
        case .mistrusted: EndCode.mistrusted
        case .exact, .agrees, .unchecked: EndCode.done
        }
    }

    package var description: String { rawValue }
}

/// How many rows are compared with the float64 reference.
package enum VerificationMode: String, Hashable, Sendable, Codable, CaseIterable {
    case full
    /// All rows of a problem of up to 1 GFLOP, else 256.
    case sampled
    case none
}

/// The position of an element in the output.
package struct ElementIndex: Hashable, Sendable, Codable, CustomStringConvertible {
    package var slice: Int
    package var row: Int
    package var column: Int

    package init(slice: Int, row: Int, column: Int) {
        self.slice = slice
        self.row = row
        self.column = column
    }

    /// The element at a flat index of the whole output `[slice][row][column]`.
    package init(flatIndex: Int, shape: AttentionShape) {
        let (flatRow, column) = flatIndex.quotientAndRemainder(dividingBy: shape.valueDimension)
        let (slice, row) = flatRow.quotientAndRemainder(dividingBy: shape.queryLength)
        self.init(slice: slice, row: row, column: column)
    }

    package var description: String { "slice \(slice), row \(row), column \(column)" }
}

/// What a verification found: a status, the numbers behind it, and why.
///
/// Every number is finite, so that every report can be written as JSON. Elements that are not
/// finite have counts and sentences of their own, and are not part of the norms.
package struct VerificationReport: Hashable, Sendable, Codable {
    package var status: VerificationStatus = .unchecked
    /// Whether every element has the bits of the single process; nil when there is no such output.
    package var bitwiseEqual: Bool?
    /// Elements whose bits differ from the single process.
    package var mismatchedElements = 0
    package var firstMismatch: ElementIndex?
    /// Elements that the run did not write.
    package var unwrittenElements = 0

    package var rowsChecked = 0
    package var rowsTotal = 0
    /// The largest |output − reference| over the checked rows.
    package var maxAbsoluteError = 0.0
    /// Its position, or the first position where only one of output and reference is finite.
    package var worstElement: ElementIndex?
    package var rmsError = 0.0
    /// The largest error in units of 2⁻²³ · max|V|, where V are the attended values.
    package var scaledResidual = 0.0
    /// The largest distance in representable f32 numbers from the rounded reference.
    package var maxUnitsInLastPlace = 0
    /// 2 · e + 2⁻²³ · max|V| · max(4, max|score|), where e is the largest error of plain f32.
    ///
    /// The plain f32 program computes the same rows. The rounding of a score alone moves its weight
    /// by 2⁻²⁴ · |score|. Scores of unit-variance inputs reach about 4; larger scores cost every
    /// f32 program more, and on a few rows the plain program may be lucky. The bound is 0 where the
    /// exact answer of every checked row is known: then no error is allowed.
    package var boundMaxAbsolute = 0.0
    /// Wrong answers that the bound on the largest error would let pass; any of them makes it prove
    /// nothing.
    package var passingSubstitutes: [PassingSubstitute] = []
    /// 1.5 · e + 2⁻²³ · RMS(V) · max(1, RMS(score)), where e is the RMS error of plain f32
    /// and a score counts with the size of its bias.
    ///
    /// It is 0 in the same cases as `boundMaxAbsolute`.
    package var boundRms = 0.0
    /// Elements that differ at all from the exact answer; nil when there is none.
    package var inexactElements: Int?
    /// Whether the output, or an input that can reach it, holds NaN or an infinity.
    package var containsNonFinite = false

    /// Sentences that explain the status, the gravest first; empty when all is well.
    package var reasons: [String] = []

    package init() {}
}
