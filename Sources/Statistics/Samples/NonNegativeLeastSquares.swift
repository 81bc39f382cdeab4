/// Least squares with coefficients of at least zero, for a few unknowns.
///
/// Every set of unknowns that are not held at zero is tried, and the best feasible set is kept.
/// This is exact and needs no iterations. For more than a few unknowns, use the method of Lawson
/// and Hanson.
struct NonNegativeLeastSquares {
    /// One column per unknown, one after the other: what each equation multiplies it by.
    private let columns: [Double]
    private let targets: [Double]
    private let unknowns: Int

    /// `columns` hold a number for each of the `targets`, one column after the other.
    init(columns: [Double], targets: [Double]) {
        precondition(
            !targets.isEmpty && columns.count % targets.count == 0,
            "every column must have one row per target"
        )
        self.columns = columns
        self.targets = targets
        unknowns = columns.count / targets.count
        precondition((1...6).contains(unknowns), "a system must have 1 to 6 unknowns")
    }

    /// The coefficients, each at least zero, that bring the equations closest to their targets.
    ///
    /// A coefficient that the others determine remains zero.
    func solution() -> [Double] {
        var best = [Double](repeating: 0, count: unknowns)
        if let free = unconstrained(), free.allSatisfy({ $0 >= 0 }) { return free }
        var bestResidual = residual(best)
        for mask in 1..<(1 << unknowns) - 1 {
            let free = (0..<unknowns).filter { mask >> $0 & 1 == 1 }
            let part = NonNegativeLeastSquares(
                columns: free.flatMap { columns[$0 * targets.count..<($0 + 1) * targets.count] },
                targets: targets
            )
            guard let values = part.unconstrained(), values.allSatisfy({ $0 >= 0 }) else {
                continue
            }
            var candidate = [Double](repeating: 0, count: unknowns)
            for (index, value) in zip(free, values) { candidate[index] = value }
            let candidateResidual = residual(candidate)
            if candidateResidual < bestResidual {
                best = candidate
                bestResidual = candidateResidual
            }
        }
        return best
    }

    /// The coefficients of any sign, by orthogonalising the columns (modified Gram and Schmidt);
    /// nil when the equations do not determine them.
    func unconstrained() -> [Double]? {
        let count = targets.count
        guard count >= unknowns else { return nil }
        // The targets are the last column, orthogonalised like the others.
        var work = columns + targets
        var triangle = [Double](repeating: 0, count: unknowns * (unknowns + 1))
        for index in 0..<unknowns {
            let start = index * count
            var square = 0.0
            var originalSquare = 0.0
            for row in start..<start + count {
                square += work[row] * work[row]
                originalSquare += columns[row] * columns[row]
            }
            guard square > 1e-20 * originalSquare, square > 0 else { return nil }
            let norm = square.squareRoot()
            triangle[index * (unknowns + 1) + index] = norm
            for row in start..<start + count { work[row] /= norm }
            for later in index + 1...unknowns {
                var shared = 0.0
                for row in 0..<count { shared += work[start + row] * work[later * count + row] }
                for row in 0..<count { work[later * count + row] -= shared * work[start + row] }
                triangle[index * (unknowns + 1) + later] = shared
            }
        }
        var solution = [Double](repeating: 0, count: unknowns)
        for index in (0..<unknowns).reversed() {
            let row = index * (unknowns + 1)
            var value = triangle[row + unknowns]
            var later = index + 1
            while later < unknowns {
                value -= triangle[row + later] * solution[later]
                later += 1
            }
            solution[index] = value / triangle[row + index]
        }
        return solution
    }

    private func residual(_ solution: [Double]) -> Double {
        targets.indices.reduce(0) { sum, row in
            var distance = -targets[row]
            for index in 0..<unknowns {
                distance += columns[index * targets.count + row] * solution[index]
            }
            return sum + distance * distance
        }
    }
}
