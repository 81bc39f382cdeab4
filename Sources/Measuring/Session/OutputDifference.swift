import Attention
import Glibc

/// The result of comparing a trial's output with the right one.
enum OutputAgreement {
    case equal
    /// Right, but so would be the output of an earlier trial with other inputs.
    case untelling
    /// The rows that differ are those of an earlier trial with other inputs: the output was kept,
    /// not computed.
    case stale(OutputDifference)
    case differs(OutputDifference)

    /// Compares two outputs; `isKept` says whether a row is that of an earlier trial.
    @unsafe
    init(
        _ output: UnsafePointer<Float>,
        _ expected: UnsafePointer<Float>,
        _ shape: AttentionShape,
        maker: (ElementIndex) -> String,
        isKept: (_ row: Int) -> Bool
    ) {
        guard let difference = unsafe OutputDifference(output, expected, shape, maker: maker)
        else {
            self = .equal
            return
        }
        let areKept = (0..<shape.sliceCount * shape.queryLength).allSatisfy { row in
            unsafe output.hasRow(row, of: expected, shape) || isKept(row)
        }
        self = areKept ? .stale(difference) : .differs(difference)
    }

    var isEqual: Bool {
        if case .equal = self { true } else { false }
    }
}

extension UnsafePointer<Float> {
    /// Whether a row of this output has the same bits in another one.
    @unsafe
    func hasRow(_ row: Int, of other: Self, _ shape: AttentionShape) -> Bool {
        let columns = shape.valueDimension
        return unsafe memcmp(self + row * columns, other + row * columns, columns * 4) == 0
    }
}

/// How an output differs from the right one, and which worker made the first wrong element.
struct OutputDifference: CustomStringConvertible {
    private let count: Int
    private let element: ElementIndex
    private let found: Float
    private let expected: Float
    private let maker: String

    /// Nil when all bits are the same; `maker` says who made an element, if that is known.
    @unsafe
    init?(
        _ output: UnsafePointer<Float>,
        _ expected: UnsafePointer<Float>,
        _ shape: AttentionShape,
        maker: (ElementIndex) -> String
    ) {
        let comparison = unsafe BitwiseComparison(output, expected, shape: shape)
        guard let first = comparison.firstMismatch else { return nil }
        let index =
            (first.slice * shape.queryLength + first.row) * shape.valueDimension + first.column
        count = comparison.mismatchedElements
        element = first
        found = unsafe output[index]
        self.expected = unsafe expected[index]
        self.maker = maker(first)
    }

    var description: String {
        let rest = count == 1 ? "" : ", the first of \(count) such elements"
        let value =
            found.bitPattern == OutputSentinel.bits
            ? "was never written" : "is \(Self.text(found)), not \(Self.text(expected))"
        return "\(element)\(maker) \(value)\(rest)"
    }

    /// The shortest decimal text of the value; for NaN, its bits.
    private static func text(_ value: Float) -> String {
        value.isNaN ? "NaN (bits \(String(value.bitPattern, radix: 16)))" : "\(value)"
    }
}
