import Attention
import CSystem
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The functions inside the kernels: tanh, exp2, the matrix product and rows of length 1.
struct KernelFunctionTests {
    /// The largest error of a function over floats of one sign, in units of the last place.
    ///
    /// Every float when tests are thorough, else every 60,013th.
    private func worst(
        _ function: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void,
        bits: ClosedRange<UInt32>,
        _ exact: (Double) -> Double
    ) -> Double {
        let step: UInt32 = isThorough ? 1 : 60_013
        var (worst, next) = (0.0, bits.lowerBound)
        var numbers = [Float](repeating: 0, count: 4096)
        var results = numbers
        while next <= bits.upperBound {
            var count = 0
            while count < numbers.count, next <= bits.upperBound {
                numbers[count] = Float(bitPattern: next)
                count += 1
                next += step
            }
            numbers.withUnsafeBufferPointer { numbers in
                results.withUnsafeMutableBufferPointer {
                    function(numbers.start, $0.start, count)
                }
            }
            for index in 0..<count {
                let expected = exact(Double(numbers[index]))
                let unit = Double(Float(expected).ulp)
                worst = max(worst, abs(Double(results[index]) - expected) / unit)
            }
        }
        return worst
    }

    @Test(arguments: InstructionSet.available)
    func `tanh is within 2 ULP over its whole range`(set: InstructionSet) throws {
        let kernel = try #require(AttentionKernel(set))
        // From 0 to the largest finite float, and their negatives.
        for range in [UInt32(0)...0x7F7F_FFFF, 0x8000_0000...0xFF7F_FFFF] {
            let error = worst({ kernel.tanh($0, into: $1, count: $2) }, bits: range) { tanh($0) }
            #expect(error <= 2)
            #expect(error > 0)
        }
    }

    @Test(arguments: InstructionSet.available)
    func `exp2 is within 3 ULP where its result is a normal number`(set: InstructionSet) throws {
        let kernel = try #require(AttentionKernel(set))
        // From -0 to -126.
        let error = worst(
            { kernel.table.exp2($0, $1, $2) },
            bits: 0x8000_0000...(-126 as Float).bitPattern
        ) { exp2($0) }
        #expect(error <= 3)
        #expect(error > 0)
    }

    @Test(arguments: InstructionSet.available)
    func `edges of the functions`(set: InstructionSet) throws {
        let kernel = try #require(AttentionKernel(set))
        func values(
            _ numbers: [Float],
            _ function: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
        ) -> [Float] {
            var results = numbers
            numbers.withUnsafeBufferPointer { numbers in
                results.withUnsafeMutableBufferPointer {
                    function(numbers.start, $0.start, numbers.count)
                }
            }
            return results
        }
        let tanhs = values([0, .infinity, -.infinity, 100, -100, .nan, 1e-30]) {
            kernel.tanh($0, into: $1, count: $2)
        }
        #expect(Array(tanhs[0..<5]) == [0, 1, -1, 1, -1])
        #expect(tanhs[5].isNaN)
        #expect(tanhs[6] == 1e-30)
        let powers = values([0, -1, -.infinity, -1000, .nan]) { kernel.table.exp2($0, $1, $2) }
        #expect(Array(powers[0..<4]) == [1, 0.5, 0, 0])
        #expect(powers[4].isNaN)
    }

    /// A product of the kernel's, with rows further apart than they are long.
    private func product(
        _ kernel: AttentionKernel,
        _ left: [Float],
        _ right: [Float],
        bias: [Float]?,
        rows: Range<Int>,
        columns: Range<Int>,
        of sizes: (n: Int, k: Int),
        isTransposed: Bool
    ) -> [Float] {
        let workspace = UnsafeMutableRawPointer.allocate(
            byteCount: kernel.table.productBytes,
            alignment: 64
        )
        defer { workspace.deallocate() }
        var output = [Float](repeating: .pi, count: rows.count * columns.count + 1)
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                (bias ?? []).withUnsafeBufferPointer { added in
                    output.withUnsafeMutableBufferPointer { output in
                        let first =
                            isTransposed
                            ? columns.lowerBound * sizes.k : columns.lowerBound
                        var call = headwise_product(
                            left: left.start + rows.lowerBound * sizes.k,
                            right: right.start + first,
                            bias: bias == nil ? nil : added.start + columns.lowerBound,
                            output: output.start,
                            workspace: workspace,
                            rows: rows.count,
                            columns: columns.count,
                            depth: sizes.k,
                            leftStride: sizes.k,
                            rightStride: isTransposed ? sizes.k : sizes.n,
                            outputStride: columns.count,
                            isRightTransposed: isTransposed ? 1 : 0
                        )
                        kernel.table.multiply(&call)
                    }
                }
            }
        }
        #expect(output.removeLast() == .pi)
        return output
    }

    @Test(
        arguments: [
            (1, 1, 1), (3, 5, 2), (4, 64, 64), (7, 130, 33), (61, 48, 16), (33, 17, 700),
            (300, 70, 513), (2, 2100, 20),
        ],
        InstructionSet.available
    )
    func `products are right, and do not depend on how they are cut`(
        sizes: (m: Int, n: Int, k: Int),
        set: InstructionSet
    ) throws {
        let kernel = try #require(AttentionKernel(set))
        let (m, n, k) = sizes
        var random = SplitMix(seed: UInt64(m * 31 + n))
        let left = (0..<m * k).map { _ in random.unit() }
        let right = (0..<k * n).map { _ in random.unit() }
        let transposed = (0..<n * k).map { right[$0 % k * n + $0 / k] }
        let bias = (0..<n).map { _ in random.unit() }
        let whole = product(
            kernel,
            left,
            right,
            bias: bias,
            rows: 0..<m,
            columns: 0..<n,
            of: (n, k),
            isTransposed: false
        )
        for row in Set([0, m / 2, m - 1]) {
            for column in Set([0, n / 3, n - 1]) {
                var (sum, size) = (Double(bias[column]), 0.0)
                for i in 0..<k {
                    let term = Double(left[row * k + i]) * Double(right[i * n + column])
                    sum += term
                    size += abs(term)
                }
                let error = abs(Double(whole[row * n + column]) - sum)
                #expect(error <= 1e-6 * (size + 1), "\(row), \(column)")
            }
        }
        let other = product(
            kernel,
            left,
            transposed,
            bias: bias,
            rows: 0..<m,
            columns: 0..<n,
            of: (n, k),
            isTransposed: true
        )
        #expect(whole.map(\.bitPattern) == other.map(\.bitPattern))
        for isTransposed in [false, true] {
            let (rows, columns) = (m / 3..<m, n / 2..<n)
            let part = product(
                kernel,
                left,
                isTransposed ? transposed : right,
                bias: bias,
                rows: rows,
                columns: columns,
                of: (n, k),
                isTransposed: isTransposed
            )
            let expected = rows.flatMap { row in columns.map { whole[row * n + $0] } }
            #expect(part.map(\.bitPattern) == expected.map(\.bitPattern))
        }
    }

    @Test(arguments: InstructionSet.available)
    func `rows are divided by their length, however large`(set: InstructionSet) throws {
        let kernel = try #require(AttentionKernel(set))
        var random = SplitMix(seed: 9)
        for columns in [1, 3, 16, 33, 512] {
            for factor in [1, 1e30, 1e-30, 0x1p-130, 0x1p-145, 0] as [Float] {
                let row = (0..<columns).map { _ in random.unit() * factor }
                var result = row
                row.withUnsafeBufferPointer { row in
                    result.withUnsafeMutableBufferPointer {
                        kernel.table.normalise(1, columns, row.start, $0.start)
                    }
                }
                let length = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
                for (found, number) in zip(result, row) {
                    let expected = length == 0 ? 0 : Double(number) / length
                    #expect(abs(Double(found) - expected) <= 4e-7 * max(abs(expected), 1e-3))
                }
            }
        }
    }
}
