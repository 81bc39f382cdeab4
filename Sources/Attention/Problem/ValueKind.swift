/// The kind of numbers in the generated inputs; `InputGenerator` defines them exactly.
package enum ValueKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// Uniform between ±√3, so the mean is 0 and the variance 1.
    case uniform
    /// Queries so large that scores reach about ±80, where softmax is nearly a maximum.
    case large
    /// The same number in every element of a tensor.
    case constant
    /// Every query attends exactly one key: an output row is a value row, bit for bit.
    case exactPermutation = "exact-permutation"
    /// Every visible key weighs the same, and every sum is exact in f32 in any order.
    case exactMean = "exact-mean"

    /// Whether the right output is known without rounding; then no error is allowed.
    package var hasExactAnswer: Bool {
        switch self {
        case .uniform, .large, .constant: false
        case .exactPermutation, .exactMean: true
        }
    }
}
