import Work

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The findings of a verification so far, and its judgement.
struct VerificationEvidence {
    var report = VerificationReport()
    /// Each fault makes the output wrong.
    private var faults: [String] = []
    /// Each doubt makes the check worthless.
    private var doubts: [String] = []
    /// Each remark keeps a right output from being EXACT.
    private var remarks: [String] = []

    mutating func take(_ comparison: BitwiseComparison, isSameMemory: Bool) {
        report.bitwiseEqual = comparison.isEqual
        report.mismatchedElements = comparison.mismatchedElements
        report.firstMismatch = comparison.firstMismatch
        if let first = comparison.firstMismatch {
            faults.append(
                """
                \(counted(comparison.mismatchedElements, "element differs", "elements differ")) in \
                bits from the single process, the first at \(first)
                """
            )
        }
        if isSameMemory {
            doubts.append("the output was compared with itself, not with that of a single process")
        }
    }

    /// `isConstant` says that every element may be the same whatever the values are.
    mutating func take(output: FloatCensus, _ inputs: inout InputCensus, isConstant: Bool) {
        let nonFinite = unsafe zip(InputCensus.tensors, inputs.nonFinite()).map { ("\($0)", $1) }
        take(output: output, nonFinite: nonFinite) {
            unsafe isConstant || inputs.areValuesConstant()
        }
    }

    /// `nonFinite` counts, by the names of the inputs, elements that can reach the output.
    mutating func take(
        output: FloatCensus,
        nonFinite: [(name: String, count: Int)],
        areValuesConstant: () -> Bool
    ) {
        report.unwrittenElements = output.sentinels
        if output.sentinels > 0 {
            faults.append(
                "\(counted(output.sentinels, "element was", "elements were")) never written"
            )
        }
        for (name, count) in nonFinite where count > 0 {
            let noun = count == 1 ? "element of \(name) is" : "elements of \(name) are"
            doubts.append("\(count) \(noun) NaN or infinite")
        }
        report.containsNonFinite = output.nonFinite > 0 || nonFinite.contains { $0.count > 0 }
        if output.isAllZero {
            doubts.append("every element of the output is zero")
        } else if output.isConstant, output.count > 1, !areValuesConstant() {
            doubts.append("every element of the output is the same, but the input values differ")
        }
    }

    mutating func take(_ reference: ReferenceCensus, _ areValuesConstant: () -> Bool) {
        if reference.count == 0 {
            doubts.append("no row was compared with the float64 reference")
        } else if reference.isAllZero {
            doubts.append("the float64 reference of every checked row is zero")
        } else if reference.isConstant, reference.count > 1, !areValuesConstant() {
            doubts.append(
                "every element of the float64 reference is the same, but the input values differ"
            )
        }
    }

    mutating func take(
        _ norms: ErrorNorms,
        eager: ErrorNorms,
        _ magnitudes: RowMagnitudes,
        _ substitutes: SubstituteCensus,
        _ shape: AttentionShape
    ) {
        let unit = 0x1p-23
        report.maxAbsoluteError = norms.maxAbsoluteError
        report.rmsError = norms.rmsError
        report.maxUnitsInLastPlace = norms.maxUnitsInLastPlace
        report.worstElement = norms.worstIndex.map { ElementIndex(flatIndex: $0, shape: shape) }
        report.boundMaxAbsolute =
            2 * eager.maxAbsoluteError + unit * magnitudes.largestValue
            * max(4, magnitudes.largestScore) + magnitudes.largestDrift
        report.boundRms =
            1.5 * eager.rmsError + unit * magnitudes.rmsValue * max(1, magnitudes.rmsScore)
            + magnitudes.rmsDrift
        report.passingSubstitutes = substitutes.passing(report.boundMaxAbsolute)
        // The floor avoids a division by zero when every attended value is zero.
        let scale = max(unit * magnitudes.largestValue, Double(Float.leastNonzeroMagnitude))
        report.scaledResidual = norms.maxAbsoluteError / scale
        let place = report.worstElement.map { ", worst at \($0)" } ?? ""
        if norms.nonFiniteDisagreements > 0 {
            faults.append(
                """
                \(counted(norms.nonFiniteDisagreements, "element is", "elements are")) NaN or \
                infinite where the float64 reference is not, or the reverse\(place)
                """
            )
        }
        if norms.maxAbsoluteError > report.boundMaxAbsolute {
            faults.append(
                """
                the largest error, \(threeDigits(norms.maxAbsoluteError)), exceeds its bound of \
                \(threeDigits(report.boundMaxAbsolute))\(place)
                """
            )
        }
        if norms.rmsError > report.boundRms {
            faults.append(
                """
                the RMS error, \(threeDigits(norms.rmsError)), exceeds its bound of \
                \(threeDigits(report.boundRms))\(place)
                """
            )
        }
        if norms.beyondRange > 0 {
            doubts.append(norms.rangeSentence(largestScore: magnitudes.largestScore))
        }
        if norms.nonFiniteAgreements > 0 {
            doubts.append(
                counted(norms.nonFiniteAgreements, "checked element is", "checked elements are")
                    + " not finite, as in the reference"
            )
        }
    }

    /// Takes what the relative errors of weights have shown.
    mutating func take(_ weights: WeightsReport) {
        switch weights.status {
        case .disagrees: faults += weights.reasons
        case .mistrusted: doubts += weights.reasons
        case .exact, .agrees, .unchecked: break
        }
    }

    /// Takes what the check of training has shown.
    mutating func take(training: (faults: [String], doubts: [String])) {
        faults += training.faults
        doubts += training.doubts
    }

    mutating func take(inexact: Int, first: ElementIndex?, unansweredRows: Int) {
        report.inexactElements = inexact
        if let first {
            let found = counted(inexact, "element is", "elements are")
            faults.append("\(found) not the exact answer, the first at \(first)")
        }
        if unansweredRows > 0 {
            remarks.append(
                counted(
                    unansweredRows,
                    "checked row sees no key and has no exact answer",
                    "checked rows see no key and have no exact answer"
                )
            )
        }
    }

    /// The judgement of another check of the same output, with what was found so far.
    func joined(to other: VerificationReport) -> VerificationReport {
        var joined = other
        joined.bitwiseEqual = report.bitwiseEqual
        joined.mismatchedElements = report.mismatchedElements
        joined.firstMismatch = report.firstMismatch
        joined.reasons = faults + other.reasons + doubts + remarks
        if !faults.isEmpty {
            joined.status = .disagrees
        } else if !doubts.isEmpty, joined.status.isGood {
            joined.status = .mistrusted
        }
        return joined
    }

    func judged(hasExactAnswer: Bool) -> VerificationReport {
        var judged = report
        var doubts = doubts
        if hasExactAnswer, remarks.isEmpty {
            // The bound against float64 does not matter then: no element may differ at all.
            judged.boundMaxAbsolute = 0
            judged.boundRms = 0
            judged.passingSubstitutes = []
        } else if !report.passingSubstitutes.isEmpty {
            doubts.append(
                """
                the error bound of \(threeDigits(report.boundMaxAbsolute)) lets wrong answers \
                pass: \(report.passingSubstitutes.sentence)
                """
            )
        }
        judged.reasons = faults + doubts + remarks
        if !faults.isEmpty {
            judged.status = .disagrees
        } else if !doubts.isEmpty {
            judged.status = .mistrusted
        } else if hasExactAnswer, remarks.isEmpty {
            judged.status = .exact
        } else {
            judged.status = .agrees
        }
        return judged
    }
}

/// What could make a comparison with the reference worthless.
struct ReferenceCensus {
    private(set) var count = 0
    private var zeros = 0
    private var sameAsFirst = 0
    private var first = 0.0

    mutating func add(_ value: Double) {
        if count == 0 { first = value }
        count += 1
        if value == 0 { zeros += 1 }
        if value == first { sameAsFirst += 1 }
    }

    var isAllZero: Bool { zeros == count }
    var isConstant: Bool { sameAsFirst == count }
}

/// A number in readable form: three significant digits.
func threeDigits(_ value: Double) -> String {
    guard value > 0, value.isFinite else { return "\(value)" }
    let exponent = log10(value).rounded(.down)
    if exponent > 5 {
        // 9.996e8 becomes 10, not 1, of its power.
        let mantissa = (value / pow(10, exponent) * 100).rounded() / 100
        return mantissa < 10 ? "\(mantissa)e\(Int(exponent))" : "1.0e\(Int(exponent) + 1)"
    }
    let scale = pow(10, 2 - exponent)
    return scale.isFinite ? "\((value * scale).rounded() / scale)" : "\(value)"
}
