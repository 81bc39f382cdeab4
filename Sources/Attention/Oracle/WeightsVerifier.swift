#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What was found of attention weights that were compared with the float64 reference.
package struct WeightsReport: Hashable, Sendable {
    package var status: VerificationStatus = .unchecked
    package var rowsChecked = 0
    package var rowsTotal = 0
    /// The largest |weight − reference| / reference of a visible key.
    ///
    /// Relative, because a weight can be a millionth and still be wrong; a weight below 2⁻¹⁰⁰ only
    /// has to be as good as nothing.
    package var maxRelativeError = 0.0
    /// 2 · the relative error of plain f32 on the same rows + 2⁻²³ · (√D + max(4, max|score|)), and
    /// what that is in exponents where these are large: (1 + error)² · exp(2⁻²³ · …) − 1.
    ///
    /// Here a score has what its key's distance beyond the nearest takes off: the kernels round it in
    /// units of log₂e, where plain f32 may have slopes that are powers of two. √D is how the roundings
    /// of a product of D numbers add up; on a few rows the plain one may be lucky.
    package var boundRelative = 0.0
    /// Wrong weights that the bound would let pass, too, which make it prove nothing.
    package var passingSubstitutes: [PassingSubstitute] = []
    /// Sentences that explain the status; empty when all is well.
    package var reasons: [String] = []
}

/// The judge of attention weights: row after row against the float64 reference, within a bound.
@unsafe
package struct WeightsVerifier {
    private let problem: AttentionProblem
    private let rows: [Int]
    private var reference: DoubleReference
    private var eager: EagerReference
    private var next = 0
    private var error = 0.0
    private var eagerError = 0.0
    private var largestScore = 0.0
    private var weightCount = 0
    private var nonFinite = 0
    private var wrong: (count: Int, first: String)?
    private var substitutes = SubstituteCensus()
    /// The reference's weights of the row before, `[S]`; empty before the first row.
    private var before: [Double] = []

    /// Below it, a weight adds nothing that an f32 sum with a larger one could hold.
    private static let negligible = 0x1p-100

    /// Chooses the rows to check as `Verifier` does; `inputs` is memory that outlives this value.
    package init(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        mode: VerificationMode,
        seed: UInt64,
        queryBlock: Int
    ) {
        unsafe self.problem = problem
        unsafe rows = CheckedRows.choose(
            problem.shape,
            mode: mode,
            seed: seed,
            queryBlock: queryBlock
        )
        unsafe reference = unsafe DoubleReference(problem, inputs)
        unsafe eager = unsafe EagerReference(problem, inputs)
    }

    /// Whether this row is the next to be checked; rows come in their order.
    package func wants(slice: Int, row: Int) -> Bool {
        unsafe next < rows.count && rows[next] == slice * problem.shape.queryLength + row
    }

    /// Looks at one row, if it is one to be checked.
    ///
    /// `weights[i]` is the weight of key `keys[i]`, or of key i where no keys are given: then those
    /// of hidden keys have to be zeros.
    package mutating func take(
        slice: Int,
        row: Int,
        keys: UnsafeBufferPointer<Int32>?,
        weights: UnsafeBufferPointer<Float>
    ) {
        guard unsafe wants(slice: slice, row: row) else { return }
        unsafe next += 1
        unsafe reference.compute(slice: slice, row: row)
        unsafe eager.compute(slice: slice, row: row)
        unsafe largestScore = unsafe max(
            largestScore,
            reference.scoreSize.largest + largestDistanceCost(slice: slice, row: row)
        )
        unsafe trySubstitutes()
        let attended = unsafe reference.attendedKeys
        if let keys = unsafe keys {
            guard keys.count == weights.count,
                unsafe keys.lazy.map(Int.init).elementsEqual(attended)
            else {
                unsafe note("the keys of \(place(slice, row)) are not those it sees")
                return
            }
            for (index, key) in attended.enumerated() {
                unsafe compare(weights[index], slice, row, key)
            }
            return
        }
        var expected = attended.makeIterator()
        var visible = expected.next()
        for key in 0..<(unsafe problem.shape.keyLength) {
            if key == visible {
                unsafe compare(weights[key], slice, row, key)
                visible = expected.next()
            } else if unsafe weights[key] != 0 {
                unsafe note("the hidden key \(key) of \(place(slice, row)) has a weight")
            }
        }
    }

    /// Tries wrong weights in the row at hand.
    private mutating func trySubstitutes() {
        let (keys, exact) = unsafe (reference.attendedKeys, reference.weights)
        let other = unsafe before
        guard !keys.isEmpty, keys.allSatisfy({ exact[$0].isFinite }) else {
            unsafe before = []
            return
        }
        unsafe before = exact
        func largestError(_ weight: (_ key: Int) -> Double) -> Double {
            keys.reduce(0) { unsafe max($0, Self.error(weight($1), exact: exact[$1])) }
        }
        let plainError = largestError { unsafe Double(eager.weights[$0]) }
        var errors: [(Substitute, Double)] = [
            (.zeros, largestError { _ in 0 }),
            (.mean, largestError { _ in 1 / Double(keys.count) }),
        ]
        if !other.isEmpty { errors.append((.otherRow, largestError { other[$0] })) }
        for (substitute, error) in errors {
            unsafe substitutes.add(substitute, error: error, plainError: plainError, size: 1)
        }
    }

    /// The relative error of a weight; infinite where it should be nothing and is not.
    private static func error(_ weight: Double, exact: Double) -> Double {
        guard unsafe exact < negligible else { return (weight - exact).magnitude / exact }
        return unsafe weight <= 2 * negligible ? 0 : .infinity
    }

    private mutating func compare(_ weight: Float, _ slice: Int, _ row: Int, _ key: Int) {
        let exact = unsafe reference.weights[key]
        unsafe weightCount += 1
        guard weight.isFinite, exact.isFinite else {
            if weight.isFinite == exact.isFinite {
                unsafe nonFinite += 1
            } else {
                unsafe note(
                    "the weight of key \(key) of \(place(slice, row)) is \(weight) and that of the "
                        + "reference \(exact)"
                )
            }
            return
        }
        guard unsafe exact >= Self.negligible else {
            if unsafe Double(weight.magnitude) > 2 * Self.negligible {
                unsafe note("the weight of key \(key) of \(place(slice, row)) should be nothing")
            }
            return
        }
        unsafe error = unsafe max(error, (Double(weight) - exact).magnitude / exact)
        let plain = unsafe Double(eager.weights[key])
        if plain.isFinite {
            unsafe eagerError = unsafe max(eagerError, (plain - exact).magnitude / exact)
        }
    }

    /// What the distance of the farthest key that the row sees takes off its score, the nearest
    /// one's left out.
    private func largestDistanceCost(slice: Int, row: Int) -> Double {
        let (problem, attended) = unsafe (problem, reference.attendedKeys)
        guard !problem.alibi.isEmpty, let first = attended.first, let last = attended.last else {
            return 0
        }
        let position = problem.position(ofRow: row)
        let slope = Double(problem.alibi[slice % problem.shape.heads]).magnitude
        let farthest = max(abs(position - first), abs(position - last))
        let nearest = attended.lazy.map { abs(position - $0) }.min() ?? 0
        return slope * Double(farthest - nearest)
    }

    private mutating func note(_ sentence: String) {
        unsafe wrong = unsafe ((wrong?.count ?? 0) + 1, wrong?.first ?? sentence)
    }

    private func place(_ slice: Int, _ row: Int) -> String { "slice \(slice), row \(row)" }

    /// The judgement, once all rows have come.
    package func report() -> WeightsReport {
        var report = WeightsReport()
        report.rowsChecked = unsafe next
        report.rowsTotal = unsafe problem.shape.sliceCount * problem.shape.queryLength
        guard unsafe !rows.isEmpty else {
            report.reasons = ["no check was asked for"]
            return report
        }
        unsafe precondition(next == rows.count, "every row is shown to the verifier")
        report.maxRelativeError = unsafe error
        let roundings = unsafe Double(problem.shape.headDimension).squareRoot()
        let exponent =
            unsafe 2 * log1p(eagerError)
            + 0x1p-23 * (roundings + max(4, largestScore))
        // Of scores near the end of f32, it would be infinite, which no report can hold.
        report.boundRelative = min(expm1(exponent), .greatestFiniteMagnitude)
        if let wrong = unsafe wrong {
            let more = wrong.count == 1 ? "" : ", and \(wrong.count - 1) more like it"
            report.reasons.append("weights: \(wrong.first)\(more)")
        }
        if report.maxRelativeError > report.boundRelative {
            report.reasons.append(
                "weights: the largest relative error, \(threeDigits(report.maxRelativeError)), "
                    + "exceeds its bound of \(threeDigits(report.boundRelative))"
            )
        }
        report.passingSubstitutes = unsafe substitutes.passing(report.boundRelative)
        if !report.reasons.isEmpty {
            report.status = .disagrees
        } else if unsafe weightCount == 0 {
            report.reasons.append("weights: no checked row sees a key")
            report.status = .mistrusted
        } else if unsafe nonFinite > 0 {
            unsafe report.reasons.append(
                "weights: \(nonFinite) checked ones are not finite, as in the reference"
            )
            report.status = .mistrusted
        } else if !report.passingSubstitutes.isEmpty {
            report.reasons.append(
                "weights: the bound of \(threeDigits(report.boundRelative)) on the relative error lets "
                    + "wrong weights pass, too: \(report.passingSubstitutes.sentence)"
            )
            report.status = .mistrusted
        } else {
            report.status = .agrees
        }
        return report
    }
}
