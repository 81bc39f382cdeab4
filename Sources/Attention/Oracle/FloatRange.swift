import Work

/// Whether attention leaves the range of f32 although its inputs and its result do not.
///
/// Kernels multiply scores by log₂e, and they sum values before they divide by the sum of weights.
enum FloatRange {
    private static let largest = Double(Float.greatestFiniteMagnitude)

    /// Whether a score, or the undivided sum of a column of values, is too large.
    static func isLeft(by row: borrowing DoubleReference, column: Int) -> Bool {
        row.largestScore * 1.4427 > largest
            || row.outputSize[column] * max(row.weightSum, 1) > largest
    }

    static func isScore(_ score: Double) -> Bool { score * 1.4427 <= largest }
}

extension ErrorNorms {
    /// Says that checked elements leave the range of f32.
    func rangeSentence(largestScore: Double) -> String {
        let found = counted(beyondRange, "checked element leaves", "checked elements leave")
        let cause =
            FloatRange.isScore(largestScore)
            ? "products or sums on the way are too large"
            : "a score is \(threeDigits(largestScore))"
        return "\(found) the range of f32, because \(cause); scale the inputs"
    }
}
