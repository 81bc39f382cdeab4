import Attention
import Testing

/// Plain SIMD attention, against the float64 reference and the kernels.
struct VectorAttentionTests {
    /// Rows, keys, D and Dv: whole vectors and their neighbours, and many more keys than rows.
    @Test(arguments: [
        (1, 1, 1, 1), (16, 15, 16, 16), (15, 16, 15, 17), (17, 17, 17, 15), (33, 16, 64, 64),
        (20, 333, 40, 24), (40, 333, 16, 5), (3, 1, 100, 7),
    ])
    func `plain vectors compute what the reference and the kernels compute`(
        rows: Int,
        keys: Int,
        dimension: Int,
        valueDimension: Int
    ) throws {
        let test = KernelCase(
            rows: rows,
            keys: keys,
            dimension: dimension,
            valueDimension: valueDimension,
            seed: 12
        )
        let output = vectorAttention(
            query: test.query,
            key: test.key,
            value: test.value,
            headDimension: dimension,
            valueDimension: valueDimension,
            scale: test.problem.score.scale
        )
        test.withView { view in
            var reference = DoubleReference(test.problem, view)
            for row in 0..<rows {
                reference.compute(slice: 0, row: row)
                let part = output[row * valueDimension..<(row + 1) * valueDimension]
                #expect(largestDifference(part.map(Double.init), reference.output) < 2e-6)
            }
        }
        for instructionSet in InstructionSet.available {
            let kernel = try requireKernel(instructionSet)
            let difference = largestDifference(
                output.map(Double.init),
                test.output(kernel).map(Double.init)
            )
            #expect(difference < 2e-6, "\(instructionSet)")
        }
    }

    @Test func `far scores have no weight, and a NaN stays in its row`() {
        func output(_ query: [Float]) -> [Float] {
            vectorAttention(
                query: query,
                key: [0, 1000],
                value: [3, 5],
                headDimension: 1,
                valueDimension: 1,
                scale: 1
            )
        }
        #expect(output([1, -1, 0]) == [5, 3, 4])
        let spoiled = output([1, .nan, 0])
        #expect(spoiled[0] == 5 && spoiled[1].isNaN && spoiled[2] == 4)
    }

    private func largestDifference(_ one: [Double], _ other: [Double]) -> Double {
        let differences = zip(one, other).map { abs($0 - $1) }
        guard one.count == other.count, !differences.contains(where: \.isNaN) else {
            return .infinity
        }
        return differences.max() ?? 0
    }
}
