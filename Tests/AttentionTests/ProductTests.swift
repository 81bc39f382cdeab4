import Attention
import TestSupport
import Testing

/// Products by teams of threads, and their check against float64.
@Suite struct ProductTests {
    /// A product of generated matrices and its output.
    private func output(
        _ kernel: AttentionKernel,
        _ inputs: borrowing ProductInputs,
        threads: Int
    ) -> [Float] {
        let shape = inputs.shape
        var output = [Float](repeating: 0, count: shape.rows * shape.columns)
        output.withUnsafeMutableBufferPointer {
            OutputSentinel.fill($0.start, count: $0.count)
            _ = ThreadTeam(threadCount: threads).multiply(
                kernel,
                MatrixProduct(
                    shape,
                    left: inputs.left,
                    right: inputs.right,
                    bias: inputs.bias,
                    output: $0.start
                )
            )
        }
        return output
    }

    private func judge(
        _ inputs: borrowing ProductInputs,
        _ output: [Float]
    ) -> VerificationReport {
        output.withUnsafeBufferPointer {
            ProductVerifier(
                inputs.shape,
                left: inputs.left,
                right: inputs.right,
                bias: inputs.bias,
                seed: 1
            ).verify(output: $0.start)
        }
    }

    private static let shapes = [
        ProductShape(rows: 1, columns: 1, depth: 3),
        ProductShape(rows: 777, columns: 33, depth: 70),
        ProductShape(rows: 300, columns: 130, depth: 513),
    ]

    @Test(arguments: InstructionSet.available, shapes)
    func `any number of threads gives the bits of one, near float64`(
        set: InstructionSet,
        shape: ProductShape
    ) throws {
        let kernel = try requireKernel(set)
        let inputs = try ProductInputs(shape, seed: 5)
        let expected = output(kernel, inputs, threads: 1)
        for threads in [2, 3, 7] {
            #expect(bits(output(kernel, inputs, threads: threads)) == bits(expected), "\(threads)")
        }
        let report = judge(inputs, expected)
        #expect(report.status == .agrees, "\(report)")
        #expect(report.rowsChecked == min(64, shape.rows))
    }

    @Test func `a wrong product disagrees`() throws {
        let shape = ProductShape(rows: 90, columns: 70, depth: 200)
        let inputs = try ProductInputs(shape, seed: 2)
        let right = output(.best, inputs, threads: 1)
        let other = try ProductInputs(shape, seed: 3)
        let wrongs: [(String, (inout [Float]) -> Void)] = [
            (
                "no bias",
                { output in
                    for index in output.indices {
                        output[index] -= inputs.bias[index % shape.columns]
                    }
                }
            ),
            (
                "the last term is missing",
                { output in
                    for index in output.indices {
                        let (row, column) = index.quotientAndRemainder(dividingBy: shape.columns)
                        output[index] -=
                            inputs.left[row * shape.depth + shape.depth - 1]
                            * inputs.right[(shape.depth - 1) * shape.columns + column]
                    }
                }
            ),
            ("rows swapped", { $0.swapAt(0, $0.count - 1) }),
            ("an element is not a number", { $0[shape.columns + 5] = .nan }),
            ("an element was not written", { $0[100] = Float(bitPattern: OutputSentinel.bits) }),
            ("the last element is off by a hundredth", { $0[$0.count - 1] *= 1.01 }),
            ("of other matrices", { $0 = output(.best, other, threads: 1) }),
            ("zeros", { $0 = [Float](repeating: 0, count: $0.count) }),
        ]
        for (name, spoil) in wrongs {
            var wrong = right
            spoil(&wrong)
            let report = judge(inputs, wrong)
            #expect(report.status == .disagrees, "\(name): \(report)")
            #expect(!report.reasons.isEmpty, "\(name)")
        }
    }
}
