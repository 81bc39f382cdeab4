#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Student's t distribution: the distance of the mean of a few normal samples from the true value.
///
/// The unit is the estimated standard error of the mean.
package enum StudentDistribution {
    /// The probability that |T| exceeds `t`.
    package static func twoSidedTail(_ t: Double, degreesOfFreedom: Double) -> Double {
        precondition(degreesOfFreedom > 0, "Student's t needs degrees of freedom")
        let square = t * t
        guard square.isFinite else { return 0 }
        let whole = degreesOfFreedom + square
        return IncompleteBeta.regularized(
            degreesOfFreedom / whole,
            complement: square / whole,
            a: degreesOfFreedom / 2,
            b: 0.5
        )
    }

    /// The value t that |T| exceeds with probability `tail`; the degrees may be fractional.
    package static func twoSidedQuantile(tail: Double, degreesOfFreedom: Double) -> Double {
        precondition(tail > 0 && tail <= 1, "a tail must be a probability above 0")
        precondition(degreesOfFreedom > 0, "Student's t needs degrees of freedom")
        var lower = 0.0
        var upper = 1.0
        while upper < 1e150, twoSidedTail(upper, degreesOfFreedom: degreesOfFreedom) > tail {
            lower = upper
            upper *= 2
        }
        for _ in 0..<1_100 {
            let middle = lower + (upper - lower) / 2
            if middle <= lower || middle >= upper || upper - lower <= 1e-15 * upper { break }
            if twoSidedTail(middle, degreesOfFreedom: degreesOfFreedom) > tail {
                lower = middle
            } else {
                upper = middle
            }
        }
        return upper
    }
}
