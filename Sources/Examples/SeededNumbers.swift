import Attention
import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Numbers of a seed, the same on every machine but for the last bits of `log` and `cos`.
struct SeededNumbers {
    private let philox: Philox
    private var index = 0

    init(seed: UInt64) {
        philox = Philox(seed: seed)
    }

    /// In [0, 1).
    mutating func uniform() -> Double {
        defer { index += 1 }
        return Double(philox.word(stream: 0, index: index)) * 0x1p-32
    }

    /// A normal number of mean 0 and variance 1, by the method of Box and Muller (1958).
    mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    mutating func normals(_ shape: [Int], scale: Double = 1) -> TensorFile {
        TensorFile(
            shape,
            (0..<shape.reduce(1, *)).map { _ in Float(scale * normal()) }
        )
    }

    /// Vectors of length 1, in directions that differ.
    mutating func directions(_ count: Int, dimension: Int) -> [[Float]] {
        (0..<count).map { _ in
            let numbers = (0..<dimension).map { _ in normal() }
            let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return numbers.map { Float($0 / length) }
        }
    }
}
