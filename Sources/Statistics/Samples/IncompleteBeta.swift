#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The regularised incomplete beta function, from which Student's t and the exact binomial
/// intervals follow.
///
/// The continued fraction is that of the Digital Library of Mathematical Functions, 8.17.22,
/// evaluated by the modified method of Lentz. The relative error is about 10⁻¹³ for parameters up
/// to some thousands and grows with the logarithm of the gamma function, to 10⁻⁹ at a million.
enum IncompleteBeta {
    /// The probability that a beta-distributed number with parameters `a` and `b` is below `x`.
    static func regularized(_ x: Double, a: Double, b: Double) -> Double {
        precondition(
            a > 0 && b > 0 && x >= 0 && x <= 1,
            "a and b must be above 0, and x must be 0 to 1"
        )
        if x == 0 || x == 1 { return x }
        return fraction(x, complement: 1 - x, a: a, b: b)
    }

    /// The same with `1 − x` given, for callers that know it more exactly than a subtraction would.
    static func regularized(_ x: Double, complement: Double, a: Double, b: Double) -> Double {
        if x <= 0 { return 0 }
        if complement <= 0 { return 1 }
        return fraction(x, complement: complement, a: a, b: b)
    }

    /// The number below which a beta-distributed one lies with the given probability.
    ///
    /// Bisection cannot fail, and its cost of some microseconds does not matter here.
    static func quantile(_ probability: Double, a: Double, b: Double) -> Double {
        precondition(probability >= 0 && probability <= 1, "a probability must be between 0 and 1")
        var lower = 0.0
        var upper = 1.0
        // Small quantiles need relative steps, which halving from zero gives: 1074 halvings would
        // reach the smallest positive number.
        for _ in 0..<1_100 {
            let middle = lower + (upper - lower) / 2
            if middle <= lower || middle >= upper { break }
            if regularized(middle, a: a, b: b) < probability {
                lower = middle
            } else {
                upper = middle
            }
            if upper - lower <= 1e-15 * upper { break }
        }
        return upper
    }

    /// The fraction converges fast below the mean of the distribution; above it the mirrored one.
    private static func fraction(
        _ x: Double,
        complement: Double,
        a: Double,
        b: Double
    ) -> Double {
        let logFront =
            logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(complement)
        let front = exp(logFront)
        if x < (a + 1) / (a + b + 2) {
            return front * continuedFraction(x, a: a, b: b) / a
        }
        return 1 - front * continuedFraction(complement, a: b, b: a) / b
    }

    private static func continuedFraction(_ x: Double, a: Double, b: Double) -> Double {
        // Replaces a vanishing denominator.
        let tiny = 1e-300
        func kept(_ number: Double) -> Double { abs(number) < tiny ? tiny : number }
        var c = 1.0
        var d = 1 / kept(1 - (a + b) * x / (a + 1))
        var value = d
        // The loop takes about the square root of the larger parameter in steps; it never reaches
        // the bound.
        for step in 1...100_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / kept(1 + even * d)
            c = kept(1 + even / c)
            value *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / kept(1 + odd * d)
            c = kept(1 + odd / c)
            let change = d * c
            value *= change
            // Rounding keeps the factor from coming closer to 1.
            if abs(change - 1) < 4e-16 { break }
        }
        return value
    }

    private static func logGamma(_ x: Double) -> Double {
        // Of a positive number, whose gamma function has no sign to return.
        var sign: Int32 = 0
        return unsafe lgamma_r(x, &sign)
    }
}
