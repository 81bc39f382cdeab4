/// What the generated inputs hold; `InputGenerator` says exactly which numbers.
package enum ValueKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// Even between ±√3, so of mean 0 and variance 1.
    case uniform
    /// Queries so large that scores reach about ±80, where softmax is nearly a maximum.
    case large
    /// One number everywhere in a tensor.
    case constant
    /// Every query attends exactly one key: an output row is a value row, bit for bit.
    case exactPermutation = "exact-permutation"
    /// Every visible key weighs the same, and every sum is exact in f32 in any order.
    case exactMean = "exact-mean"

    /// Whether the right output is known without rounding, so that no error is tolerated.
    package var hasExactAnswer: Bool {
        switch self {
        case .uniform, .large, .constant: false
        case .exactPermutation, .exactMean: true
        }
    }
}
