import CSystem

/// An instruction set the kernels are compiled for, weakest first.
package enum InstructionSet: String, Hashable, Sendable, Codable, CaseIterable {
    /// SSE2 on x86-64, NEON on arm64.
    case baseline
    case avx2
    case avx512

    /// Whether this processor supports it.
    package var isAvailable: Bool {
        switch self {
        case .baseline: true
        case .avx2: headwise_cpu_level() >= 1
        case .avx512: headwise_cpu_level() >= 2
        }
    }

    /// The sets this processor supports, weakest first.
    package static var available: [InstructionSet] { allCases.filter(\.isAvailable) }

    /// The strongest set this processor supports.
    package static var best: InstructionSet {
        available.last ?? .baseline
    }
}
