/// Gunther's law of scalability, with the speed of one worker as a separate parameter.
///
/// `S(n) = λ n / (1 + σ(n − 1) + κ n(n − 1))`. Without λ, the fixed cost of a cluster, which one
/// worker pays already, would be taken for contention between workers. Amdahl's law is the same
/// without κ.
struct ScalabilityLaw: Hashable, Sendable {
    /// λ, the speedup of one worker.
    var start: Double
    /// σ, the contention: waiting of workers for each other.
    var contention: Double
    /// κ, the cost of each pair of workers.
    var coherency: Double

    func speedup(_ workers: Double) -> Double {
        start * workers
            / (1 + contention * (workers - 1) + coherency * workers * (workers - 1))
    }

    /// Fits the law to speedups by least squares of the relative errors of the time.
    ///
    /// Time is what was measured, its error is about proportional to it, and the law is linear in
    /// it: `n / S = (1 + σ(n − 1) + κ n(n − 1)) / λ`. So each equation is divided by its own `n / S`
    /// and solved as a linear problem, with no start values and no iterations to go astray. Least
    /// squares on S itself would weigh the largest counts most, the usual linearisation
    /// `(n / S − 1) / (n − 1)` the smallest, where it divides by almost nothing.
    ///
    /// Nil when the points do not determine the law, or it would have λ infinite.
    static func fit(
        _ model: ScalingModelFit.Model,
        workers: [Int],
        speedups: [Double],
        isNonNegative: Bool = true
    ) -> ScalabilityLaw? {
        let count = workers.count
        let unknowns = model == .amdahl ? 2 : 3
        var columns = [Double](repeating: 0, count: unknowns * count)
        for (row, workers) in workers.enumerated() {
            let number = Double(workers)
            columns[row] = speedups[row] / number
            columns[count + row] = (number - 1) * speedups[row] / number
            if unknowns == 3 { columns[2 * count + row] = (number - 1) * speedups[row] }
        }
        let system = NonNegativeLeastSquares(
            columns: columns,
            targets: [Double](repeating: 1, count: count)
        )
        guard let free = system.unconstrained() else { return nil }
        let isFeasible = free.allSatisfy { $0 >= 0 }
        let solution = isFeasible || !isNonNegative ? free : system.solution()
        guard solution[0] > 0 else { return nil }
        return ScalabilityLaw(
            start: 1 / solution[0],
            contention: solution[1] / solution[0],
            coherency: solution.count > 2 ? solution[2] / solution[0] : 0
        )
    }
}
