import Testing

@testable import Measuring

struct SliceTallyTests {
    /// The mean entropy of rows of weights, in bits.
    private func entropy(_ rows: [[Float]]) -> Double? {
        var tally = SliceTally(columns: 0..<8)
        for row in rows {
            tally.add(row.enumerated().map { (key: $0.offset, weight: $0.element) })
        }
        return tally.summary("").meanEntropyBits
    }

    private static let rows: [(rows: [[Float]], bits: Double)] = [
        ([[0.25, 0.25, 0.25, 0.25]], 2), ([[1]], 0), ([[0.5, 0.5], [1, 0]], 0.5),
        // A sink took three quarters; a file may hold anything.
        ([[0.125, 0.125]], 1), ([[7, 7, 7, 7]], 2),
    ]

    @Test(arguments: rows)
    func `entropy is that of the shares of a row`(_ rows: [[Float]], _ bits: Double) throws {
        let found = try #require(entropy(rows))
        #expect(abs(found - bits) < 1e-12)
    }

    @Test(arguments: [[-1, 2], [Float.nan], [], [-0.5, 0.5]])
    func `what are no weights has no entropy`(_ row: [Float]) {
        #expect(entropy([row]) == nil)
    }
}
