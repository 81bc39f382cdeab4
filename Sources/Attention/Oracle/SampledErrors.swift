import Work

/// The errors of checked elements beside those of a plain f32 program, and what they prove.
///
/// The bounds are those of `Verifier` for elements that are sums of products: twice the largest
/// error of the plain program and 1.5 times its RMS, and a unit in the last place of the largest
/// element, since on few elements the plain program may be lucky. A large score multiplies these units:
/// rounding moves it by units of its size, and its weight by as many. A chain of K terms is off by at
/// most K·2⁻²⁴ of the sum of their sizes (Higham, "Accuracy and stability of numerical algorithms",
/// 2002, section 3.1), and usually by √K·2⁻²⁴ (Higham and Mary, "A new approach to probabilistic
/// rounding error analysis", 2019). The plain program measures where between these the inputs are.
struct SampledErrors {
    private var norms = ErrorNorms()
    private var plainNorms = ErrorNorms()
    private var expected = ReferenceCensus()
    private var largest = 0.0
    private var largestScore = 0.0
    /// The first sampled row, and whether another one differs from it; see `noteRow`.
    private var firstRow: [Double]?
    private var rowCount = 0
    private var doRowsDiffer = false
    private var sumOfSquaredScores = 0.0
    private var scoreCount = 0

    /// Notes a whole row of the reference.
    ///
    /// Where all rows are alike, no error in what tells them apart can show.
    mutating func noteRow(_ row: [Double]) {
        rowCount += 1
        if firstRow == nil { firstRow = row }
        if row != firstRow { doRowsDiffer = true }
    }

    /// Notes the scores of a row of attention that sampled elements depend on.
    mutating func noteScores(of row: borrowing DoubleReference) {
        largestScore = max(largestScore, row.weighedScores.largest)
        sumOfSquaredScores += row.weighedScores.sumOfSquares
        scoreCount += row.weighedScores.count
    }

    mutating func add(_ output: Float, exact: Double, plain: Float, index: Int) {
        norms.add(output, reference: exact, index: index, leavesRange: !plain.isFinite)
        plainNorms.add(plain, reference: exact, index: index)
        expected.add(exact)
        if exact.isFinite { largest = max(largest, exact.magnitude) }
    }

    /// The judgement of a whole output; `index` says where one of its elements is.
    func judged(
        _ output: FloatCensus,
        rowsChecked: Int,
        rowsTotal: Int,
        place: (Int) -> ElementIndex
    ) -> VerificationReport {
        var report = VerificationReport()
        report.rowsChecked = rowsChecked
        report.rowsTotal = rowsTotal
        report.unwrittenElements = output.sentinels
        report.maxAbsoluteError = norms.maxAbsoluteError
        report.rmsError = norms.rmsError
        report.maxUnitsInLastPlace = norms.maxUnitsInLastPlace
        report.worstElement = norms.worstIndex.map(place)
        let rmsScore = (sumOfSquaredScores / Double(max(scoreCount, 1))).squareRoot()
        report.boundMaxAbsolute =
            2 * plainNorms.maxAbsoluteError + 0x1p-23 * largest * max(1, largestScore)
        report.boundRms = 1.5 * plainNorms.rmsError + 0x1p-24 * largest * max(1, rmsScore)
        report.containsNonFinite = output.nonFinite > 0
        let faults = faults(report, output)
        let doubts = doubts(report)
        report.reasons = faults + doubts
        report.status = !faults.isEmpty ? .disagrees : !doubts.isEmpty ? .mistrusted : .agrees
        return report
    }

    private func faults(_ report: VerificationReport, _ output: FloatCensus) -> [String] {
        let worst = report.worstElement.map { ", worst at \($0)" } ?? ""
        var faults: [String] = []
        if output.sentinels > 0 { faults.append("\(output.sentinels) elements were never written") }
        // They are no fault where NaN or infinity is right.
        if norms.nonFiniteDisagreements > 0 {
            let found = counted(
                norms.nonFiniteDisagreements,
                "checked element is",
                "checked elements are"
            )
            faults.append(
                "\(found) NaN or infinite where the reference is not, or the reverse\(worst)"
            )
        } else if output.nonFinite > output.sentinels,
            norms.nonFiniteAgreements + norms.beyondRange == 0
        {
            faults.append("\(output.nonFinite - output.sentinels) elements are NaN or infinite")
        }
        for (name, found, bound) in [
            ("largest", report.maxAbsoluteError, report.boundMaxAbsolute),
            ("RMS", report.rmsError, report.boundRms),
        ] where found > bound {
            faults.append(
                """
                the \(name) error, \(threeDigits(found)), exceeds its bound of \
                \(threeDigits(bound))\(worst)
                """
            )
        }
        return faults
    }

    private func doubts(_ report: VerificationReport) -> [String] {
        if norms.beyondRange > 0 { return [norms.rangeSentence(largestScore: largestScore)] }
        if norms.nonFiniteAgreements > 0 {
            return [
                counted(norms.nonFiniteAgreements, "checked element is", "checked elements are")
                    + " not finite, as in the reference"
            ]
        }
        if expected.count == 0 { return ["no element was compared with the float64 reference"] }
        // A hundredth of the largest element: a wrong answer is farther off than that.
        guard report.boundMaxAbsolute < 0.01 * largest else {
            return ["the error bound of \(threeDigits(report.boundMaxAbsolute)) lets zeros pass"]
        }
        if rowCount > 1, !doRowsDiffer {
            return ["every row of the float64 reference is the same, so attention does not show"]
        }
        return expected.isConstant && expected.count > 1
            ? ["every element of the float64 reference is the same"] : []
    }
}
