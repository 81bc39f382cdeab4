import TestSupport
import Testing

@testable import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Compares every figure that SciPy also computes.
@Suite(.enabled(if: SciPy.isPresent, "HEADWISE_PYTHON, or python3, cannot import scipy"))
struct SciPyTests {
    @Test func `Student's quantiles and tails agree to nine digits`() throws {
        let tails = [1e-9, 1e-6, 0.0005, 0.001_673, 0.01, 0.05, 0.2, 0.5, 0.9]
        let degrees: [Double] = [1, 1.3, 2, 2.71, 3, 5, 7.5, 10, 29, 100, 999.5, 10_000]
        let pairs: [[Double]] = tails.flatMap { tail in degrees.map { [tail, $0] } }
        let quantiles = try SciPy.compute(
            "for tail, degrees in given: results.append(stats.t.isf(tail / 2, degrees))",
            pairs
        )
        expectClose(
            pairs.map {
                StudentDistribution.twoSidedQuantile(tail: $0[0], degreesOfFreedom: $0[1])
            },
            quantiles,
            within: 1e-9
        )
        let times: [Double] = [0.001, 0.1, 1, 2.5, 12, 300]
        let points: [[Double]] = times.flatMap { t in degrees.map { [t, $0] } }
        expectClose(
            points.map { StudentDistribution.twoSidedTail($0[0], degreesOfFreedom: $0[1]) },
            try SciPy.compute(
                "for t, degrees in given: results.append(2 * stats.t.sf(t, degrees))",
                points
            ),
            within: 1e-9
        )
    }

    @Test func `the ranks of the median's interval are the binomial's`() throws {
        let counts = Array(1...120) + [500, 1_075, 5_000]
        let ranks = try SciPy.compute(
            """
            for n in given:
                rank = int(stats.binom.ppf(0.025, n, 0.5)) + 2
                while rank > 0 and 2 * stats.binom.cdf(rank - 1, n, 0.5) > 0.05: rank -= 1
                results.append(rank)
            """,
            counts
        )
        #expect(
            counts.map { Double(MedianInterval.lowerRank(sampleCount: $0) ?? 0) } == ranks
        )
    }

    @Test func `paired and independent comparisons are the t tests' intervals`() throws {
        var generator = SplitMix(seed: 91)
        let sides =
            (0..<20).map { trial in
                [3 + trial % 5, 2 + trial % 7].map { count in
                    (0..<count).map { _ in 0.1 * generator.normal() }
                }
            }
            + [[10, 10], [11, 34], [32, 9], [50, 25]].map { counts in
                counts.map { count in (0..<count).map { _ in 0.1 * generator.normal() } }
            }
        let rule = ReplicateComparison(intervals: 1, threshold: 0.05, confidence: 0.98)
        let ours = sides.flatMap { pair -> [Double] in
            let two = rule.independent(first: pair[0], second: pair[1])
            let one = rule.paired(logRatios: pair[1])
            return [two, one].flatMap {
                [$0.ratio, $0.lowerBound ?? 0, $0.upperBound ?? 0, $0.degreesOfFreedom ?? 0]
            }
        }
        let theirs = try SciPy.compute(
            """
            def trim(x):
                return 0.2 if len(x) >= 10 else 0
            def trimmed(x):
                cut = int(trim(x) * len(x) + 1e-9)
                kept = len(x) - 2 * cut
                wins = np.var(stats.mstats.winsorize(np.array(x), (trim(x), trim(x))), ddof=1)
                return (stats.trim_mean(x, trim(x)), wins * (len(x) - 1) / (kept * (kept - 1)),
                        kept - 1)
            def add(middle, error, degrees):
                width = stats.t.ppf(0.99, degrees) * error
                results.extend([*np.exp([middle, middle - width, middle + width]), degrees])
            for a, b in given:
                (ma, va, da), (mb, vb, db) = trimmed(a), trimmed(b)
                if trim(a) == trim(b):
                    # Yuen's test, or Welch's.
                    test = stats.ttest_ind(b, a, equal_var=False, trim=trim(a))
                    add(mb - ma, (mb - ma) / test.statistic, test.df)
                else:
                    add(mb - ma, np.sqrt(va + vb), (va + vb) ** 2 / (va ** 2 / da + vb ** 2 / db))
                add(mb, np.sqrt(vb), db)
            """,
            sides
        )
        expectClose(ours, theirs, within: 1e-9)
    }

    @Test func `the exact binomial bounds agree to nine digits`() throws {
        let counts = [
            [0, 1], [0, 200], [1, 200], [3, 60], [60, 60], [57, 60], [17, 2_000], [5, 9],
        ]
        let theirs = try SciPy.compute(
            """
            for k, n in given:
                one = stats.binomtest(k, n, alternative="less").proportion_ci(0.95, "exact")
                two = stats.binomtest(k, n).proportion_ci(0.99, "exact")
                results += [one.high, two.low, two.high]
            """,
            counts
        )
        let ours = counts.flatMap { count in
            let two = ExactBinomial.interval(events: count[0], runs: count[1], confidence: 0.99)
            let one = ExactBinomial.upperBound(events: count[0], runs: count[1])
            return [one, two.lowerBound, two.upperBound]
        }
        expectClose(ours, theirs, within: 1e-9)
    }

    @Test func `rank trends have Kendall's probabilities, exact and with ties`() throws {
        var generator = SplitMix(seed: 92)
        var series = (2...34).map { count in (0..<count).map { _ in generator.normal() } }
        series.append((0..<30).map { Double($0) + 4 * generator.normal() })
        series += [10, 25, 60].map { count in
            (0..<count).map { _ in (2 * generator.normal()).rounded() }
        }
        series.append((0..<90).map { Double($0) + 60 * generator.normal() })
        let theirs = try SciPy.compute(
            """
            for numbers in given:
                exact = len(set(numbers)) == len(numbers) and len(numbers) <= 35
                results.append(stats.kendalltau(
                    range(len(numbers)), numbers, method="exact" if exact else "asymptotic"
                ).pvalue)
            """,
            series
        )
        expectClose(series.map { RankTrend([$0]).probability }, theirs, within: 1e-9)
    }

    @Test func `non-negative least squares find the same coefficients`() throws {
        var generator = SplitMix(seed: 93)
        let systems = (0..<60).map { trial in
            let unknowns = 1 + trial % 4
            return (0..<unknowns + 1 + trial % 3).map { _ in
                (0...unknowns).map { _ in generator.normal() }
            }
        }
        let theirs = try SciPy.compute(
            """
            for system in given:
                system = np.array(system)
                results += list(optimize.nnls(system[:, :-1], system[:, -1])[0])
            """,
            systems
        )
        let ours = systems.flatMap { system in
            NonNegativeLeastSquares(
                columns: (0..<system[0].count - 1).flatMap { column in system.map { $0[column] } },
                targets: system.map { $0[system[0].count - 1] }
            ).solution()
        }
        // Some are held at zero, or the comparison proves little.
        #expect(ours.contains(0) && ours.contains { $0 > 0 })
        expectClose(ours, theirs, within: 1e-8)
    }

    @Test func `the law of scalability agrees with a bounded nonlinear fit`() throws {
        var generator = SplitMix(seed: 94)
        let workers = [1, 2, 3, 4, 6, 8, 12, 16]
        let sweeps = (0..<6).map { index in
            let law = ScalabilityLaw(
                start: 0.9,
                contention: 0.02 * Double(index),
                coherency: index < 2 ? 0 : 0.003
            )
            return workers.map { law.speedup(Double($0)) * generator.time(spread: 0.01) }
        }
        let theirs = try SciPy.compute(
            """
            n = np.array(given[0])
            for speedups in given[1:]:
                time = n / np.array(speedups)
                def errors(p):
                    return (1 + p[1] * (n - 1) + p[2] * n * (n - 1)) / p[0] / time - 1
                results += list(optimize.least_squares(
                    errors, [1, 0.1, 0.01], bounds=(0, np.inf), x_scale=[1, 0.1, 0.01],
                    xtol=1e-15, ftol=1e-15, gtol=1e-15
                ).x)
            """,
            [workers.map { Double($0) }] + sweeps
        )
        let ours = sweeps.flatMap { speedups -> [Double] in
            guard
                let law = ScalabilityLaw.fit(
                    .universalScalability,
                    workers: workers,
                    speedups: speedups
                )
            else { return [] }
            return [law.start, law.contention, law.coherency]
        }
        #expect(ours.count == theirs.count)
        // A solver that goes step by step never quite touches a bound.
        for (our, their) in zip(ours, theirs) { #expect(abs(our - their) < 2e-5) }
    }
}
