#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The result of comparing attention weights with the float64 reference.
package struct WeightsReport: Hashable, Sendable {
    package var status: VerificationStatus = .unchecked
    package var rowsChecked = 0
    package var rowsTotal = 0
    /// The largest |weight − reference| / reference of a visible key.
    ///
    /// The error is relative, because a weight can be a millionth and still be wrong. A weight
    /// below 2⁻¹⁰⁰ only has to be negligible.
    package var maxRelativeError = 0.0
    /// 2 · the relative error of plain f32 on the same rows + 2⁻²³ · (√D + max(4, max|score|)), and
    /// what that is in exponents where these are large: (1 + error)² · exp(2⁻²³ · …) − 1.
    ///
    /// Here |score| includes the distance cost beyond that of the nearest key. The kernels round
    /// this cost in units of log₂e, where plain f32 may have slopes that are powers of two. √D is
    /// how the roundings of a product of D numbers add up. On a few rows, the plain program may be
    /// lucky.
    package var boundRelative = 0.0
    /// Wrong weights that the bound would let pass; any of them makes the bound prove nothing.
    package var passingSubstitutes: [PassingSubstitute] = []
    /// Sentences that explain the status; empty when all is well.
    package var reasons: [String] = []
}

/// The check of attention weights, row by row against the float64 reference, within a bound.
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
    /// The reference's weights of the previous row, `[S]`; empty before the first row.
    private var before: [Double] = []

    /// A weight below this adds nothing to an f32 sum with a larger weight.
    private static let negligible = 0x1p-100

    /// Chooses the same rows as `Verifier`; `inputs` is memory that outlives this value.
    package init(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        mode: VerificationMode,
        seed: UInt64,
        queryBlock: Int
    ) {
        let rows = CheckedRows.choose(
            problem,
            mode: mode,
            seed: seed,
            queryBlock: queryBlock
        )
        unsafe self.init(problem, inputs, rows: rows)
    }

    /// With the flat rows (slice · L + row) to check, ascending.
    package init(_ problem: AttentionProblem, _ inputs: InputView, rows: [Int]) {
        self.problem = problem
        self.rows = rows
        unsafe reference = DoubleReference(problem, inputs)
        unsafe eager = EagerReference(problem, inputs)
    }

    /// Whether this row is the next one to check; rows come in ascending order.
    package func wants(slice: Int, row: Int) -> Bool {
        next < rows.count && rows[next] == slice * problem.shape.queryLength + row
    }

    /// Checks one row, if it is one of the chosen rows.
    ///
    /// `weights[i]` is the weight of key `keys[i]`. Without `keys`, it is the weight of key i, and
    /// the weights of hidden keys must be zero.
    package mutating func take(
        slice: Int,
        row: Int,
        keys: UnsafeBufferPointer<Int32>?,
        weights: UnsafeBufferPointer<Float>
    ) {
        guard wants(slice: slice, row: row) else { return }
        next += 1
        reference.compute(slice: slice, row: row)
        eager.compute(slice: slice, row: row)
        largestScore = max(
            largestScore,
            reference.largestScore + largestDistanceCost(slice: slice, row: row)
        )
        trySubstitutes()
        let attended = reference.attendedKeys
        if let keys = unsafe keys {
            guard keys.count == weights.count,
                unsafe keys.lazy.map(Int.init).elementsEqual(attended)
            else {
                note("the stored keys of \(place(slice, row)) differ from the keys that it sees")
                return
            }
            for (index, key) in attended.enumerated() {
                compare(unsafe weights[index], slice, row, key)
            }
            return
        }
        var expected = attended.makeIterator()
        var visible = expected.next()
        for key in 0..<problem.shape.keyLength {
            if key == visible {
                compare(unsafe weights[key], slice, row, key)
                visible = expected.next()
            } else if unsafe weights[key] != 0 {
                note("the hidden key \(key) of \(place(slice, row)) has a weight")
            }
        }
    }

    /// Tries wrong weights in the current row.
    private mutating func trySubstitutes() {
        let (keys, exact) = (reference.attendedKeys, reference.weights)
        let other = before
        guard !keys.isEmpty, keys.allSatisfy({ exact[$0].isFinite }) else {
            before = []
            return
        }
        before = exact
        func largestError(_ weight: (_ key: Int) -> Double) -> Double {
            keys.reduce(0) { max($0, Self.error(weight($1), exact: exact[$1])) }
        }
        let plainError = largestError { Double(eager.weights[$0]) }
        var errors: [(Substitute, Double)] = [
            (.zeros, largestError { _ in 0 }),
            (.mean, largestError { _ in 1 / Double(keys.count) }),
        ]
        if !other.isEmpty { errors.append((.otherRow, largestError { other[$0] })) }
        for (substitute, error) in errors {
            substitutes.add(substitute, error: error, plainError: plainError, size: 1)
        }
    }

    /// The relative error of a weight; infinite where the weight should be negligible but is not.
    private static func error(_ weight: Double, exact: Double) -> Double {
        guard exact < negligible else { return (weight - exact).magnitude / exact }
        return weight <= 2 * negligible ? 0 : .infinity
    }

    private mutating func compare(_ weight: Float, _ slice: Int, _ row: Int, _ key: Int) {
        let exact = reference.weights[key]
        weightCount += 1
        guard weight.isFinite, exact.isFinite else {
            if weight.isFinite == exact.isFinite {
                nonFinite += 1
            } else {
                note(
                    "the weight of key \(key) of \(place(slice, row)) is \(weight), but the "
                        + "reference is \(exact)"
                )
            }
            return
        }
        guard exact >= Self.negligible else {
            if Double(weight.magnitude) > 2 * Self.negligible {
                note("the weight of key \(key) of \(place(slice, row)) should be negligible")
            }
            return
        }
        error = max(error, (Double(weight) - exact).magnitude / exact)
        let plain = Double(eager.weights[key])
        if plain.isFinite {
            eagerError = max(eagerError, (plain - exact).magnitude / exact)
        }
    }

    /// How much the slope lowers the score of the farthest visible key relative to the nearest one.
    private func largestDistanceCost(slice: Int, row: Int) -> Double {
        let (problem, attended) = (problem, reference.attendedKeys)
        guard !problem.alibi.isEmpty, let first = attended.first, let last = attended.last else {
            return 0
        }
        let position = reference.position(slice: slice, row: row)
        let slope = Double(problem.alibi[slice % problem.shape.heads]).magnitude
        let farthest = max(abs(position - first), abs(position - last))
        let nearest = attended.lazy.map { abs(position - $0) }.min() ?? 0
        return slope * Double(farthest - nearest)
    }

    private mutating func note(_ sentence: String) {
        wrong = ((wrong?.count ?? 0) + 1, wrong?.first ?? sentence)
    }

    private func place(_ slice: Int, _ row: Int) -> String { "slice \(slice), row \(row)" }

    /// The judgement; call it after the last row.
    package func report() -> WeightsReport {
        var report = WeightsReport()
        report.rowsChecked = next
        report.rowsTotal = problem.shape.sliceCount * problem.shape.queryLength
        guard !rows.isEmpty else {
            report.reasons = ["no check was requested"]
            return report
        }
        precondition(next == rows.count, "every row must be shown to the verifier")
        report.maxRelativeError = error
        let roundings = Double(problem.shape.headDimension).squareRoot()
        let exponent =
            2 * log1p(eagerError)
            + 0x1p-23 * (roundings + max(4, largestScore))
        // Scores near the end of f32 would make it infinite, and a report cannot hold infinity.
        report.boundRelative = min(expm1(exponent), .greatestFiniteMagnitude)
        if let wrong {
            let more = wrong.count == 1 ? "" : ", and \(wrong.count - 1) more"
            report.reasons.append("weights: \(wrong.first)\(more)")
        }
        if report.maxRelativeError > report.boundRelative {
            report.reasons.append(
                "weights: the largest relative error, \(threeDigits(report.maxRelativeError)), "
                    + "exceeds its bound of \(threeDigits(report.boundRelative))"
            )
        }
        report.passingSubstitutes = substitutes.passing(report.boundRelative)
        if !report.reasons.isEmpty {
            report.status = .disagrees
        } else if weightCount == 0 {
            report.reasons.append("weights: no checked row sees a key")
            report.status = .mistrusted
        } else if nonFinite > 0 {
            report.reasons.append(
                "weights: \(nonFinite) checked weights are not finite, as in the reference"
            )
            report.status = .mistrusted
        } else if !report.passingSubstitutes.isEmpty {
            report.reasons.append(
                "weights: the relative error bound of \(threeDigits(report.boundRelative)) lets "
                    + "wrong weights pass: \(report.passingSubstitutes.sentence)"
            )
            report.status = .mistrusted
        } else {
            report.status = .agrees
        }
        return report
    }
}
